import type { IncomingHttpHeaders } from 'node:http';
import type { Readable } from 'node:stream';

/** One request as a server of this room sees it. `body` may be read once; what is left of it is thrown away. */
export interface Asked {
  readonly method: string;
  /** Without the query. */
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: IncomingHttpHeaders;
  readonly body: AsyncIterable<Buffer>;
  /** `http://host:port` as the client names us. */
  readonly origin: string;
}

/** What is sent back. A stream's length must be in `content-length` or is chunked; null has no body (or is a HEAD). */
export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | readonly string[]>>;
  readonly body: Buffer | Readable | null;
}

export type Serve = (asked: Asked) => Promise<Answer>;
