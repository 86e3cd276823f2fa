import type { CopyStep } from '../plan/index.ts';
import { fetchManifest } from './copy-manifest.ts';
import { copyReferrers } from './copy-referrers.ts';
import { describeFailure } from './failure.ts';
import { type Run, startJob, throwIfStopped } from './job.ts';
import { parseManifest } from './manifest-parts.ts';
import type { Resolution } from './resolve-step.ts';

/** Looks again for signatures of an image that is there already. Answers with what went wrong: the image stays good. */
export async function refreshReferrers(run: Run, step: CopyStep, resolution: Resolution): Promise<string[]> {
  if (!run.options.referrers) return [];
  const job = startJob(run, step);
  try {
    const raw = await fetchManifest(job, resolution.digest);
    await copyReferrers(job, raw, parseManifest(raw));
  } catch (error) {
    job.failed = false;
    throwIfStopped(job);
    job.warnings.add(`Could not look for signatures: ${describeFailure(error).message}`);
  }
  return [...job.warnings];
}
