import type { CopyStep } from '../plan/index.ts';
import { returnPulls } from './claim-pulls.ts';
import { fetchManifest } from './copy-manifest.ts';
import { copyReferrers } from './copy-referrers.ts';
import { platformsIn } from './derive-image.ts';
import { describeFailure } from './failure.ts';
import { type Run, startJob, throwIfStopped } from './job.ts';
import { parseManifest } from './manifest-parts.ts';
import { presentOutcome } from './outcomes.ts';
import { readBlob } from './read-blob.ts';
import type { Resolution } from './resolution.ts';
import type { CopyOutcome } from './types.ts';

/** Whether an image that is there has to be looked into: it costs requests at the backup, which a no-op does not. */
export function needsLook(run: Run, step: CopyStep, resolution: Resolution): boolean {
  const { refresh, describe, referrers, dryRun } = run.options;
  const isDescribed = step.locked?.digest === resolution.digest;
  return (refresh === true && referrers && dryRun !== true) || (describe === true && !isDescribed);
}

/** Looks again for signatures, and for platforms. What goes wrong is a warning: the image stays good. */
export async function lookAgain(run: Run, step: CopyStep, resolution: Resolution): Promise<CopyOutcome> {
  const { refresh, referrers, dryRun } = run.options;
  const job = startJob(run, step);
  let platforms = step.locked?.digest === resolution.digest ? step.locked.platforms : [];
  try {
    const raw = await fetchManifest(job, resolution.digest);
    const parts = parseManifest(raw);
    platforms = await platformsIn(parts, (config) =>
      readBlob(job.backup, job.at.repository, config, run.options.signal),
    );
    if (refresh === true && referrers && dryRun !== true) {
      const brought = await copyReferrers(job, raw, parts, resolution.origin !== null);
      if (brought === 1) job.warnings.add('1 signature or attestation was brought.');
      else if (brought > 1) job.warnings.add(`${brought} signatures or attestations were brought.`);
    }
  } catch (error) {
    job.failed = false;
    throwIfStopped(job);
    job.warnings.add(`Could not look into ${step.canonical} again: ${describeFailure(error).message}`);
  } finally {
    returnPulls(job);
  }
  return presentOutcome(step, resolution, platforms, {
    problems: [...job.problems],
    warnings: [...job.warnings],
  });
}
