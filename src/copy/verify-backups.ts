import PQueue from 'p-queue';
import type { Digest, ImageName } from '../reference/index.ts';
import type { Descriptor, RawManifest, Registry } from '../registry/index.ts';
import { CopyFailure, codeOf, describeFailure } from './failure.ts';
import { findMisfit, type ManifestParts, parseManifest } from './manifest-parts.ts';
import type { Damage, VerifyOptions, VerifyOutcome } from './verify-types.ts';

const deepest = 8;

/** What all references of one call share: each part of a repository is looked at once. */
interface Verification {
  readonly options: VerifyOptions;
  readonly blobs: PQueue;
  readonly seen: Map<string, Promise<Damage | null>>;
  /** Of each registry: what a digest's bytes turned out to be. Where it is shared, they are stored once. */
  readonly read: Map<string, Promise<Damage | null>>;
}

interface Findings {
  readonly registry: Registry;
  readonly repository: string;
  manifests: number;
  blobs: number;
  bytes: number;
  readonly damages: Damage[];
}

/**
 * Looks at every manifest, config and layer of each backup: there, of the right size and, when `deep`, with the right
 * bytes. In the order of `references`; never throws for one of them. Foreign layers are
 * their publisher's unless they are copied.
 */
export async function verifyBackups(
  references: readonly ImageName[],
  options: VerifyOptions,
): Promise<VerifyOutcome[]> {
  const verification: Verification = {
    options,
    blobs: new PQueue({ concurrency: Math.max(4, options.concurrency * 2) }),
    seen: new Map(),
    read: new Map(),
  };
  let done = 0;
  const images = new PQueue({ concurrency: options.concurrency });
  return images.addAll(
    references.map((reference) => async () => {
      const outcome = await verifyOne(verification, reference);
      done += 1;
      options.onEvent?.({ kind: 'verified', outcome, done, total: references.length });
      return outcome;
    }),
  );
}

async function verifyOne(verification: Verification, reference: ImageName): Promise<VerifyOutcome> {
  const { registries, signal } = verification.options;
  try {
    signal?.throwIfAborted();
    const registry = registries.open(reference.registry, 'read');
    const findings = {
      registry,
      repository: reference.repository,
      manifests: 0,
      blobs: 0,
      bytes: 0,
      damages: [],
    };
    const name = reference.digest ?? reference.tag ?? 'latest';
    const digest = await verifyManifest(verification, findings, name, null, 0);
    return summarize(reference, digest, findings);
  } catch (error) {
    return { status: 'failed', reference, error: describeFailure(error, signal) };
  }
}

function summarize(
  reference: ImageName,
  digest: Digest | null,
  { damages, manifests, blobs, bytes }: Findings,
): VerifyOutcome {
  const unique = [...new Map(damages.map((one) => [one.digest, one])).values()];
  return {
    status: unique.length === 0 ? 'whole' : 'broken',
    reference,
    digest,
    manifests,
    blobs,
    bytes,
    damages: unique.toSorted((a, b) => (a.digest < b.digest ? -1 : 1)),
  };
}

/** Answers with the digest of what was read, null when there is nothing that can be read. */
async function verifyManifest(
  verification: Verification,
  findings: Findings,
  name: string,
  said: Descriptor | null,
  depth: number,
): Promise<Digest | null> {
  if (depth > deepest)
    throw new CopyFailure('invalid', `${findings.repository} has indexes nested too deep.`);
  const raw = await readManifest(verification, findings, name);
  if (raw === null) return null;
  findings.manifests += 1;
  const damaged = (message: string): void =>
    void findings.damages.push({ kind: 'invalid', part: 'manifest', digest: raw.digest, message });
  let parts: ManifestParts;
  try {
    parts = parseManifest(raw);
    const misfit = said === null ? null : findMisfit(raw, said);
    if (misfit !== null) damaged(misfit);
  } catch (error) {
    damaged(describeFailure(error).message);
    return raw.digest;
  }
  const expected =
    verification.options.foreignLayers === true ? [...parts.blobs, ...parts.foreign] : parts.blobs;
  const checks = expected.map((blob) => verifyBlob(verification, findings, blob, blob === parts.config));
  // Every check is awaited, so that none goes on when this image is done.
  const results = await Promise.allSettled(checks);
  for (const child of parts.manifests)
    await verifyManifest(verification, findings, child.digest, child, depth + 1);
  for (const result of results) if (result.status === 'rejected') throw result.reason;
  return raw.digest;
}

async function readManifest(
  { options }: Verification,
  { registry, repository, damages }: Findings,
  name: string,
): Promise<RawManifest | null> {
  const broken = (kind: Damage['kind'], message: string): null => {
    damages.push({ kind, part: 'manifest', digest: name, message });
    return null;
  };
  try {
    const raw = await registry.getManifest(repository, name, options.signal);
    return raw ?? broken('missing', `the manifest ${name} is not there`);
  } catch (error) {
    if (codeOf(error) === 'invalid') return broken('wrong-bytes', describeFailure(error).message);
    throw error;
  }
}

async function verifyBlob(
  verification: Verification,
  findings: Findings,
  blob: Descriptor,
  isConfig: boolean,
): Promise<void> {
  const { seen, blobs } = verification;
  findings.blobs += 1;
  findings.bytes += blob.size;
  const key = `${findings.registry.host}/${findings.repository}@${blob.digest} ${blob.size}`;
  const check =
    seen.get(key) ?? blobs.add(() => checkBlob(verification, findings, blob, isConfig ? 'config' : 'layer'));
  seen.set(key, check);
  const damage = await check;
  if (damage !== null) findings.damages.push(damage);
}

async function checkBlob(
  verification: Verification,
  findings: Findings,
  blob: Descriptor,
  part: 'config' | 'layer',
): Promise<Damage | null> {
  const { options, read } = verification;
  const { registry, repository } = findings;
  const { digest, size } = blob;
  options.signal?.throwIfAborted();
  const isThere = await registry.headBlob(repository, blob, options.signal);
  if (!isThere)
    return { kind: 'missing', part, digest, message: `the ${part} ${digest} of ${size} bytes is not there` };
  if (!options.deep) return null;
  const key = `${registry.host} ${digest} ${size}`;
  const reading = read.get(key) ?? readBack(options, findings, blob, part);
  read.set(key, reading);
  return reading;
}

async function readBack(
  options: VerifyOptions,
  { registry, repository }: Findings,
  blob: Descriptor,
  part: 'config' | 'layer',
): Promise<Damage | null> {
  const { digest } = blob;
  try {
    const stream = await registry.openBlob(repository, blob, options.signal, 'digest');
    for await (const _ of stream);
    return null;
  } catch (error) {
    const code = codeOf(error);
    if (code === 'not-found')
      return { kind: 'missing', part, digest, message: `the ${part} ${digest} is not there` };
    if (code !== 'invalid') throw error;
    return { kind: 'wrong-bytes', part, digest, message: describeFailure(error).message };
  }
}
