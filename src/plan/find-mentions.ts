import {
  canonicalName,
  type Digest,
  familiarName,
  parseImageReference,
  type RepositoryPrefix,
} from '../reference/index.ts';
import { nameOf } from './lock-lookup.ts';
import type { RecordedCopy } from './recorded-copies.ts';
import type { BackupRepository } from './types.ts';

/** Recorded copies by all that a text may call them. */
export interface CopyIndex {
  readonly byDigest: ReadonlyMap<Digest | string, readonly RecordedCopy[]>;
  /** By repository with and without the path of the backup's prefix. */
  readonly byName: ReadonlyMap<string, readonly RecordedCopy[]>;
  /** By canonical source, in lock files that count. */
  readonly bySource: ReadonlyMap<string, readonly RecordedCopy[]>;
  /** By the same sources with their tag or digest, as people write them: `redis:7`, `docker.io/redis:7`. */
  readonly bySpelling: ReadonlyMap<string, readonly RecordedCopy[]>;
}

/** What one text names. */
export interface Mentions {
  readonly copies: ReadonlySet<RecordedCopy>;
  /** Digests that stand with the name of a repository of the backup, recorded or not. */
  readonly digests: readonly { readonly at: BackupRepository; readonly digest: string }[];
}

export function indexCopies(copies: readonly RecordedCopy[], backup: RepositoryPrefix): CopyIndex {
  const byDigest = new Map<string, RecordedCopy[]>();
  const byName = new Map<string, RecordedCopy[]>();
  const bySource = new Map<string, RecordedCopy[]>();
  const bySpelling = new Map<string, RecordedCopy[]>();
  const prefix = backup.repository === '' ? '' : `${backup.repository}/`;
  for (const copy of copies) {
    add(byDigest, copy.digest, copy);
    const { repository } = copy.at;
    add(byName, repository, copy);
    const below = repository.slice(prefix.length);
    // A name of one part is a word like any other.
    if (prefix !== '' && repository.startsWith(prefix) && below.includes('/')) add(byName, below, copy);
    for (const source of copy.liveSources) {
      add(bySource, source, copy);
      for (const spelling of spellingsOf(source)) add(bySpelling, spelling, copy);
    }
  }
  return { byDigest, byName, bySource, bySpelling };
}

function spellingsOf(source: string): ReadonlySet<string> {
  const name = nameOf(source);
  const familiar = familiarName(name);
  if (name.registry !== 'docker.io') return new Set([familiar]);
  const below = source.slice('docker.io/'.length);
  return new Set([source, familiar, below, `docker.io/${familiar}`, `index.docker.io/${below}`]);
}

const digests = /sha(?:256|512):[0-9a-f]{64,128}/g;
const names =
  /[a-z0-9][a-z0-9._-]*(?:\/[a-z0-9][a-z0-9._-]*)*(?::(\w[\w.-]{0,127})(?![\w.{$<%-]))?(@sha(?:256|512):[0-9a-f]{64,128})?/g;

/**
 * Names whose registry has a port or is an address in brackets, with tag or digest. Looked for beside `names` and not
 * in it: `redis:7/redis:8` in a comment is two of those. A host's length bounds the time.
 */
const portedNames =
  /(?:(?<![a-z0-9])[a-z0-9][a-z0-9.-]{0,252}:\d{1,5}|\[[a-f0-9:]{2,45}\](?::\d{1,5})?)(?:\/[a-z0-9][a-z0-9._-]*)+(?::\w[\w.-]{0,127}(?![\w.{$<%-]))?(?:@sha(?:256|512):[0-9a-f]{64,128})?/g;

const wholes = /[\w.-]@sha(?:256|512):[0-9a-f]{64,128}/g;

/** All digests in a text, of whatever they are. */
export function findDigests(text: string): readonly string[] {
  return text.match(digests) ?? [];
}

/**
 * The copies that a text names, in doubt too many: by digest wherever it stands, by `repository:tag` with its own tag
 * or an anchor, and by its source with tag or digest. Where a name stands apart (Helm values, kustomize) a digest may
 * stand apart with it; else the tag may be anywhere, in another file even, and every copy of that repository counts.
 */
export function findMentions({ byDigest, byName, bySpelling }: CopyIndex, text: string): Mentions {
  const found = new Set<RecordedCopy>();
  const named: { readonly at: BackupRepository; readonly digest: string }[] = [];
  const name = (copies: readonly RecordedCopy[], digest: string): void => {
    const at = copies[0]?.at;
    if (at !== undefined) named.push({ at, digest });
  };
  for (const digest of findDigests(text)) for (const copy of byDigest.get(digest) ?? []) found.add(copy);
  for (const [whole] of text.matchAll(portedNames))
    for (const copy of bySpelling.get(whole) ?? []) found.add(copy);
  const apart = new Map<readonly RecordedCopy[], number>();
  for (const [whole, tag, digest] of text.matchAll(names)) {
    if (tag !== undefined || digest !== undefined)
      for (const copy of bySpelling.get(whole) ?? []) found.add(copy);
    const copies = findRepository(
      byName,
      whole.slice(0, whole.length - (tag === undefined ? 0 : tag.length + 1) - (digest?.length ?? 0)),
    );
    if (copies === undefined) continue;
    if (digest !== undefined) name(copies, digest.slice(1));
    else if (tag === undefined) apart.set(copies, (apart.get(copies) ?? 0) + 1);
    else for (const copy of copies) if (isTagOf(tag, copy)) found.add(copy);
  }
  if (apart.size > 0) {
    // A digest that belongs to a whole reference says nothing of a name that stands alone.
    const alone = findDigests(text.replace(wholes, ''));
    for (const [copies, times] of apart) {
      for (const digest of alone) name(copies, digest);
      const pinned = alone.filter((digest) => copies.some((copy) => copy.digest === digest)).length;
      if (pinned < times) for (const copy of copies) found.add(copy);
    }
  }
  return { copies: found, digests: named };
}

/** No name of an image is longer. */
const longestName = 512;

/** Whatever stands before it: the registry, a template, or a mirror that serves it below a path of its own. */
function findRepository(byName: CopyIndex['byName'], written: string): readonly RecordedCopy[] | undefined {
  for (let name = written.slice(-longestName); ; name = name.slice(name.indexOf('/') + 1)) {
    const copies = byName.get(name);
    if (copies !== undefined || !name.includes('/')) return copies;
  }
}

/** Its own tag, or an anchor: `1.25-<12 hex>`, which names the digest whatever stands before. */
function isTagOf(tag: string, copy: RecordedCopy): boolean {
  const hex = copy.digest.slice(copy.digest.indexOf(':') + 1);
  return copy.tags.includes(tag) || tag.endsWith(`-${hex.slice(0, 12)}`);
}

/** The copies of an image that is named by its source: a manifest that was not rewritten still counts on them. */
export function findSourceMentions({ bySource }: CopyIndex, written: string): readonly RecordedCopy[] {
  const parsed = parseImageReference(written);
  return parsed.ok ? (bySource.get(canonicalName(parsed.value)) ?? []) : [];
}

function add(map: Map<string, RecordedCopy[]>, key: string, copy: RecordedCopy): void {
  const list = map.get(key);
  if (list === undefined) map.set(key, [copy]);
  else list.push(copy);
}
