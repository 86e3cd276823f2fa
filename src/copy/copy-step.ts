import { anchorTag, type CopyStep, type ProvenDigest } from '../plan/index.ts';
import type { RawManifest } from '../registry/index.ts';
import { claimPulls, returnPulls } from './claim-pulls.ts';
import { place } from './contents.ts';
import { ensureParts, fetchManifest, markComplete } from './copy-manifest.ts';
import { copyReferrers, listSourceTags } from './copy-referrers.ts';
import { deriveImage, platformsIn } from './derive-image.ts';
import { codeOf } from './failure.ts';
import { type Job, type Run, startJob, throwIfStopped } from './job.ts';
import { lookUp } from './look-up.ts';
import { parseManifest } from './manifest-parts.ts';
import { proveDigest } from './prove-digest.ts';
import { largestConfig, readBlob } from './read-blob.ts';
import { requirePublic } from './require-public.ts';
import type { Resolution } from './resolution.ts';
import { anchorConflict } from './resolve-step.ts';
import { plainTag } from './tags.ts';
import type { CopyOutcome } from './types.ts';

/**
 * Brings one image to the backup: all that it needs, its referrers, the anchor tag, the plain tag if that is free, and
 * then reads it back. Whatever fails before leaves no tag behind.
 */
export async function copyStep(run: Run, step: CopyStep, resolution: Resolution): Promise<CopyOutcome> {
  const job = startJob(run, step);
  throwIfStopped(job);
  await requirePublic(run, step, resolution);
  // Two tags of one image wait for each other: the second finds everything there.
  const root = await run.flights
    .alone(`image ${place(step.backup)}@${resolution.digest}`, () => copyRoot(job, resolution))
    .finally(() => returnPulls(job));
  const tag = await tagPlain(job, root.raw, root.anchor, resolution);
  const digest: ProvenDigest = await proveDigest(job, root.raw.digest, tag);
  const { bytes, copied, mounted, present } = job.tally;
  return {
    status: 'copied',
    step,
    digest,
    tag,
    platforms: root.platforms,
    origin: root.raw.digest === resolution.digest ? null : resolution.digest,
    bytes,
    blobs: { copied, mounted, present },
    moved: resolution.moved,
    problems: [...job.problems],
    warnings: [...resolution.warnings, ...job.warnings],
  };
}

interface Root {
  readonly raw: RawManifest;
  readonly anchor: string;
  readonly platforms: readonly string[];
}

async function copyRoot(job: Job, resolution: Resolution): Promise<Root> {
  const { run, at, backup, step } = job;
  const { options, contents } = run;
  await claimPulls(job, [resolution.digest], 'it needs');
  const original = await fetchManifest(job, resolution.digest);
  const raw = await deriveImage(job, original, resolution);
  const parts = parseManifest(raw);
  const config = parts.manifests.length === 0 ? parts.config : null;
  if (config !== null && config.size <= largestConfig) job.kept.set(config.digest, null);

  const isThere = contents.hasManifest(at, raw.digest);
  // Asked for now, so that the answer is there when the blobs are.
  if (options.referrers) void listSourceTags(job);
  if (!isThere) await ensureParts(job, parts, 0);
  const platforms = await platformsIn(
    parts,
    async (wanted) => job.kept.get(wanted.digest) ?? readBlob(backup, at.repository, wanted, options.signal),
  );
  if (options.referrers) await copyReferrers(job, raw, parts, raw !== original);
  throwIfStopped(job);

  const anchor = anchorTag(plainTag(step.source), raw.digest);
  if (!resolution.isAnchored) {
    const isKnownAbsent = raw === original && options.repair !== true;
    const found = isKnownAbsent ? null : await lookUp(backup, at.repository, anchor, options.signal);
    if (found === null) await putTag(job, anchor, raw);
    else if (found.digest !== raw.digest) throw anchorConflict(step, anchor, found.digest);
  }
  markComplete(job, raw, parts);
  return { raw, anchor, platforms };
}

/** The source's own tag, when it is free at this moment. Answers the tag that names the image now. */
async function tagPlain(job: Job, raw: RawManifest, anchor: string, resolution: Resolution): Promise<string> {
  const plain = plainTag(job.step.source);
  if (resolution.isNamed) return resolution.tag;
  if (plain === null || resolution.plain !== 'free') return anchor;
  throwIfStopped(job);
  const found = await lookUp(job.backup, job.at.repository, plain, job.run.options.signal);
  if (found === null) await putTag(job, plain, raw);
  return found === null || found.digest === raw.digest ? plain : anchor;
}

/**
 * Another process may have been quicker, and the registry may refuse to write a tag twice (ECR 400, Harbor 412, Docker
 * Hub 403: docker/hub-feedback#2466): then what is there counts.
 */
async function putTag(job: Job, tag: string, raw: RawManifest): Promise<void> {
  const { signal } = job.run.options;
  try {
    await job.backup.putManifest(job.at.repository, tag, raw, signal);
  } catch (error) {
    if (codeOf(error) !== 'refused' && codeOf(error) !== 'denied') throw error;
    const found = await lookUp(job.backup, job.at.repository, tag, signal);
    if (found?.digest !== raw.digest) throw error;
  }
}
