import { Agent, request as httpRequest, type IncomingHttpHeaders, type OutgoingHttpHeaders } from 'node:http';
import { request as httpsRequest, Agent as TlsAgent } from 'node:https';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';

export interface Reply {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
  json(): unknown;
}

export interface Ask {
  readonly method?: string;
  readonly headers?: OutgoingHttpHeaders;
  /** A stream is sent with the `content-length` of the headers, or chunked. */
  readonly body?: Buffer | Readable | string;
}

const agent = new Agent({ keepAlive: true });
const tlsAgent = new TlsAgent({ keepAlive: true, rejectUnauthorized: false });

/** One plain request, nothing followed, nothing retried: what a test says is what is sent. Takes any certificate. */
export async function ask(url: string, options: Ask = {}): Promise<Reply> {
  const secure = url.startsWith('https:');
  const { body } = options;
  const bytes = typeof body === 'string' ? Buffer.from(body) : body;
  const headers: OutgoingHttpHeaders = { ...options.headers };
  if (Buffer.isBuffer(bytes)) headers['content-length'] ??= bytes.length;
  else if (bytes === undefined && options.method !== undefined && !/GET|HEAD|DELETE/.test(options.method)) {
    headers['content-length'] ??= 0;
  }
  return new Promise<Reply>((resolve, reject) => {
    const outgoing = (secure ? httpsRequest : httpRequest)(
      url,
      { method: options.method ?? 'GET', headers, agent: secure ? tlsAgent : agent },
      (incoming) => {
        const chunks: Buffer[] = [];
        incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
        incoming.on('error', reject);
        incoming.on('end', () => {
          const whole = Buffer.concat(chunks);
          resolve({
            status: incoming.statusCode ?? 0,
            headers: incoming.headers,
            body: whole,
            json: () => JSON.parse(whole.toString('utf8')) as unknown,
          });
        });
      },
    );
    outgoing.on('error', reject);
    if (bytes instanceof Readable) pipeline(bytes, outgoing).catch(reject);
    else outgoing.end(bytes);
  });
}
