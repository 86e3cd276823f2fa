import type { Readable } from 'node:stream';
import type { BlobTarget } from './blob-requests.ts';
import { readDigest } from './digest-of.ts';
import type { Answer } from './endpoint.ts';
import type { PieceLimit } from './piece-limit.ts';
import { readChunks } from './read-chunks.ts';
import { RegistryError } from './registry-error.ts';
import { PassingFailure } from './retry.ts';
import type { Descriptor } from './types.ts';

/** A started upload: where its bytes go, and the least that a chunk of it may have. */
export interface UploadSession {
  readonly location: URL;
  readonly leastChunk: number;
}

const binary = 'application/octet-stream';

export async function startUpload(target: BlobTarget): Promise<UploadSession> {
  const { endpoint, repository, scopes, signal } = target;
  const answer = await endpoint.send({
    method: 'POST',
    target: `/v2/${repository}/blobs/uploads/`,
    repository,
    scopes,
    body: Buffer.alloc(0),
    accept: [202],
    signal,
  });
  return toSession(target, answer);
}

/**
 * Null when it was mounted, a started upload when the registry wants the bytes, `refused` on any 4xx, and where it goes
 * on to fail: there is another way.
 */
export async function mountBlob(
  target: BlobTarget,
  blob: Descriptor,
  from: string,
): Promise<UploadSession | 'refused' | null> {
  const { endpoint, repository, scopes, signal } = target;
  const query = new URLSearchParams({ mount: blob.digest, from });
  try {
    const answer = await endpoint.send({
      method: 'POST',
      target: `/v2/${repository}/blobs/uploads/?${query.toString()}`,
      repository,
      scopes,
      body: Buffer.alloc(0),
      accept: [201, 202],
      isOptional: true,
      signal,
    });
    if (answer.status === 202) return toSession(target, answer);
    const mounted = readDigest(answer.headers['docker-content-digest']);
    return mounted === null || mounted === blob.digest ? null : 'refused';
  } catch (error) {
    const isAnswer = error instanceof RegistryError && error.status !== null;
    if (isAnswer && error.code !== 'rate-limited') return 'refused';
    throw error;
  }
}

/**
 * Uploads a blob: in one piece (POST, PUT), or in chunks (POST, PATCH…, PUT) once the registry, or a proxy before it,
 * refuses one piece for its size (413, 416), and in smaller ones when it refuses these. A cut upload is never resumed,
 * only started anew: CNCF distribution 2.8 cannot go on.
 */
export function putBlob(
  target: BlobTarget,
  blob: Descriptor,
  open: (signal: AbortSignal, wasWrong: boolean) => Promise<Readable>,
  started: UploadSession | null,
  pieces: PieceLimit,
): Promise<void> {
  const { endpoint, signal } = target;
  let session = started;
  let isLost = false;
  let isWrong = false;
  return endpoint.attempt(async () => {
    const current = session ?? (await startUpload(target));
    session = null;
    const stop = new AbortController();
    const either = signal === undefined ? stop.signal : AbortSignal.any([signal, stop.signal]);
    const source = await open(either, isWrong);
    source.on('error', () => {}); // told by whoever reads it
    const piece = Math.max(pieces.size, current.leastChunk);
    const isChunked = blob.size > piece;
    try {
      await (isChunked
        ? sendChunks(target, blob, source, current, piece)
        : sendWhole(target, blob, source, current));
    } catch (error) {
      if (!(error instanceof RegistryError)) throw error;
      // Bytes that were changed on their way are right the next time; wrong ones are wrong again.
      if (!isWrong && (error.code === 'invalid' || isDigestRefusal(error))) {
        isWrong = true;
        throw new PassingFailure(error);
      }
      if (error.registry !== endpoint.host) throw error;
      const isTooLarge = error.status === 413 || (error.status === 416 && !isChunked);
      if (isTooLarge && pieces.shrink(Math.min(piece, blob.size)))
        throw new PassingFailure(error, { free: 'smaller' });
      // The session was forgotten (restart, clean-up, another replica): one more, once.
      if (error.status === 404 && !isLost) {
        isLost = true;
        throw new PassingFailure(error);
      }
      throw error;
    } finally {
      source.destroy();
      stop.abort(new Error('the upload is over'));
    }
  }, signal);
}

