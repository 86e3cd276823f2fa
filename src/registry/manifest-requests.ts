import type { IncomingHttpHeaders } from 'node:http';
import type { Digest } from '../reference/index.ts';
import { isDigestRefusal } from './blob-upload.ts';
import { algorithmOf, digestOf, readDigest } from './digest-of.ts';
import type { Answer, Endpoint } from './endpoint.ts';
import { RegistryError } from './registry-error.ts';
import { PassingFailure } from './retry.ts';
import { isPassingStatus } from './retry-policy.ts';
import { readSchema1Payload } from './schema1-payload.ts';
import type { Scopes } from './scopes.ts';
import type { ManifestHead, RawManifest } from './types.ts';

/**
 * All forms of a manifest. Without it CNCF distribution answers a converted schema 1 manifest of another digest;
 * schema 1 itself comes last, so that what has no other form is seen for what it is.
 */
const accept = [
  'application/vnd.oci.image.index.v1+json',
  'application/vnd.docker.distribution.manifest.list.v2+json',
  'application/vnd.oci.image.manifest.v1+json',
  'application/vnd.docker.distribution.manifest.v2+json',
  'application/vnd.oci.artifact.manifest.v1+json',
  'application/vnd.docker.distribution.manifest.v1+prettyjws;q=0.2',
  'application/vnd.docker.distribution.manifest.v1+json;q=0.1',
].join(', ');

/** distribution-spec § Pushing Manifests: larger ones may be refused anywhere. */
const largestManifest = 4 * 1024 * 1024;

/** How often a registry's word is doubted that a manifest does not have its digest. */
const mostDigestRefusals = 3;

/** What manifests are asked by: where, and with which rights. */
export interface ManifestTarget {
  readonly endpoint: Endpoint;
  readonly repository: string;
  readonly scopes: Scopes;
  readonly signal: AbortSignal | undefined;
}

/**
 * Null when it is not there. A registry that does not name the digest is asked for the whole manifest; so is one
 * that forbids the HEAD alone where `retryDenied` says so (GitLab, Harbor: 403 for a project without images), and one
 * that refuses it with a rare status (451), whose words only the answer to a GET can have; a refused GET is no pull.
 */
export async function headManifest(
  target: ManifestTarget,
  name: string,
  retryDenied: boolean,
): Promise<ManifestHead | null> {
  const { endpoint, repository } = target;
  let answer: Answer;
  try {
    answer = await endpoint.send({
      ...toRequest(target, name),
      method: 'HEAD',
      accept: [200, 404],
      isBrief: true,
    });
  } catch (error) {
    if (!(error instanceof RegistryError) || !isWorthAskingWhole(error, retryDenied)) throw error;
    return toHead(await getManifest(target, name));
  }
  if (answer.status === 404) return null;
  const digest = readDigest(answer.headers['docker-content-digest']);
  const size = Number(answer.headers['content-length'] ?? Number.NaN);
  const mediaType = mediaTypeOf(answer.headers);
  if (digest === null || mediaType === null || !Number.isSafeInteger(size))
    return toHead(await getManifest(target, name));
  const wanted = readDigest(name);
  if (wanted !== null && wanted !== digest)
    throw endpoint.error('invalid', `it names ${digest} when asked for ${wanted}`, { repository });
  return { mediaType, digest, size };
}

function isWorthAskingWhole({ code, status }: RegistryError, retryDenied: boolean): boolean {
  if (code === 'refused') return status !== null && !isPassingStatus(status);
  return retryDenied && code === 'denied';
}

/**
 * Null when it is not there. The digest is computed from the bytes, and must be the one that was asked for: bytes that
 * were changed on their way get a second chance.
 */
export async function getManifest(target: ManifestTarget, name: string): Promise<RawManifest | null> {
  let isSecond = false;
  return target.endpoint.attempt(async () => {
    const answer = await target.endpoint.sendOnce({
      ...toRequest(target, name),
      method: 'GET',
      accept: [200, 404],
      read: largestManifest,
      isBrief: true,
    });
    if (answer.status === 404) return null;
    const manifest = readManifest(target, name, answer);
    if (!(manifest instanceof RegistryError)) return manifest;
    if (isSecond) throw manifest;
    isSecond = true;
    throw new PassingFailure(manifest);
  }, target.signal);
}

