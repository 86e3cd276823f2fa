import http from 'node:http';
import https from 'node:https';
import type { Readable } from 'node:stream';
import { ForwardAgent } from './proxy-agents.ts';
import { StallError } from './stall-error.ts';

/** One request as it goes over the wire. */
export interface WireRequest {
  readonly method: string;
  readonly url: URL;
  readonly headers: http.OutgoingHttpHeaders;
  readonly body?: Buffer | Readable | undefined;
  readonly agent: http.Agent;
  /** Milliseconds in which nothing moves, whichever side should move it. */
  readonly idleTimeout: number;
  /** It ends an upload whose bytes were sent before, as a stream ends its own. */
  readonly isClosing?: boolean | undefined;
  /** Called once when nothing moved for a quarter of it, with the milliseconds that are left. */
  readonly onSilence?: (left: number) => void;
  readonly signal: AbortSignal | undefined;
}

/** The stream that feeds an upload failed: its own error is `cause`. */
export class SourceError extends Error {
  constructor(cause: unknown) {
    super('the source of an upload failed', { cause });
  }
}

/** A server that has all bytes of an upload may move them before it answers. */
const settlingFactor = 5;

/**
 * Sends a request and resolves with the answer's head. The caller reads the body or destroys it. An answer that
 * comes before the request's body is sent ends the sending: the answer is what counts.
 */
export function exchange(wire: WireRequest): Promise<http.IncomingMessage> {
  const { method, url, headers, body, agent, signal } = wire;
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(signal.reason);
    const { request: open } = url.protocol === 'https:' ? https : http;
    const via = agent instanceof ForwardAgent ? agent.addressTo(url) : null;
    const request = open(url, { method, agent, ...via, headers: { ...headers, ...via?.headers } });
    const watch = watchProgress(request, wire);
    let answer: http.IncomingMessage | null = null;
    const fail = (error: unknown): void => {
      watch.stop();
      reject(error);
      request.destroy();
      if (isStream(body)) body.destroy();
    };
    const abort = (): void => {
      if (answer === null) fail(signal?.reason);
      else answer.destroy(signal?.reason instanceof Error ? signal.reason : new Error('aborted'));
    };
    // One listener from the request to the end of its answer: a run has one signal, and thousands of requests.
    signal?.addEventListener('abort', abort);
    request.once('close', () => signal?.removeEventListener('abort', abort));
    request.on('error', (error) => {
      fail(Object.assign(error, { reusedSocket: request.reusedSocket }));
    });
    request.on('response', (message) => {
      watch.stop();
      answer = message;
      if (isStream(body) && !request.writableEnded) {
        body.unpipe(request);
        body.destroy();
        message.once('close', () => request.destroy());
      }
      resolve(message);
    });
    watch.onStall(() => fail(new StallError(`nothing moved for ${Math.round(wire.idleTimeout / 1000)} s`)));
    if (isStream(body)) {
      body.once('error', (error) => fail(new SourceError(error)));
      body.pipe(request);
    } else request.end(body);
  });
}

function isStream(body: Buffer | Readable | undefined): body is Readable {
  return body !== undefined && !Buffer.isBuffer(body);
}

/**
 * Notices when the server neither takes bytes nor answers. A source that is slow is not the server's fault: time
 * counts only while bytes wait to be taken, or once all are sent. Waiting for a free connection does not count, and a
 * proxy's tunnel has a time of its own (`TunnelAgent`).
 */
function watchProgress(
  request: http.ClientRequest,
  { idleTimeout, body, isClosing = isStream(body), onSilence }: WireRequest,
) {
  let stalled = (): void => {};
  let still = 0;
  let written = -1;
  let isTold = false;
  const tell = (left: number): void => {
    if (!isTold) onSilence?.(left);
    isTold = true;
  };
  request.once('silence', tell);
  const step = Math.max(10, idleTimeout / 8);
  const timer = setInterval(() => {
    const { socket } = request;
    if (socket === null) return;
    const moved = socket.bytesWritten - socket.writableLength;
    const isWaitingForSource = !request.writableEnded && request.writableLength === 0 && !socket.connecting;
    still = moved === written && !isWaitingForSource ? still + step : 0;
    written = moved;
    const isSettling = isClosing && request.writableFinished;
    if (still >= idleTimeout / 4 && !isSettling) tell(idleTimeout - still);
    if (still >= idleTimeout * (isSettling ? settlingFactor : 1)) stalled();
  }, step);
  return {
    onStall(callback: () => void) {
      stalled = callback;
    },
    stop: () => clearInterval(timer),
  };
}
