import { type CopyOptions, type CopyOutcome, copyImages } from '../copy/index.ts';
import { HoldfastError } from '../error.ts';
import type { CopyStep, KnownCopy, ProvenCopy } from '../plan/index.ts';
import type { Digest } from '../reference/index.ts';
import { RegistryError } from '../registry/index.ts';
import type { Work } from './work.ts';

/**
 * Copies and proves; `describe` also learns the platforms of what is there but not locked yet. Throws `interrupted`
 * when the run was stopped (what is copied stays, nothing else changes), and `access` when nothing could be copied
 * because the backup itself cannot be reached.
 */
export async function copySteps(
  steps: readonly CopyStep[],
  work: Work,
  { dryRun = false, describe = false } = {},
): Promise<readonly CopyOutcome[]> {
  const { signal } = work;
  const outcomes = await copyImages(steps, { ...copyOptions(work), describe, dryRun });
  if (signal?.aborted !== true) {
    if (outcomes.length > 0 && outcomes.every(({ status }) => status === 'failed'))
      await demandBackup(steps, work);
    return outcomes;
  }
  const done = outcomes.filter(({ status }) => status === 'copied').length;
  throw new HoldfastError(
    'interrupted',
    `Stopped: ${done} of ${steps.length} images were copied and stay in the backup, no manifest was changed. ` +
      'Run again to go on.',
  );
}

/** Asked only after everything failed, so that a good run pays nothing for it. */
async function demandBackup(steps: readonly CopyStep[], { registries, signal }: Work): Promise<void> {
  const host = steps[0]?.backup.registry;
  if (host === undefined) return;
  try {
    await registries.open(host, 'push').ping(signal);
  } catch (error) {
    if (error instanceof RegistryError)
      throw new HoldfastError(
        'access',
        `The backup registry cannot be used. ${error.message.replace(/(?<![.?])$/, '.')}`,
        {
          cause: error,
        },
      );
    throw error;
  }
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
