import { createHash, type Hash } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { Readable } from 'node:stream';
import { algorithmOf } from './digest-of.ts';
import { RegistryError } from './registry-error.ts';
import { findReusedReads, type ReusedReads } from './reused-reads.ts';
import { StallError } from './stall-error.ts';
import type { BlobProof, Descriptor } from './types.ts';

interface BlobSource {
  readonly registry: string;
  readonly repository: string;
  readonly blob: Descriptor;
  readonly proof: BlobProof;
  readonly idleTimeout: number;
  /** The blob's bytes from `offset` on; has its own retries. */
  open(offset: number, signal: AbortSignal): Promise<IncomingMessage>;
  /** Waits before another `open` after a cut; `cuts` counts those since bytes last flowed. */
  pause(cuts: number, signal: AbortSignal): Promise<void>;
}

/** Cuts in a row without a byte in between. */
const mostBarrenCuts = 8;
/** From this size on, what the shortcut saves is worth the connection that it costs. */
const worthPouring = 16 * 1024 * 1024;
/** Pieces on their way into an upload. */
const mostWaiting = 4;
/** All cuts of one blob. */
const mostCuts = 100;

const nothing = (): void => {};

/**
 * A blob's bytes across cut connections: what comes after a cut continues the same stream and the same hash. The last
 * chunk is held back until size and digest are right, so that no reader ever has the whole of a wrong blob.
 */
export class BlobStream extends Readable {
  readonly #source: BlobSource;
  readonly #hash: Hash | null;
  readonly #stop = new AbortController();
  #answer: IncomingMessage | null;
  #isOpening = false;
  #received = 0;
  #cuts = 0;
  #barrenCuts = 0;
  #idle: NodeJS.Timeout | null = null;
  #destination: NodeJS.WritableStream | null = null;
  /** Pieces that the destination has not taken yet. */
  #waiting = 0;
  #reads: ReusedReads | null = null;

  constructor(source: BlobSource, first: IncomingMessage) {
    super({ highWaterMark: 256 * 1024 });
    this.#source = source;
    this.#hash = source.proof === 'digest' ? createHash(algorithmOf(source.blob.digest)) : null;
    this.#answer = first;
    this.#listen(first);
  }

