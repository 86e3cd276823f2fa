import type { IncomingMessage } from 'node:http';
import { StallError } from './stall-error.ts';

/** The body went on beyond what any honest answer of its kind needs. */
export class TooLargeError extends Error {}

/**
 * Reads an answer to its end, at most `limit` bytes of it. A body that is cut short of its Content-Length, or that
 * stands still for `idleTimeout` milliseconds, is a failure of the connection.
 */
export function readBody(answer: IncomingMessage, limit: number, idleTimeout: number): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let length = 0;
    const fail = (error: Error): void => {
      clearTimeout(timer);
      reject(error);
      answer.destroy();
    };
    const timer = setTimeout(() => fail(new StallError('the answer stood still')), idleTimeout);
    if (Number(answer.headers['content-length'] ?? 0) > limit) return fail(new TooLargeError());
    answer.on('data', (chunk: Buffer) => {
      timer.refresh();
      length += chunk.length;
      if (length > limit) return fail(new TooLargeError());
      chunks.push(chunk);
    });
    answer.once('end', () => {
      clearTimeout(timer);
      resolve(Buffer.concat(chunks));
    });
    answer.once('error', fail);
    answer.once('close', () => {
      if (!answer.complete) fail(Object.assign(new Error('the answer was cut'), { code: 'ECONNRESET' }));
    });
  });
}

/** Frees the connection: reads the little that an uninteresting answer has, or cuts it. */
export async function discardBody(answer: IncomingMessage, idleTimeout: number): Promise<void> {
  await readBody(answer, 64 * 1024, idleTimeout).catch(() => {});
}