function readManifest(
  { endpoint, repository }: ManifestTarget,
  name: string,
  { headers, body }: Answer,
): RawManifest | RegistryError {
  const bytes = readSchema1Payload(mediaTypeOf(headers), body) ?? body;
  const named = readDigest(headers['docker-content-digest']);
  const wanted = readDigest(name) ?? named;
  const digest = digestOf(bytes, wanted === null ? 'sha256' : algorithmOf(wanted));
  if (wanted !== null && digest !== wanted)
    return endpoint.error('invalid', `the manifest ${wanted} came with the digest ${digest}`, { repository });
  const mediaType = mediaTypeOf(headers) ?? mediaTypeIn(bytes);
  if (mediaType === null)
    return endpoint.error('invalid', `the manifest ${name} has no media type of a manifest`, { repository });
  return { mediaType, digest, bytes };
}

export async function putManifest(
  target: ManifestTarget,
  name: string,
  manifest: RawManifest,
): Promise<void> {
  const { endpoint, repository } = target;
  const request = {
    ...toRequest(target, name),
    method: 'PUT',
    headers: { 'content-type': manifest.mediaType },
    body: manifest.bytes,
    accept: [200, 201, 202],
  } as const;
  let attempts = 0;
  let refusals = 0;
  const answer = await endpoint.attempt(async () => {
    attempts += 1;
    try {
      return await endpoint.sendOnce(request);
    } catch (failure) {
      if (isRefusedForm(failure))
        throw endpoint.error(
          'unsupported',
          manifest.bytes.includes('"urls"')
            ? 'it takes no image whose layers name addresses elsewhere, as foreign layers do, copied or not: allow them ' +
                'there (CNCF distribution: validation.manifests.urls.allow), or exclude the image'
            : 'it does not take this form of image, such as schema 1',
          { repository, status: 500 },
        );
      // Only the answer of an earlier attempt was lost, and tags may not be written twice (ECR, Harbor).
      const isRefused = attempts > 1 && failure instanceof RegistryError && failure.status !== null;
      if (isRefused && (await headManifest(target, name, false))?.digest === manifest.digest) return null;
      // We know the digest of what was sent. CNCF distribution says so where another process writes the same tag.
      if (failure instanceof RegistryError && isDigestRefusal(failure) && refusals < mostDigestRefusals) {
        refusals += 1;
        throw new PassingFailure(failure);
      }
      throw failure;
    }
  }, target.signal);
  if (answer === null) return;
  const stored: Digest | null = readDigest(answer.headers['docker-content-digest']);
  if (stored !== null && stored !== manifest.digest && algorithmOf(stored) === algorithmOf(manifest.digest))
    throw endpoint.error('invalid', `it stored the manifest ${manifest.digest} as ${stored}`, { repository });
}

/**
 * CNCF distribution 2.8 answers a bare 500 UNKNOWN to what it will never take: foreign layers' URLs that are not
 * allowed, and schema 1 that is not enabled. A failing disk has a detail beside it.
 */
function isRefusedForm(failure: unknown): boolean {
  if (!(failure instanceof PassingFailure)) return false;
  return failure.error.status === 500 && failure.error.detail === 'UNKNOWN: unknown error';
}

function toRequest({ repository, scopes, signal }: ManifestTarget, name: string) {
  return { target: `/v2/${repository}/manifests/${name}`, repository, scopes, headers: { accept }, signal };
}

function toHead(manifest: RawManifest | null): ManifestHead | null {
  if (manifest === null) return null;
  const { mediaType, digest, bytes } = manifest;
  return { mediaType, digest, size: bytes.length };
}

/** The Content-Type without parameters, when it is that of a manifest. */
function mediaTypeOf(headers: IncomingHttpHeaders): string | null {
  const type = (headers['content-type'] ?? '').split(';', 1)[0]?.trim() ?? '';
  return isManifestType(type) ? type : null;
}

/** What the manifest itself says, for registries that call everything application/json. */
function mediaTypeIn(bytes: Buffer): string | null {
  try {
    const value: unknown = JSON.parse(bytes.toString('utf8'));
    if (typeof value !== 'object' || value === null || !('mediaType' in value)) return null;
    return typeof value.mediaType === 'string' && isManifestType(value.mediaType) ? value.mediaType : null;
  } catch {
    return null;
  }
}

function isManifestType(type: string): boolean {
  return /^application\/vnd\.(oci|docker)\.[\w.+-]*(manifest|index)[\w.+-]*$/.test(type) && type.length < 128;
}
