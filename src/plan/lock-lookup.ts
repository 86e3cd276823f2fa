import { type ImageReference, parseImageReference, type RepositoryPrefix } from '../reference/index.ts';
import type { LockEntry, LockFile } from './types.ts';

/** The name that an entry's backup or source stands for; both were checked when the lock was read. */
export function nameOf(text: string): ImageReference {
  const parsed = parseImageReference(text);
  if (!parsed.ok) throw new TypeError(parsed.problem);
  return parsed.value;
}

interface LockIndex {
  readonly bySource: ReadonlyMap<string, LockEntry>;
  /** By `registry/repository` of the backup. */
  readonly byPlace: ReadonlyMap<string, readonly LockEntry[]>;
}

/** A lock of 10,000 entries is asked 10,000 times and more; each is read through once. */
const indexes = new WeakMap<LockFile, LockIndex>();

function indexOf(lock: LockFile): LockIndex {
  const known = indexes.get(lock);
  if (known !== undefined) return known;
  const byPlace = new Map<string, LockEntry[]>();
  for (const entry of lock.entries) {
    // An entry's backup is canonical, and has a tag.
    const place = entry.backup.slice(0, entry.backup.lastIndexOf(':'));
    const there = byPlace.get(place);
    if (there === undefined) byPlace.set(place, [entry]);
    else there.push(entry);
  }
  const index = { byPlace, bySource: new Map(lock.entries.map((entry) => [entry.source, entry])) };
  indexes.set(lock, index);
  return index;
}

/** The entry of a canonical source. */
export function findLocked(lock: LockFile, canonical: string): LockEntry | null {
  return indexOf(lock).bySource.get(canonical) ?? null;
}

/** Entries whose copies are in that repository of the backup. */
export function findByRepository(lock: LockFile, backup: RepositoryPrefix): readonly LockEntry[] {
  return indexOf(lock).byPlace.get(`${backup.registry}/${backup.repository}`) ?? [];
}

/**
 * The entry that a reference to a backup stands for: by digest where it has one, else by tag. Of several sources with
 * one digest the one with the same tag is meant.
 */
export function findLockedBackup(lock: LockFile, reference: ImageReference): LockEntry | null {
  const tag = reference.tag ?? (reference.digest === null ? 'latest' : null);
  const there = findByRepository(lock, reference);
  const backupTag = (entry: LockEntry) => nameOf(entry.backup).tag;
  if (reference.digest === null) return there.find((entry) => backupTag(entry) === tag) ?? null;
  const same = there.filter((entry) => entry.digest === reference.digest);
  return (
    same.find((entry) => nameOf(entry.source).tag === tag) ??
    same.find((entry) => backupTag(entry) === tag) ??
    same[0] ??
    null
  );
}