/** distribution-spec § Error Codes: what was sent does not have the digest that was named. */
export function isDigestRefusal(error: RegistryError): boolean {
  return error.status === 400 && /DIGEST_INVALID/.test(error.detail ?? '');
}

/** Tells the registry that an upload will not go on. Its answer changes nothing. */
export async function cancelUpload(target: BlobTarget, { location }: UploadSession): Promise<void> {
  const { endpoint, repository, scopes, signal } = target;
  await endpoint
    .sendOnce({
      method: 'DELETE',
      target: location,
      repository,
      scopes,
      accept: [200, 202, 204, 404],
      signal,
    })
    .catch(() => {});
}

async function sendWhole(
  target: BlobTarget,
  blob: Descriptor,
  source: Readable,
  { location }: UploadSession,
): Promise<void> {
  const { endpoint, repository, scopes, signal } = target;
  const answer = await endpoint.sendOnce({
    method: 'PUT',
    target: withDigest(location, blob),
    repository,
    scopes,
    headers: { 'content-type': binary, 'content-length': blob.size },
    body: source,
    accept: [201, 204],
    signal,
  });
  checkStored(target, blob, answer);
}

async function sendChunks(
  target: BlobTarget,
  blob: Descriptor,
  source: Readable,
  { location, leastChunk }: UploadSession,
  piece: number,
): Promise<void> {
  const { endpoint, repository, scopes, signal } = target;
  let url = location;
  let offset = 0;
  let last: Buffer = Buffer.alloc(0);
  for await (const chunk of readChunks(source, piece)) {
    // Only the closing request may have fewer bytes than the registry's least.
    if (chunk.length < leastChunk) {
      last = chunk;
      break;
    }
    const answer = await endpoint.sendOnce({
      method: 'PATCH',
      target: url,
      repository,
      scopes,
      headers: { 'content-type': binary, 'content-range': rangeOf(offset, chunk) },
      body: chunk,
      accept: [202, 201, 204],
      signal,
    });
    // Our own offset counts: ECR's Range header goes stale after the first chunk (aws/containers-roadmap#2831).
    offset += chunk.length;
    url = endpoint.resolveLocation(answer, repository);
  }
  const answer = await endpoint.sendOnce({
    method: 'PUT',
    target: withDigest(url, blob),
    repository,
    scopes,
    headers: {
      'content-type': binary,
      ...(last.length === 0 ? {} : { 'content-range': rangeOf(offset, last) }),
    },
    body: last,
    accept: [201, 204],
    isClosing: true,
    signal,
  });
  checkStored(target, blob, answer);
}

function rangeOf(offset: number, chunk: Buffer): string {
  return `${offset}-${offset + chunk.length - 1}`;
}

function checkStored({ endpoint, repository }: BlobTarget, blob: Descriptor, answer: Answer): void {
  const stored = readDigest(answer.headers['docker-content-digest']);
  if (stored === null || stored === blob.digest) return;
  throw endpoint.error('invalid', `it stored the blob ${blob.digest} as ${stored}`, { repository });
}

function toSession({ endpoint, repository }: BlobTarget, answer: Answer): UploadSession {
  const least = Number(answer.headers['oci-chunk-min-length'] ?? 0);
  const isSane = Number.isSafeInteger(least) && least > 0 && least <= 64 * 1024 * 1024;
  return { location: endpoint.resolveLocation(answer, repository), leastChunk: isSane ? least : 0 };
}

/** The session's URL may have a query of its own, which must stay as it is. */
function withDigest(location: URL, { digest }: Descriptor): URL {
  const url = new URL(location);
  url.search += `${url.search === '' ? '' : '&'}digest=${encodeURIComponent(digest)}`;
  return url;
}
