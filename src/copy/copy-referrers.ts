import type { Digest } from '../reference/index.ts';
import type { Descriptor, RawManifest } from '../registry/index.ts';
import { place } from './contents.ts';
import { ensureManifest, ensureParts, fetchManifest, markComplete } from './copy-manifest.ts';
import { describeFailure } from './failure.ts';
import { type Job, throwIfStopped } from './job.ts';
import { lookUp } from './look-up.ts';
import { type ManifestParts, parseManifest } from './manifest-parts.ts';
import { digestOf } from './platforms.ts';
import { referrersTag } from './tags.ts';

const ociIndex = 'application/vnd.oci.image.index.v1+json';
/** cosign's own tags, from before the referrers API (sigstore/cosign specs/SIGNATURE_SPEC.md § Discovery). */
const cosignSuffixes = ['sig', 'att', 'sbom'];

/**
 * Brings along what speaks of the image and of each of its children: signatures, attestations, SBOMs. They come
 * before the image's tags, as an image with its tag is not looked at again. One that fails is a warning.
 */
export async function copyReferrers(job: Job, raw: RawManifest, parts: ManifestParts): Promise<void> {
  const { run, at, backup } = job;
  const subjects = [raw.digest, ...parts.manifests.filter(isImage).map((child) => child.digest)];
  const key = `${place(at)}@${raw.digest}`;
  if (run.referrersSeen.has(key)) return;
  run.referrersSeen.add(key);

  const listed = await listSourceTags(job);
  const tags = await cosignTags(job, subjects, listed);
  const bySubject = new Map<Digest, readonly Descriptor[]>();
  const found = await Promise.all(
    subjects.map((subject) =>
      attempt(job, `what refers to ${subject}`, () =>
        job.source.listReferrers(job.step.source.repository, subject, run.options.signal, listed),
      ),
    ),
  );
  for (const [index, subject] of subjects.entries()) {
    const referrers = found[index] ?? [];
    if (referrers.length > 0) bySubject.set(subject, referrers);
  }
  if (tags.length === 0 && bySubject.size === 0) return;

  // Some registries link a referrer to its subject only when that is there already.
  if (!run.contents.hasManifest(at, raw.digest)) {
    await backup.putManifest(at.repository, raw.digest, raw, run.options.signal);
    markComplete(job, raw, parts);
  }
  for (const [subject, referrers] of bySubject) {
    const copied: Descriptor[] = [];
    for (const referrer of referrers) {
      const done = await attempt(job, `the referrer ${referrer.digest}`, async () => {
        await ensureManifest(job, referrer, 1);
        return true;
      });
      if (done === true) copied.push(referrer);
    }
    await attempt(job, `the list of what refers to ${subject}`, () => listInBackup(job, subject, copied));
  }
  for (const tag of tags) await attempt(job, `the signature ${tag}`, () => copyTag(job, tag));
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

/** Those that are there; without a listing each tag is asked for. */
async function cosignTags(
  job: Job,
  subjects: readonly Digest[],
  listed: ReadonlySet<string> | null,
): Promise<string[]> {
  const { run, step, source } = job;
  const { signal } = run.options;
  const wanted = subjects.flatMap((one) => cosignSuffixes.map((suffix) => `${referrersTag(one)}.${suffix}`));
  if (listed !== null) return wanted.filter((tag) => listed.has(tag));
  const found: string[] = [];
  for (const tag of wanted) {
    const head = await attempt(job, `the signature ${tag}`, () =>
      source.headManifest(step.source.repository, tag, signal),
    );
    if (head !== null) found.push(tag);
  }
  return found;
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
  const bytes = Buffer.from(JSON.stringify({ schemaVersion: 2, mediaType: ociIndex, manifests }));
  const index: RawManifest = { mediaType: ociIndex, bytes, digest: digestOf(bytes) };
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
  markComplete(job, raw, parts);
}

/** Null, and a warning, when it fails: the image itself is worth having without. */
async function attempt<T>(job: Job, what: string, work: () => Promise<T>): Promise<T | null> {
  throwIfStopped(job);
  try {
    return await work();
  } catch (error) {
    job.failed = false;
    throwIfStopped(job);
    job.warnings.add(`Could not copy ${what}: ${describeFailure(error).message}`);
    return null;
  }
}
