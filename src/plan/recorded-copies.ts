import { type Digest, isUnder, type RepositoryPrefix } from '../reference/index.ts';
import { nameOf } from './lock-lookup.ts';
import { compareText } from './places.ts';
import type { BackupRepository, LockFile } from './types.ts';

/** One state of a lock file in the history of a repository. */
export interface LockVersion {
  readonly lock: LockFile;
  /** Seconds since 1970. */
  readonly committed: number;
  /** It is in force, or was within the days of history that count. */
  readonly isRecent: boolean;
}

/** One digest in one repository of the backup, and all that lock files ever said of it. */
export interface RecordedCopy {
  readonly at: BackupRepository;
  readonly digest: Digest;
  /** Sorted, as all lists here. */
  readonly tags: readonly string[];
  /** Canonical sources that it was a copy of. */
  readonly sources: readonly string[];
  /** Those of lock files that count. */
  readonly recentSources: readonly string[];
  /** When it was first committed; seconds since 1970. */
  readonly recordedAt: number;
}

/** Every copy below `backup` that some lock file records; by place and digest. */
export function listRecordedCopies(
  versions: readonly LockVersion[],
  backup: RepositoryPrefix,
): readonly RecordedCopy[] {
  const found = new Map<
    string,
    {
      readonly at: BackupRepository;
      readonly digest: Digest;
      readonly tags: Set<string>;
      readonly sources: Set<string>;
      readonly recent: Set<string>;
      recordedAt: number;
    }
  >();
  for (const { lock, committed, isRecent } of versions)
    for (const entry of lock.entries) {
      const { registry, repository, tag } = nameOf(entry.backup);
      const at = { registry, repository };
      if (!isUnder(at, backup)) continue;
      const key = `${registry}/${repository}@${entry.digest}`;
      const copy = found.get(key) ?? {
        at,
        digest: entry.digest,
        tags: new Set(),
        sources: new Set(),
        recent: new Set(),
        recordedAt: committed,
      };
      if (tag !== null) copy.tags.add(tag);
      copy.sources.add(entry.source);
      if (isRecent) copy.recent.add(entry.source);
      copy.recordedAt = Math.min(copy.recordedAt, committed);
      found.set(key, copy);
    }
  return [...found]
    .toSorted(([a], [b]) => compareText(a, b))
    .map(([, { at, digest, tags, sources, recent, recordedAt }]) => ({
      at,
      digest,
      recordedAt,
      tags: [...tags].toSorted(compareText),
      sources: [...sources].toSorted(compareText),
      recentSources: [...recent].toSorted(compareText),
    }));
}
