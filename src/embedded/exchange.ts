import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { Asked, Serve } from './asked.ts';
import type { Fault, FaultPlan } from './fault-plan.ts';
import { faultyBody, sendAnswer } from './send-answer.ts';

/** One request, for assertions; `status` and the bytes grow while it is served. No header value is kept. */
export interface RequestRecord {
  readonly method: string;
  readonly path: string;
  /** With its `?`, or empty. */
  readonly query: string;
  /** 0 when the connection was dropped before an answer. */
  readonly status: number;
  /** Bytes of the request body that were read, and of the answer's body that were written. */
  readonly bytesIn: number;
  readonly bytesOut: number;
  /** `basic`, `bearer` or null: the Authorization header's scheme, never its value. */
  readonly scheme: string | null;
  /** The kind of the fault that the plan injected. */
  readonly fault: Fault['kind'] | null;
}

export interface TlsFiles {
  /** PEM text. */
  readonly cert: string;
  readonly key: string;
  /** PEM of the authority whose client certificates are demanded. */
  readonly clientCa?: string;
}

export interface Listener {
  /** `http://127.0.0.1:<port>`, or https. */
  readonly url: string;
  /** `127.0.0.1:<port>`. */
  readonly host: string;
  /** Open TCP connections at this moment. */
  connections(): Promise<number>;
  /** Cuts every connection. */
  close(): Promise<void>;
}

export interface ListenOptions {
  readonly faults: FaultPlan;
  /** Called as a request arrives, with a record that is filled while it is served. */
  readonly record: (request: RequestRecord) => void;
  readonly tls?: TlsFiles;
}

/** Serves on a free port of the loopback address, with the plan's faults injected. */
export async function listen(serve: Serve, options: ListenOptions): Promise<Listener> {
  const onRequest = (request: IncomingMessage, response: ServerResponse): void => {
    void exchange(request, response, serve, options);
  };
  const server = options.tls
    ? createTlsServer(
        {
          cert: options.tls.cert,
          key: options.tls.key,
          ...(options.tls.clientCa ? { ca: options.tls.clientCa, requestCert: true } : {}),
        },
        onRequest,
      )
    : createServer(onRequest);
  server.requestTimeout = 0;
  server.keepAliveTimeout = 60_000;
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', resolve);
  });
  const host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    host,
    url: `${options.tls ? 'https' : 'http'}://${host}`,
    connections: () =>
      new Promise((resolve, reject) => {
        server.getConnections((error, count) => (error ? reject(error) : resolve(count)));
      }),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function exchange(
  request: IncomingMessage,
  response: ServerResponse,
  serve: Serve,
  options: ListenOptions,
): Promise<void> {
  const method = request.method ?? 'GET';
  const url = request.url ?? '/';
  const queryAt = url.indexOf('?');
  const path = queryAt === -1 ? url : url.slice(0, queryAt);
  const query = queryAt === -1 ? '' : url.slice(queryAt);
  const fault = options.faults.next({ method, path, query });
  const scheme = request.headers.authorization?.split(' ', 1)[0]?.toLowerCase() ?? null;
  const meter = {
    method,
    path,
    query,
    status: 0,
    bytesIn: 0,
    bytesOut: 0,
    scheme,
    fault: fault?.kind ?? null,
  };
  options.record(meter);
  response.on('error', () => {});
  request.on('error', () => {});
  const asked: Asked = {
    method,
    path,
    query: new URLSearchParams(query),
    headers: request.headers,
    body: faultyBody(request, fault, meter),
    origin: `${options.tls ? 'https' : 'http'}://${request.headers.host ?? 'localhost'}`,
  };
  try {
    await sendAnswer(asked, response, serve, fault, meter);
  } catch (error) {
    if (!response.headersSent && !response.destroyed) {
      response.writeHead(500, { 'content-type': 'text/plain' });
      response.end(`${error instanceof Error ? error.stack : String(error)}\n`);
      meter.status = 500;
    } else {
      response.destroy();
    }
  } finally {
    request.resume();
  }
}
