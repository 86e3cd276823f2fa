import type { IncomingMessage } from 'node:http';
import { request as requestPlain } from 'node:http';
import { request } from 'node:https';
import { StringDecoder } from 'node:string_decoder';
import { HoldfastError } from '../../error.ts';

/** An answer of the API server that is not 200. `status` 404 may mean that a kind is not served, 410 a lost history. */
export class ClusterError extends Error {
  override readonly name = 'ClusterError';
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

/** Where to ask, with the credentials and authorities that the kubeconfig gave. */
export interface Target {
  readonly url: URL;
  readonly settings: object;
}

/** Larger than any page that we ask for, so that no server fills our memory. */
const largestAnswer = 256 * 1024 * 1024;
/** Of one object in a watch; etcd takes 1.5 MiB. */
const largestLine = 16 * 1024 * 1024;
/** Without an answer's first byte. */
const patience = 60_000;

export async function requestJson(target: Target, signal: AbortSignal | undefined): Promise<unknown> {
  const answer = await ask(target, signal);
  return readAnswer(answer);
}

/** Sends a body: `POST` answers with 201, `PATCH` (a merge patch) with 200. Throws `ClusterError` for the rest. */
export async function sendJson(
  target: Target,
  method: 'POST' | 'PATCH',
  body: unknown,
  signal: AbortSignal | undefined,
): Promise<void> {
  await readAnswer(await ask(target, signal, { method, text: JSON.stringify(body) }));
}

export async function streamLines(
  target: Target,
  { onOpen, onLine }: { readonly onOpen: () => void; readonly onLine: (line: string) => void },
  signal: AbortSignal,
): Promise<void> {
  const answer = await ask(target, signal);
  if (answer.statusCode !== 200) {
    await readAnswer(answer);
    return;
  }
  onOpen();
  const decoder = new StringDecoder('utf8');
  let rest = '';
  for await (const chunk of answer) {
    rest += decoder.write(chunk as Buffer);
    for (let end = rest.indexOf('\n'); end >= 0; end = rest.indexOf('\n')) {
      const line = rest.slice(0, end);
      rest = rest.slice(end + 1);
      if (line !== '') onLine(line);
    }
    if (rest.length > largestLine) throw new ClusterError(0, 'an event of the API server has no end');
  }
}

function ask(
  { url, settings }: Target,
  signal: AbortSignal | undefined,
  { method, text }: { readonly method: string; readonly text: string } = { method: 'GET', text: '' },
): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const send = url.protocol === 'http:' ? requestPlain : request;
    const asked = send(url, { ...settings, method, ...(signal && { signal }) }, (answer) => {
      answer.socket.setTimeout(0);
      // A peer that is gone without a word is found by the kernel's probes, too.
      answer.socket.setKeepAlive(true, 30_000);
      resolve(answer);
    });
    asked.setTimeout(patience, () => asked.destroy(new Error(`no answer within ${patience / 1000} seconds`)));
    asked.on('error', (error) =>
      reject(
        signal?.aborted === true
          ? error
          : new HoldfastError(
              'access',
              `The API server at ${url.origin} cannot be reached: ${error.message}.`,
              { cause: error },
            ),
      ),
    );
    asked.end(text === '' ? undefined : text);
  });
}

async function readAnswer(answer: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of answer) {
    chunks.push(chunk as Buffer);
    size += (chunk as Buffer).length;
    if (size > largestAnswer) throw new ClusterError(0, 'the answer of the API server is too large');
  }
  const status = answer.statusCode ?? 0;
  let parsed: unknown;
  try {
    parsed = JSON.parse(Buffer.concat(chunks).toString('utf8'));
  } catch {
    throw new ClusterError(status, `the API server answered HTTP ${status} without JSON`);
  }
  if (status === 200 || status === 201) return parsed;
  const { message } = (parsed ?? {}) as { message?: unknown };
  throw new ClusterError(status, typeof message === 'string' ? message : `HTTP ${status}`);
}
