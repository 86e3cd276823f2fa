import { type CopyOptions, type CopyOutcome, copyImages } from '../copy/index.ts';
import { HoldfastError } from '../error.ts';
import type { CopyStep, KnownCopy, ProvenCopy } from '../plan/index.ts';
import type { Digest } from '../reference/index.ts';
import type { Work } from './work.ts';

/**
 * Copies and proves; `describe` also learns the platforms of what is there but not locked yet. Throws `interrupted` when the run was stopped: what is copied stays, nothing else changes.
 */
export async function copySteps(
  steps: readonly CopyStep[],
  work: Work,
  { dryRun = false, describe = false } = {},
): Promise<readonly CopyOutcome[]> {
  const { signal } = work;
  const outcomes = await copyImages(steps, { ...copyOptions(work), describe, dryRun });
  if (signal?.aborted !== true) return outcomes;
  const done = outcomes.filter(({ status }) => status === 'copied').length;
  throw new HoldfastError(
    'interrupted',
    `Stopped: ${done} of ${steps.length} images were copied and stay in the backup, no manifest was changed. ` +
      'Run again to go on.',
  );
}

/** How this run copies, as its configuration says. */
export function copyOptions({ config, registries, refresh = false, onEvent, signal }: Work): CopyOptions {
  const { concurrency, platforms, updates, includePrivate, referrers, foreignLayers, convertSchema1 } =
    config;
  return {
    registries,
    concurrency,
    platforms,
    updates,
    includePrivate,
    referrers,
    refresh,
    foreignLayers,
    convertSchema1,
    ...(onEvent && { onEvent }),
    ...(signal && { signal }),
  };
}

/** The copies that a manifest may be pointed at. */
export function provenOf(outcomes: readonly CopyOutcome[]): readonly ProvenCopy[] {
  return outcomes.flatMap((outcome) =>
    outcome.status === 'copied' || outcome.status === 'present' ? [outcome] : [],
  );
}

/** The same, with what a dry run expects: good for a preview only. */
export function expectedOf(outcomes: readonly CopyOutcome[]): readonly KnownCopy<Digest>[] {
  return outcomes.flatMap((outcome): KnownCopy<Digest>[] =>
    outcome.status === 'planned' ? [{ ...outcome, platforms: [] }] : [...provenOf([outcome])],
  );
}