  /**
   * A large blob goes straight from the connection into an upload, in buffers that are used again: listeners for `data`
   * see each piece pass, and must not keep it.
   */
  override pipe<T extends NodeJS.WritableStream>(destination: T, options?: { end?: boolean }): T {
    if (this.#source.blob.size < worthPouring || this.readableLength > 0 || this.readableFlowing === true)
      return super.pipe(destination, options);
    this.#destination = destination;
    this.#divert();
    this.#flow();
    return destination;
  }

  override _read(): void {
    if (this.#destination !== null) return;
    if (this.#source.blob.size === 0 && this.#received === 0) return this.#finish(null);
    if (this.#answer === null) return;
    this.#watch();
    this.#answer.resume();
  }

  override _destroy(error: Error | null, callback: (error?: Error | null) => void): void {
    this.#unwatch();
    this.#stop.abort(error ?? new Error('the stream was closed'));
    this.#answer?.destroy();
    this.#answer = null;
    this.#reads = null;
    callback(error);
  }

  /** The answer's body has its length, so that its end is known without the parser. */
  #divert(): void {
    const answer = this.#answer;
    const isPlain =
      answer?.headers['content-length'] !== undefined && answer.headers['transfer-encoding'] === undefined;
    this.#reads = isPlain ? findReusedReads(answer.socket) : null;
    if (answer !== null)
      this.#reads?.divert(answer, (piece, release) => {
        if (this.#answer === answer) this.#take(piece, release);
      });
  }

  #flow(): void {
    if (this.#answer === null) return;
    this.#watch();
    this.#answer.resume();
    this.#reads?.resume();
  }

  #pour(destination: NodeJS.WritableStream, piece: Buffer, release: () => void): void {
    this.emit('data', piece);
    this.#waiting += 1;
    destination.write(piece, () => {
      release();
      this.#waiting -= 1;
      if (this.#waiting < mostWaiting) this.#flow();
    });
    if (this.#waiting < mostWaiting) return this.#watch();
    this.#answer?.pause();
    this.#reads?.pause();
    this.#unwatch();
  }

  #listen(answer: IncomingMessage): void {
    answer.pause();
    answer.on('data', (chunk: Buffer) => this.#take(chunk));
    const cut = (error?: Error): void => {
      if (this.#answer !== answer) return;
      this.#answer = null;
      answer.destroy();
      this.#resume(error ?? new Error('the connection was cut'));
    };
    answer.on('error', cut);
    answer.on('end', () => cut());
    answer.on('close', () => cut());
  }

  #take(chunk: Buffer, release = nothing): void {
    const { size } = this.#source.blob;
    this.#received += chunk.length;
    this.#barrenCuts = 0;
    if (this.#received >= size) return this.#finish(chunk);
    this.#hash?.update(chunk);
    if (this.#destination !== null) return this.#pour(this.#destination, chunk, release);
    if (this.push(chunk)) return this.#watch();
    this.#answer?.pause();
    this.#unwatch();
  }

  /** The last chunk, or null for an empty blob. */
  #finish(chunk: Buffer | null): void {
    const { blob } = this.#source;
    this.#unwatch();
    const answer = this.#answer;
    this.#answer = null;
    if (this.#received > blob.size) {
      answer?.destroy();
      this.destroy(this.#error('invalid', `the blob ${blob.digest} is longer than its ${blob.size} bytes`));
      return;
    }
    if (chunk !== null) this.#hash?.update(chunk);
    const found = this.#hash === null ? null : `${algorithmOf(blob.digest)}:${this.#hash.digest('hex')}`;
    if (found !== null && found !== blob.digest) {
      answer?.destroy();
      this.destroy(this.#error('invalid', `the blob ${blob.digest} came with the digest ${found}`));
      return;
    }
    // The connection goes back to its pool when the answer is at its end; what would follow is thrown away.
    if (this.#reads === null) {
      answer?.resume();
      this.#limitRest(answer);
    } else answer?.destroy();
    if (this.#destination !== null && chunk !== null) {
      this.emit('data', chunk);
      this.#destination.end(chunk);
      return;
    }
    if (chunk !== null) this.push(chunk);
    this.push(null);
  }

  /** An endless body must not be read for ever: its size was told, so there is nothing more to come. */
  #limitRest(answer: IncomingMessage | null): void {
    if (answer === null || answer.complete) return;
    answer.removeAllListeners('data');
    answer.on('data', () => answer.destroy());
    const timer = setTimeout(() => answer.destroy(), 1000);
    answer.once('close', () => clearTimeout(timer));
  }

  #resume(error: Error): void {
    this.#unwatch();
    if (this.destroyed || this.#isOpening) return;
    this.#cuts += 1;
    this.#barrenCuts += 1;
    if (this.#cuts > mostCuts || this.#barrenCuts > mostBarrenCuts) {
      const { digest } = this.#source.blob;
      const problem = `the download of ${digest} broke at byte ${this.#received}: ${error.message}`;
      this.destroy(this.#error('unavailable', problem, error));
      return;
    }
    void this.#reopen();
  }

  /** Never rejects: what goes wrong ends the stream. */
  async #reopen(): Promise<void> {
    const { signal } = this.#stop;
    this.#isOpening = true;
    try {
      await this.#source.pause(this.#barrenCuts, signal);
      const answer = await this.#source.open(this.#received, signal);
      this.#isOpening = false;
      if (this.destroyed) {
        answer.destroy();
        return;
      }
      this.#answer = answer;
      this.#listen(answer);
      if (this.#destination === null) return this._read();
      this.#divert();
      if (this.#waiting < mostWaiting) this.#flow();
    } catch (error) {
      this.#isOpening = false;
      this.destroy(error instanceof Error ? error : new Error(String(error)));
    }
  }

  /** Time counts only while we want bytes: a slow reader is not the registry's fault. */
  #watch(): void {
    if (this.#idle !== null) {
      this.#idle.refresh();
      return;
    }
    const { idleTimeout } = this.#source;
    this.#idle = setTimeout(() => {
      this.#idle = null;
      const answer = this.#answer;
      this.#answer = null;
      answer?.destroy();
      this.#resume(new StallError(`no byte came for ${Math.round(idleTimeout / 1000)} s`));
    }, idleTimeout);
  }

  #unwatch(): void {
    if (this.#idle !== null) clearTimeout(this.#idle);
    this.#idle = null;
  }

  #error(code: 'invalid' | 'unavailable', problem: string, cause?: Error): RegistryError {
    const { registry, repository } = this.#source;
    return new RegistryError(code, problem, { registry, repository, cause });
  }
}
