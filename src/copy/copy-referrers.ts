import type { Digest } from '../reference/index.ts';
import type { Descriptor, RawManifest } from '../registry/index.ts';
import { place } from './contents.ts';
import { ensureManifest, ensureParts, fetchManifest, markComplete } from './copy-manifest.ts';
import { describeFailure } from './failure.ts';
import { type Job, throwIfStopped } from './job.ts';
import { lookUp } from './look-up.ts';
import { makeManifest, ociIndex } from './make-manifest.ts';
import { type ManifestParts, parseManifest } from './manifest-parts.ts';
import { referrersTag } from './tags.ts';

/** cosign's own tags, from before the referrers API (sigstore/cosign specs/SIGNATURE_SPEC.md § Discovery). */
const cosignSuffixes = ['sig', 'att', 'sbom'];
/** An image that is there is not looked into again by itself. */
const cure = 'holdfast copy --refresh looks again.';

/**
 * Brings along what speaks of the image and of each of its children: signatures, attestations, SBOMs. They come
 * before the image's tags, as an image with its tag is not looked at again. One that exists and fails is a problem;
 * where nobody may look it is a warning, as most images have none. Of an image that is ours (`isOurs`: made here, of
 * chosen platforms) nobody spoke at the source. Answers how many were brought.
 */
export async function copyReferrers(
  job: Job,
  raw: RawManifest,
  parts: ManifestParts,
  isOurs: boolean,
): Promise<number> {
  const { run, at, backup } = job;
  const children = parts.manifests.filter(isImage).map((child) => child.digest);
  const subjects = isOurs ? children : [raw.digest, ...children];
  const key = `${place(at)}@${raw.digest}`;
  if (run.referrersSeen.has(key)) return 0;
  run.referrersSeen.add(key);

  const { tags, bySubject } = await findReferrers(job, subjects);
  if (tags.length === 0 && bySubject.size === 0) return 0;

  // Some registries link a referrer to its subject only when that is there already.
  if (!run.contents.hasManifest(at, raw.digest)) {
    await backup.putManifest(at.repository, raw.digest, raw, run.options.signal);
    markComplete(job, raw, parts);
  }
  let brought = 0;
  const bring = async (what: string, work: () => Promise<void>): Promise<boolean> => {
    const before = job.written;
    const problem = await attempt(job, work);
    if (problem !== null) job.problems.add(`${what} exists, and was not copied: ${problem}. ${cure}`);
    else if (job.written > before) brought += 1;
    return problem === null;
  };
  for (const [subject, referrers] of bySubject) {
    const copied: Descriptor[] = [];
    for (const referrer of referrers) {
      const isCopied = await bring(`The signature or attestation ${referrer.digest}`, () =>
        ensureManifest(job, referrer, 1),
      );
      if (isCopied) copied.push(referrer);
    }
    await bring(`The list of the signatures and attestations of ${subject}`, () =>
      listInBackup(job, subject, copied),
    );
  }
  for (const tag of tags) await bring(`The signature ${tag}`, () => copyTag(job, tag));
  return brought;
}

interface Referrers {
  /** cosign's. */
  readonly tags: readonly string[];
  readonly bySubject: ReadonlyMap<Digest, readonly Descriptor[]>;
}

/** Where one question has no answer the others are asked all the same. */
async function findReferrers(job: Job, subjects: readonly Digest[]): Promise<Referrers> {
  const { repository } = job.step.source;
  const { signal } = job.run.options;
  const listed = await listSourceTags(job);
  const unknown: string[] = [];
  const ask = async (work: () => Promise<void>): Promise<void> => {
    const problem = await attempt(job, work);
    if (problem !== null) unknown.push(problem);
  };
  const wanted = subjects.flatMap((one) => cosignSuffixes.map((suffix) => `${referrersTag(one)}.${suffix}`));
  const tags = wanted.filter((tag) => listed?.has(tag) === true);
  for (const tag of listed === null ? wanted : [])
    await ask(async () => {
      if ((await job.source.headManifest(repository, tag, signal)) !== null) tags.push(tag);
    });
  const bySubject = new Map<Digest, readonly Descriptor[]>();
  await Promise.all(
    subjects.map((subject) =>
      ask(async () => {
        const referrers = await job.source.listReferrers(repository, subject, signal, listed);
        if (referrers.length > 0) bySubject.set(subject, referrers);
      }),
    ),
  );
  if (unknown[0] !== undefined)
    job.warnings.add(
      `Whether ${job.step.canonical} has signatures or attestations could not be found out: ${unknown[0]}. ${cure}`,
    );
  return { tags, bySubject };
}

/** BuildKit's attestations stand in the index beside the images; nobody signs them apart. */
function isImage(child: Descriptor): boolean {
  return child.annotations?.['vnd.docker.reference.type'] !== 'attestation-manifest';
}

/** One listing tells of every image of the repository; null where listing is refused. Never rejects. */
export function listSourceTags({ run, step, source }: Job): Promise<ReadonlySet<string> | null> {
  const { registry, repository } = step.source;
  const key = `${registry}/${repository}`;
  const known = run.sourceTags.get(key);
  if (known !== undefined) return known;
  const listing = source.listTags(repository, run.options.signal).then(
    (tags) => new Set(tags),
    () => null,
  );
  run.sourceTags.set(key, listing);
  return listing;
}

/** A registry without a referrers API lists them in an index under a tag, which its client keeps. */
async function listInBackup(job: Job, subject: Digest, referrers: readonly Descriptor[]): Promise<void> {
  const { at, backup, run } = job;
  const { signal } = run.options;
  const listed = await backup.listReferrers(at.repository, subject, signal);
  const known = new Set(listed.map((one): string => one.digest));
  const missing = referrers.filter((one) => !known.has(one.digest));
  if (missing.length === 0) return;
  const manifests = [...listed, ...missing].toSorted((a, b) => (a.digest < b.digest ? -1 : 1));
  const index = makeManifest({ schemaVersion: 2, mediaType: ociIndex, manifests });
  await backup.putManifest(at.repository, referrersTag(subject), index, signal);
}

/** cosign moves these tags when it adds a signature, so they follow upstream: unlike an image's, which never move. */
async function copyTag(job: Job, tag: string): Promise<void> {
  const { at, backup, source, step, run } = job;
  const { signal } = run.options;
  const head = await source.headManifest(step.source.repository, tag, signal);
  if (head === null) return;
  if ((await lookUp(backup, at.repository, tag, signal))?.digest === head.digest) return;
  const raw = await fetchManifest(job, head.digest);
  const parts = parseManifest(raw);
  await ensureParts(job, parts, 1);
  await backup.putManifest(at.repository, tag, raw, signal);
  job.written += 1;
  markComplete(job, raw, parts);
}

/** Why it failed, null when it did not: the image itself is worth having without. */
async function attempt(job: Job, work: () => Promise<void>): Promise<string | null> {
  throwIfStopped(job);
  try {
    await work();
    return null;
  } catch (error) {
    job.failed = false;
    throwIfStopped(job);
    return describeFailure(error).message.replace(/\.$/, '');
  }
}
