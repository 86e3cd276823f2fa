import http from 'node:http';
import https from 'node:https';
import type { Socket } from 'node:net';

/** Takes a piece of a body; the bytes are overwritten after `release`, and not before. */
export type TakePiece = (piece: Buffer, release: () => void) => void;

const pieceSize = 64 * 1024;

/**
 * The reads of one connection into buffers that are used again. Node's parser copies every piece of a body into memory
 * of its own; a large body that goes from socket to socket without it takes half the CPU and a third of the memory.
 * Heads, and bodies that nobody diverts, go through the parser as ever.
 */
export class ReusedReads {
  readonly #free: Buffer[] = [];
  #socket: Socket | null = null;
  #answer: http.IncomingMessage | null = null;
  #take: TakePiece | null = null;

  /**
   * From now on the bytes of this answer's body come here. Those that wait in the streams' own buffers come from the
   * answer first. The parser never sees the end of the body: the connection must be closed afterwards.
   */
  divert(answer: http.IncomingMessage, take: TakePiece): void {
    this.#answer = answer;
    this.#take = take;
  }

  /** What `net.connect` wants of who reads for itself. */
  get onread(): { buffer: () => Buffer; callback: (length: number, buffer: Uint8Array) => boolean } {
    return {
      buffer: () => this.#free.pop() ?? Buffer.allocUnsafeSlow(pieceSize),
      callback: (length, buffer) => this.#read(buffer as Buffer, length),
    };
  }

  serve(socket: Socket): void {
    this.#socket = socket;
  }

  pause(): void {
    this.#socket?.pause();
  }

  resume(): void {
    this.#socket?.resume();
  }

  #read(buffer: Buffer, length: number): boolean {
    const release = (): void => {
      this.#free.push(buffer);
    };
    const isFirst = this.#socket?.readableLength === 0 && isDrained(this.#answer);
    if (this.#take !== null && isFirst) {
      this.#take(buffer.subarray(0, length), release);
      return true;
    }
    const copy = Buffer.from(buffer.subarray(0, length));
    release();
    return this.#socket?.push(copy) ?? true;
  }
}

function isDrained(answer: http.IncomingMessage | null): boolean {
  return answer !== null && !answer.destroyed && answer.readableLength === 0;
}

const readsOfSockets = new WeakMap<Socket, ReusedReads>();

/** Null where the connection reads as Node does: through a proxy. */
export function findReusedReads(socket: Socket | null): ReusedReads | null {
  return socket === null ? null : (readsOfSockets.get(socket) ?? null);
}

/** Its connections can divert bodies. */
export class PlainDownloadAgent extends http.Agent {
  override createConnection(...[options, callback]: Parameters<http.Agent['createConnection']>) {
    return connect((more) => super.createConnection({ ...options, ...more }, callback));
  }
}

/** The same over TLS. */
export class SecureDownloadAgent extends https.Agent {
  override createConnection(...[options, callback]: Parameters<https.Agent['createConnection']>) {
    return connect((more) => super.createConnection({ ...options, ...more }, callback));
  }
}

function connect<T>(open: (more: object) => T): T {
  const reads = new ReusedReads();
  const socket = open({ onread: reads.onread });
  reads.serve(socket as Socket);
  readsOfSockets.set(socket as Socket, reads);
  return socket;
}
