import type { IncomingMessage } from 'node:http';
import type { Readable } from 'node:stream';
import type { Digest } from '../reference/index.ts';
import { BlobStream } from './blob-stream.ts';
import type { Clock } from './clock.ts';
import { readDigest } from './digest-of.ts';
import type { Answer, Endpoint } from './endpoint.ts';
import { RegistryError } from './registry-error.ts';
import { PassingFailure } from './retry.ts';
import { backOff } from './retry-policy.ts';
import type { Scopes } from './scopes.ts';
import type { BlobProof, Descriptor } from './types.ts';

/** What blobs are asked by: where, and with which rights. */
export interface BlobTarget {
  readonly endpoint: Endpoint;
  readonly repository: string;
  readonly scopes: Scopes;
  readonly signal: AbortSignal | undefined;
}

/** True when it is there with the right size. */
export async function headBlob(target: BlobTarget, blob: Descriptor): Promise<boolean> {
  const { endpoint, repository, scopes, signal } = target;
  const path = `/v2/${repository}/blobs/${blob.digest}`;
  // GitLab and Harbor forbid what they do not have; the upload shows what the credentials may do.
  const { status, headers } = await endpoint.send({
    method: 'HEAD',
    target: path,
    repository,
    scopes,
    accept: [200, 403, 404],
    isBrief: true,
    signal,
  });
  if (status !== 200) return false;
  const named = readDigest(headers['docker-content-digest']);
  const size = headers['content-length'];
  return (size === undefined || Number(size) === blob.size) && (named === null || named === blob.digest);
}

/** Null when it is not there, or the registry does not tell. */
export async function headBlobSize(target: BlobTarget, digest: Digest): Promise<number | null> {
  const { endpoint, repository, scopes, signal } = target;
  const path = `/v2/${repository}/blobs/${digest}`;
  const { status, headers } = await endpoint.send({
    method: 'HEAD',
    target: path,
    repository,
    scopes,
    accept: [200, 404],
    isBrief: true,
    signal,
  });
  const size = Number(headers['content-length'] ?? Number.NaN);
  return status === 200 && Number.isSafeInteger(size) ? size : null;
}

/**
 * The blob's bytes. `open` asks one of the registry's addresses for what follows an offset: the first that has it, so
 * that another one may continue what the first has begun.
 */
export async function openBlob(
  {
    repository,
    signal,
    registry,
    clock,
    idleTimeout,
  }: Omit<BlobTarget, 'endpoint' | 'scopes'> & {
    readonly registry: string;
    readonly clock: Clock;
    readonly idleTimeout: number;
  },
  blob: Descriptor,
  proof: BlobProof,
  open: (offset: number, signal: AbortSignal | undefined) => Promise<IncomingMessage>,
): Promise<Readable> {
  const first = await open(0, signal);
  const stream = new BlobStream(
    {
      registry,
      repository,
      blob,
      proof,
      idleTimeout,
      open: (offset, stop) => open(offset, signal === undefined ? stop : AbortSignal.any([signal, stop])),
      pause: (cuts, stop) => clock.sleep(backOff(cuts, clock), stop),
    },
    first,
  );
  if (signal !== undefined) {
    const abort = (): void => {
      stream.destroy(new RegistryError('interrupted', 'the run was stopped', { registry, repository }));
    };
    if (signal.aborted) abort();
    signal.addEventListener('abort', abort, { once: true });
    stream.once('close', () => signal.removeEventListener('abort', abort));
  }
  return stream;
}

/** The answer whose body is the blob from `offset` on, with its head checked; `from`: elsewhere than the registry. */
export function openBlobAt(
  { endpoint, repository, scopes, signal }: BlobTarget,
  blob: Descriptor,
  offset: number,
  idleTimeout: number,
  from: URL | null = null,
): Promise<IncomingMessage> {
  return endpoint.attempt(async () => {
    const answer = await endpoint.sendOnce({
      method: 'GET',
      target: from ?? `/v2/${repository}/blobs/${blob.digest}`,
      repository,
      scopes,
      headers: offset === 0 ? {} : { range: `bytes=${offset}-` },
      accept: offset === 0 ? [200] : [200, 206],
      read: 'stream',
      // Storage may be slow to begin; where there is another place to ask, that is no reason to wait.
      ...(endpoint.isMirror && { isBrief: true }),
      signal,
    });
    const problem = findHeadProblem(answer, blob, offset);
    if (problem !== null) {
      answer.message.destroy();
      throw endpoint.error('invalid', `the blob ${blob.digest} ${problem}`, { repository });
    }
    if (answer.status === 206 || offset === 0) return answer.message;
    // A registry without ranges sends all again.
    const isThere = await skipBytes(answer.message, offset, idleTimeout);
    if (isThere) return answer.message;
    throw new PassingFailure(
      endpoint.error('unavailable', `the download of ${blob.digest} broke before byte ${offset}`, {
        repository,
      }),
    );
  }, signal);
}

function findHeadProblem({ status, headers }: Answer, blob: Descriptor, offset: number): string | null {
  const encoding = headers['content-encoding'];
  if (encoding !== undefined && encoding !== 'identity') return `came encoded as ${encoding.slice(0, 20)}`;
  const length = headers['content-length'];
  const wanted = status === 206 ? blob.size - offset : blob.size;
  if (length !== undefined && Number(length) !== wanted) return `has ${length} bytes, not ${wanted}`;
  if (status !== 206) return null;
  const range = /^bytes (\d+)-(\d+)\/(\d+|\*)$/.exec(headers['content-range'] ?? '');
  const isAsked =
    range !== null &&
    Number(range[1]) === offset &&
    Number(range[2]) === blob.size - 1 &&
    (range[3] === '*' || Number(range[3]) === blob.size);
  return isAsked ? null : `came with the range ${(headers['content-range'] ?? 'none').slice(0, 60)}`;
}

/** Reads `bytes` bytes away, so that the message is paused at the one after; false when it broke before. */
function skipBytes(message: IncomingMessage, bytes: number, idleTimeout: number): Promise<boolean> {
  return new Promise((resolve) => {
    let left = bytes;
    const settle = (isThere: boolean): void => {
      clearTimeout(timer);
      message.off('data', take).off('error', fail).off('end', fail).off('close', fail);
      if (!isThere) message.on('error', () => {}).destroy();
      resolve(isThere);
    };
    const fail = (): void => settle(false);
    const timer = setTimeout(fail, idleTimeout);
    const take = (chunk: Buffer): void => {
      timer.refresh();
      left -= chunk.length;
      if (left > 0) return;
      message.pause();
      settle(true);
      if (left < 0) message.unshift(chunk.subarray(chunk.length + left));
    };
    message.on('data', take).on('error', fail).on('end', fail).on('close', fail);
  });
}
