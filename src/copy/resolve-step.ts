import { anchorTag, type CopyStep } from '../plan/index.ts';
import type { Digest } from '../reference/index.ts';
import { askSource, describeSilence, isGone, notAsked } from './ask-source.ts';
import { place } from './contents.ts';
import { CopyFailure, codeOf } from './failure.ts';
import type { Run } from './job.ts';
import { type Found, lookUp, lookUpOrigin, tagIn } from './look-up.ts';
import type { Origin } from './platforms.ts';
import { lacksChosen, requireChosen } from './require-chosen.ts';
import type { Resolution } from './resolution.ts';
import { plainTag } from './tags.ts';

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
  const look = (name: string): Promise<Found | null> => lookUp(registry, backup.repository, name, signal);

  const [upstream, seen] = await Promise.all([asksSource ? askSource(run, step) : notAsked, look(firstTag)]);
  // The backup of these may have a digest of its own: what it was made from is told by the lock file, or by its
  // annotations, which take a GET.
  const isRepaired = run.options.repair === true;
  const isDerived = isFiltered || upstream.isSchema1 || (isRepaired && locked?.origin !== undefined);
  const known = source.digest ?? (updates === 'ignore' ? locked?.digest : null) ?? upstream.digest;
  const isOpen = seen !== null && isDerived && seen.digest !== known;
  const first = isOpen
    ? (recall(step, seen) ?? (await lookUpOrigin(registry, backup.repository, firstTag, signal)))
    : seen;
  if (first !== null) run.contents.markInhabited(backup);
  const isMoved =
    locked !== null &&
    upstream.digest !== null &&
    upstream.digest !== locked.digest &&
    !(isDerived && (first === null || first.origin?.digest === upstream.digest));
  const moved = isMoved ? upstream.digest : null;
  const keepsLock =
    locked !== null &&
    !(
      updates === 'propose' &&
      upstream.digest !== null &&
      (moved !== null || (locked.origin !== undefined && lacksChosen(run, locked)))
    );
  const target = source.digest ?? (keepsLock ? locked.digest : upstream.digest);
  const origin = first?.origin?.digest ?? (locked?.digest === first?.digest ? locked?.origin : null) ?? null;
  const isPublic = !includePrivate && upstream.digest !== null;
  const shared = { moved, isPublic, isIndex: upstream.isIndex, expected: null, origin };

  const present = (digest: Digest, tag: string, warnings: readonly string[] = []): Resolution => {
    const rest = { ...shared, tag, isNamed: true, plain: 'none', warnings } as const;
    if (isRepaired) {
      const made = isDerived ? { digest: origin ?? digest, expected: digest } : { digest };
      return { ...rest, ...made, state: 'missing', isAnchored: false };
    }
    run.contents.addManifest(backup, digest);
    return { ...rest, state: 'present', digest, isAnchored: true };
  };
  const satisfies = (found: Found): boolean =>
    found.digest === target ||
    (isDerived && found.origin?.digest === target && isMadeFor(found.origin, platforms));

  if (first !== null && satisfies(first)) {
    await requireChosen(run, step, first);
    return present(first.digest, firstTag, describeSilence(step, upstream));
  }
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
    isNamed: false,
    plain: plainState,
    isAnchored: false,
    warnings: [],
  } as const;
  if (isDerived) {
    const isLockedOnly = keepsLock && source.digest === null;
    const digest = isLockedOnly ? (locked.origin ?? upstream.digest ?? target) : target;
    return { ...missing, digest, expected: isLockedOnly ? locked.digest : null };
  }
  const anchor = anchorTag(plain, target);
  const anchored = anchor === firstTag ? first : await look(anchor);
  if (anchored === null) return { ...missing, digest: target };
  run.contents.markInhabited(backup);
  if (anchored.digest !== target) throw anchorConflict(step, anchor, anchored.digest);
  const isComplete = plainState !== 'free' || run.options.dryRun === true || isRepaired;
  if (isComplete) return present(target, plainState === 'free' ? firstTag : anchor);
  run.contents.addManifest(backup, target);
  return { ...missing, digest: target, isAnchored: true };
}

/** What the lock file says of what the backup has; null when it says nothing of that. */
function recall({ locked }: CopyStep, seen: Found): Found | null {
  if (locked?.digest !== seen.digest || locked.origin === undefined) return null;
  return { ...seen, origin: { digest: locked.origin, platforms: locked.platforms } };
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
