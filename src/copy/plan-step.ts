import { anchorTag, type CopyStep } from '../plan/index.ts';
import { fetchManifest } from './copy-manifest.ts';
import { deriveImage } from './derive-image.ts';
import { type Run, startJob } from './job.ts';
import { isSchema1 } from './manifest-parts.ts';
import { requirePublic } from './require-public.ts';
import type { Resolution } from './resolution.ts';
import { plainTag } from './tags.ts';
import type { CopyOutcome } from './types.ts';

/**
 * What a copy would make of the step. One HEAD at the source where it was not asked yet, and one GET there where
 * platforms are chosen, as they change the digest. Of schema 1 it tells the source's, as its conversion takes the layers.
 */
export async function planStep(run: Run, step: CopyStep, resolution: Resolution): Promise<CopyOutcome> {
  const { moved, warnings, plain } = resolution;
  let { digest } = resolution;
  await requirePublic(run, step, resolution);
  if (run.options.platforms !== 'all') {
    const job = startJob(run, step);
    const raw = await fetchManifest(job, digest);
    if (!isSchema1(raw.mediaType)) digest = (await deriveImage(job, raw, resolution)).digest;
  }
  const own = plainTag(step.source);
  const tag = plain === 'free' && own !== null ? own : anchorTag(own, digest);
  return { status: 'planned', step, digest, tag, moved, problems: [], warnings };
}
