import PQueue from 'p-queue';
import type { Digest } from '../reference/index.ts';
import type { Descriptor, RawManifest } from '../registry/index.ts';
import { claimPulls, countPull } from './claim-pulls.ts';
import { type ManifestFacts, place } from './contents.ts';
import { ensureBlob } from './copy-blob.ts';
import { CopyFailure } from './failure.ts';
import { allOf, type Job, throwIfStopped } from './job.ts';
import { lookUp } from './look-up.ts';
import { findMisfit, isSchema1, type ManifestParts, parseManifest } from './manifest-parts.ts';
import { noManifest } from './require-public.ts';

const deepest = 8;
const mostManifests = 2000;
const childrenAtATime = 4;

/** Makes sure that the manifest, and before it all that it names, is in the backup repository under its digest. */
export async function ensureManifest(job: Job, said: Descriptor, depth: number): Promise<void> {
  const { run, at, backup } = job;
  const { digest } = said;
  const isKnown = (): boolean => isAsSaid(run.contents.factsOf(at, digest), said);
  if (isKnown()) return;
  await run.flights.alone(`manifest ${place(at)}@${digest}`, async () => {
    throwIfStopped(job);
    if (isKnown()) return;
    // In a repository that is new nothing can be there.
    if (run.contents.isInhabited(at) && run.options.repair !== true) {
      const found = await lookUp(backup, at.repository, digest, run.options.signal);
      if (found?.digest === digest && isAsSaid(found, said))
        return run.contents.addManifest(at, digest, found);
    }
    const raw = await fetchManifest(job, digest);
    const misfit = findMisfit(raw, said);
    if (misfit !== null)
      throw new CopyFailure('invalid', `${job.step.canonical} is broken: ${misfit}; it was not copied.`);
    refuseSchema1(job, raw);
    const parts = parseManifest(raw);
    await ensureParts(job, parts, depth);
    throwIfStopped(job);
    await backup.putManifest(at.repository, digest, raw, run.options.signal);
    job.written += 1;
    markComplete(job, raw, parts);
  });
}

/** Whether what is there is what another manifest names. A doubt is cleared by its bytes. */
function isAsSaid(facts: ManifestFacts | null, said: Descriptor): boolean {
  return facts?.size === said.size && facts.mediaType === said.mediaType;
}

/** The bytes that have this digest: from the backup when they are there, as a pull at the source may be counted. */
export async function fetchManifest(job: Job, digest: Digest): Promise<RawManifest> {
  const { run, step } = job;
  job.manifests += 1;
  if (job.manifests > mostManifests)
    throw new CopyFailure('invalid', `${step.canonical} has more than ${mostManifests} manifests.`);
  const raw = run.contents.hasManifest(job.at, digest)
    ? await job.backup.getManifest(job.at.repository, digest, run.options.signal)
    : await pull(job, digest);
  if (raw === null) throw noManifest(step, digest);
  if (raw.digest !== digest)
    throw new CopyFailure('invalid', `${step.canonical}: asked for ${digest}, was given ${raw.digest}.`);
  return raw;
}

function pull(job: Job, digest: Digest): Promise<RawManifest | null> {
  const { source, step, run } = job;
  return countPull(job, () => source.getManifest(step.source.repository, digest, run.options.signal));
}

/** Registries answer a bare 500 to schema 1; it is refused here, with the cure. */
export function refuseSchema1(job: Job, raw: RawManifest): void {
  if (!isSchema1(raw.mediaType)) return;
  throw new CopyFailure(
    'unsupported',
    `${job.step.canonical} is an image of the old schema 1, which today's registries refuse: ` +
      'name it by tag and use --convert-schema1, or ask its publisher for a newer one.',
  );
}

/** Children before parents; the manifest itself is the caller's to put. */
export async function ensureParts(job: Job, parts: ManifestParts, depth: number): Promise<void> {
  if (depth > deepest)
    throw new CopyFailure('invalid', `${job.step.canonical} has indexes nested more than ${deepest} deep.`);
  const children = parts.manifests.map(({ digest }) => digest);
  await claimPulls(job, children, `its ${children.length} parts need`);
  const queue = new PQueue({ concurrency: childrenAtATime });
  await allOf(job, [
    ...parts.manifests.map((child) => () => queue.add(() => ensureManifest(job, child, depth + 1))),
    ...blobsToCopy(job, parts).map((blob) => () => ensureBlob(job, blob)),
  ]);
}

function blobsToCopy(job: Job, parts: ManifestParts): readonly Descriptor[] {
  if (parts.foreign.length === 0) return parts.blobs;
  if (job.run.options.foreignLayers) return [...parts.blobs, ...parts.foreign];
  for (const { digest } of parts.foreign)
    job.warnings.add(
      `The foreign layer ${digest} (of Windows, as a rule) was not copied: nodes fetch it from its publisher; ` +
        '--foreign-layers copies it, too; where the image is there, verify --repair --foreign-layers does.',
    );
  return parts.blobs;
}

/** To be called once the manifest was put: from now on its blobs can be mounted from here anywhere. */
export function markComplete(job: Job, raw: RawManifest, parts: ManifestParts): void {
  const { contents } = job.run;
  const { digest, mediaType, bytes } = raw;
  contents.addManifest(job.at, digest, { mediaType, size: bytes.length });
  for (const blob of blobsToCopy(job, parts)) contents.addBlob(job.at, blob, true);
}
