import { anchorTag, type CopyStep } from '../plan/index.ts';
import type { Digest } from '../reference/index.ts';
import { askSource, describeSilence, isGone, notAsked } from './ask-source.ts';
import { place } from './contents.ts';
import { CopyFailure, codeOf } from './failure.ts';
import type { Run } from './job.ts';
import { type Found, lookUp, lookUpOrigin, tagIn } from './look-up.ts';
import type { Origin } from './platforms.ts';
import { plainTag } from './tags.ts';

/** What is known of one step before anything is moved. */
export interface Resolution {
  readonly state: 'present' | 'missing';
  /** Present: in the backup. Missing: at the source. */
  readonly digest: Digest;
  /** Present: the tag that names it. Missing: the tag that was looked at. */
  readonly tag: string;
  /** Whether the source's own tag is there to be written. */
  readonly plain: 'free' | 'none';
  /** Everything is there but the plain tag: an earlier run was stopped just before. */
  readonly isAnchored: boolean;
  /** The digest that the backup must have in the end, where platforms were chosen and the lock names it. */
  readonly expected: Digest | null;
  /** The source was seen to answer without credentials. */
  readonly isPublic: boolean;
  readonly moved: Digest | null;
  readonly warnings: readonly string[];
}

/**
 * Asks as little as tells: the source by tag (not at all when it is pinned by digest, or locked and `updates` is
 * `ignore`) and the backup by the tag that is expected there. A plain tag is written after the anchor, so that one
 * request proves both. Throws when neither side can tell.
 */
export async function resolveStep(run: Run, step: CopyStep): Promise<Resolution> {
  const { source, backup, locked } = step;
  const { updates, platforms, includePrivate, signal } = run.options;
  const isFiltered = platforms !== 'all';
  const plain = plainTag(source);
  const lockedTag = locked === null ? null : tagIn(place(backup), locked.backup);
  const firstTag = lockedTag ?? plain ?? (source.digest === null ? 'latest' : anchorTag(null, source.digest));
  const asksSource = source.digest === null && (locked === null || updates !== 'ignore');
  const registry = run.options.registries.open(backup.registry, 'push');
  const look = (tag: string, by = isFiltered ? lookUpOrigin : lookUp): Promise<Found | null> =>
    by(registry, backup.repository, tag, signal);

  const [upstream, seen] = await Promise.all([asksSource ? askSource(run, step) : notAsked, look(firstTag)]);
  // The backup of these has a digest of its own, and only its annotations tell what it was made from.
  const isDerived = isFiltered || upstream.isSchema1;
  const first = seen !== null && upstream.isSchema1 ? await look(firstTag, lookUpOrigin) : seen;
  if (first !== null) run.contents.markInhabited(backup);
  const isMoved =
    locked !== null &&
    upstream.digest !== null &&
    upstream.digest !== locked.digest &&
    !(isDerived && (first === null || first.origin?.digest === upstream.digest));
  const moved = isMoved ? upstream.digest : null;
  const keepsLock = locked !== null && !(updates === 'propose' && moved !== null);
  const target = source.digest ?? (keepsLock ? locked.digest : upstream.digest);
  const shared = { moved, isPublic: !includePrivate && upstream.digest !== null, expected: null };

  const present = (digest: Digest, tag: string, warnings: readonly string[] = []): Resolution => {
    run.contents.addManifest(backup, digest);
    return { ...shared, state: 'present', digest, tag, plain: 'none', isAnchored: true, warnings };
  };
  const satisfies = (found: Found): boolean =>
    found.digest === target ||
    (isDerived && found.origin?.digest === target && isMadeFor(found.origin, platforms));

  if (first !== null && satisfies(first))
    return present(first.digest, firstTag, describeSilence(step, upstream));
  if (target === null) {
    if (first !== null && isGone(upstream))
      return present(first.digest, firstTag, describeSilence(step, upstream));
    throw upstream.problem;
  }
  if (upstream.problem !== null && codeOf(upstream.problem) !== 'not-found') throw upstream.problem;

  const plainState = firstTag === plain && first === null ? 'free' : 'none';
  const missing = {
    ...shared,
    state: 'missing',
    tag: firstTag,
    plain: plainState,
    isAnchored: false,
    warnings: [],
  } as const;
  if (isDerived) {
    const isLockedOnly = keepsLock && source.digest === null;
    const digest = isLockedOnly ? (upstream.digest ?? target) : target;
    return { ...missing, digest, expected: isLockedOnly ? locked.digest : null };
  }
  const anchor = anchorTag(plain, target);
  const anchored = anchor === firstTag ? first : await look(anchor);
  if (anchored === null) return { ...missing, digest: target };
  run.contents.markInhabited(backup);
  if (anchored.digest !== target) throw anchorConflict(step, anchor, anchored.digest);
  if (plainState !== 'free' || run.options.dryRun === true) return present(target, anchor);
  run.contents.addManifest(backup, target);
  return { ...missing, digest: target, isAnchored: true };
}

function isMadeFor(origin: Origin, platforms: 'all' | readonly string[]): boolean {
  return (
    origin.platforms === null ||
    (platforms !== 'all' && origin.platforms.join() === platforms.toSorted().join())
  );
}

export function anchorConflict(step: CopyStep, tag: string, digest: Digest): CopyFailure {
  return new CopyFailure(
    'conflict',
    `The tag ${place(step.backup)}:${tag} names ${digest}, which is not what ${step.canonical} is: ` +
      'something else wrote it; delete it, and run again.',
  );
}
