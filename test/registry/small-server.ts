import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface Seen {
  readonly method: string;
  readonly path: string;
  readonly authorization: string | null;
  readonly headers: IncomingMessage['headers'];
}

export interface SmallServer {
  readonly url: string;
  readonly host: string;
  readonly seen: readonly Seen[];
  close(): Promise<void>;
}

/** A server that answers as a test says. Requests are read to their end before `answer` is called. */
export async function startServer(
  answer: (request: IncomingMessage, response: ServerResponse, body: Buffer) => void,
): Promise<SmallServer> {
  const seen: Seen[] = [];
  const listener: RequestListener = (request, response) => {
    seen.push({
      method: request.method ?? '',
      path: request.url ?? '',
      authorization: request.headers.authorization ?? null,
      headers: request.headers,
    });
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => answer(request, response, Buffer.concat(chunks)));
    request.on('error', () => {});
  };
  const server = createServer(listener);
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    url: `http://${host}`,
    host,
    seen,
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => {
        server.close(resolve);
      });
    },
  };
}
