import { type Digest, isUnder, type RepositoryPrefix } from '../reference/index.ts';
import { nameOf } from './lock-lookup.ts';
import { compareText } from './places.ts';
import type { BackupRepository, LockFile } from './types.ts';

/** One state of a lock file in the history of a repository. */
export interface LockVersion {
  readonly lock: LockFile;
  /** The first and the last commit that has to do with it; seconds since 1970. */
  readonly committed: number;
  readonly lastCommitted: number;
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
  /**
   * Those that stand for this copy still: by a lock file that counts or, where none has the source any more, by the
   * last that had it. An entry that was taken out by hand leaves its source without any other copy.
   */
  readonly liveSources: readonly string[];
  /** When it was first committed; seconds since 1970. */
  readonly recordedAt: number;
}

interface Gathered {
  readonly at: BackupRepository;
  readonly digest: Digest;
  readonly tags: Set<string>;
  /** With the last commit that has to do with it. */
  readonly sources: Map<string, number>;
  readonly recent: Set<string>;
  recordedAt: number;
}

/** Every copy below `backup` that some lock file records; by place and digest. */
export function listRecordedCopies(
  versions: readonly LockVersion[],
  backup: RepositoryPrefix,
): readonly RecordedCopy[] {
  const found = new Map<string, Gathered>();
  const recent = new Set<string>();
  const last = new Map<string, number>();
  for (const { lock, committed, lastCommitted, isRecent } of versions)
    for (const { backup: name, digest, source } of lock.entries) {
      const { registry, repository, tag } = nameOf(name);
      const at = { registry, repository };
      if (!isUnder(at, backup)) continue;
      const key = `${registry}/${repository}@${digest}`;
      const none = { tags: new Set<string>(), sources: new Map(), recent: new Set<string>() };
      const copy = found.get(key) ?? { at, digest, ...none, recordedAt: committed };
      if (tag !== null) copy.tags.add(tag);
      copy.sources.set(source, Math.max(copy.sources.get(source) ?? 0, lastCommitted));
      last.set(source, Math.max(last.get(source) ?? 0, lastCommitted));
      if (isRecent) {
        copy.recent.add(source);
        recent.add(source);
      }
      copy.recordedAt = Math.min(copy.recordedAt, committed);
      found.set(key, copy);
    }
  const isLive = ({ recent: own }: Gathered, source: string, seen: number): boolean =>
    recent.has(source) ? own.has(source) : seen === last.get(source);
  return [...found]
    .toSorted(([a], [b]) => compareText(a, b))
    .map(([, copy]) => ({
      at: copy.at,
      digest: copy.digest,
      recordedAt: copy.recordedAt,
      tags: [...copy.tags].toSorted(compareText),
      sources: [...copy.sources.keys()].toSorted(compareText),
      liveSources: [...copy.sources]
        .flatMap(([source, seen]) => (isLive(copy, source, seen) ? [source] : []))
        .toSorted(compareText),
    }));
}
