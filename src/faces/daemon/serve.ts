import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { HoldfastError } from '../../error.ts';
import { pagePolicy, renderPage } from '../../report/index.ts';
import type { WatchSnapshot } from '../../watch/index.ts';
import type { Metrics } from './metrics.ts';
import { pageOfWatch } from './page-of-watch.ts';

/** The daemon's small server: probes, metrics, and what it knows. It only ever answers GET and HEAD. */
export interface PageServer {
  /** `http://127.0.0.1:8080` */
  readonly url: string;
  close(): Promise<void>;
}

export async function servePage(
  listen: string,
  look: () => WatchSnapshot | null,
  metrics: Metrics,
): Promise<PageServer> {
  const server = createServer((request, answer) => {
    const path = (request.url ?? '/').split('?', 1)[0] ?? '/';
    if (request.method !== 'GET' && request.method !== 'HEAD')
      return send(answer, 405, 'text/plain', 'Only GET and HEAD are answered here.\n', {
        allow: 'GET, HEAD',
      });
    const snapshot = look();
    switch (path) {
      case '/healthz':
        return send(answer, 200, 'text/plain', 'ok\n');
      case '/readyz':
        return snapshot?.isSynced === true
          ? send(answer, 200, 'text/plain', 'ok\n')
          : send(answer, 503, 'text/plain', 'the cluster was not read yet; the log says what it waits for\n');
      case '/metrics':
        return void metrics
          .render(snapshot)
          .then((text) => send(answer, 200, metrics.contentType, text))
          .catch(() => send(answer, 500, 'text/plain', 'the metrics cannot be read\n'));
      case '/api/images':
      case '/':
        if (snapshot === null) return send(answer, 503, 'text/plain', 'starting\n');
        return path === '/'
          ? send(answer, 200, 'text/html; charset=utf-8', renderPage(pageOfWatch(snapshot)))
          : send(answer, 200, 'application/json', `${JSON.stringify(pageOfWatch(snapshot))}\n`);
      default:
        return send(
          answer,
          404,
          'text/plain',
          'There is only / here, and /api/images, /metrics, /healthz, /readyz.\n',
        );
    }
  });
  server.headersTimeout = 10_000;
  server.requestTimeout = 15_000;
  server.maxConnections = 200;
  const { host, port } = parseListen(listen);
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error) =>
      reject(
        new HoldfastError(
          'environment',
          `Nothing can listen on ${listen}: ${error.message}. Choose another with --listen.`,
          {
            cause: error,
          },
        ),
      ),
    );
    server.listen(port, host, resolve);
  });
  const address = server.address() as AddressInfo;
  const name = address.family === 'IPv6' && host === undefined ? '127.0.0.1' : address.address;
  return {
    url: `http://${name.includes(':') ? `[${name}]` : name}:${address.port}`,
    close: () => close(server),
  };
}

function send(
  answer: ServerResponse,
  status: number,
  type: string,
  body: string,
  headers: Readonly<Record<string, string>> = {},
): void {
  answer.writeHead(status, {
    'content-type': type,
    'content-length': Buffer.byteLength(body),
    'content-security-policy': `${pagePolicy}; frame-ancestors 'none'`,
    'x-content-type-options': 'nosniff',
    'referrer-policy': 'no-referrer',
    'cache-control': 'no-store',
    ...headers,
  });
  answer.end(answer.req.method === 'HEAD' ? undefined : body);
}

function parseListen(listen: string): { readonly host: string | undefined; readonly port: number } {
  const colon = listen.lastIndexOf(':');
  const host = listen.slice(0, colon).replace(/^\[|\]$/g, '');
  return { host: host === '' ? undefined : host, port: Number(listen.slice(colon + 1)) };
}

async function close(server: Server): Promise<void> {
  const closed = new Promise<void>((resolve) => {
    server.close(() => resolve());
  });
  server.closeAllConnections();
  await closed;
}
