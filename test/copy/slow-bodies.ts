import { once } from 'node:events';
import { request as ask, createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/** Stands before a registry, and keeps the body of each manifest for a moment after its head. */
export async function startSlowBodies(origin: string) {
  const server = createServer((request, response) => {
    const { method, headers, url = '' } = request;
    const wait = method === 'GET' && url.includes('/manifests/') ? 15 : 0;
    const forward = ask(new URL(url, origin), { method, headers }, (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers).flushHeaders();
      setTimeout(() => answer.pipe(response), wait);
    });
    forward.on('error', () => response.destroy());
    request.pipe(forward);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    close: async (): Promise<void> => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
