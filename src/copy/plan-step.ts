import { anchorTag, type CopyStep } from '../plan/index.ts';
import { fetchManifest } from './copy-manifest.ts';
import { type Run, startJob } from './job.ts';
import type { Resolution } from './resolve-step.ts';
import { selectPlatforms } from './select-platforms.ts';
import { plainTag } from './tags.ts';
import type { CopyOutcome } from './types.ts';

/** What a copy would make of the step. One GET at the source where platforms are chosen, as they change the digest. */
export async function planStep(run: Run, step: CopyStep, resolution: Resolution): Promise<CopyOutcome> {
  const { moved, warnings, plain } = resolution;
  let { digest } = resolution;
  if (run.options.platforms !== 'all') {
    const job = startJob(run, step);
    digest = (await selectPlatforms(job, await fetchManifest(job, digest), resolution)).digest;
  }
  const own = plainTag(step.source);
  const tag = plain === 'free' && own !== null ? own : anchorTag(own, digest);
  return { status: 'planned', step, digest, tag, moved, warnings };
}
