import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** An API server with Deployments alone, without TLS: for what is about the daemon's process and not about the cluster. */
export interface PlainKube {
  readonly kubeconfig: string;
  /** Adds a Deployment, and tells those who watch. */
  add(name: string, image: string): void;
  close(): Promise<void>;
}

export async function startPlainKube(): Promise<PlainKube> {
  const folder = await mkdtemp(join(tmpdir(), 'holdfast-plain-kube-'));
  const deployments: object[] = [];
  const watchers = new Set<ServerResponse>();
  const server = createServer((request, answer) => {
    const url = new URL(request.url ?? '/', 'http://kube');
    if (!/^\/(?:api\/v1|apis\/(?:apps|batch)\/v1)\/\w+$/.test(url.pathname)) return send(answer, 404, {});
    const isOurs = url.pathname.endsWith('/deployments');
    if (url.searchParams.has('watch')) {
      if (isOurs) watchers.add(answer.on('close', () => watchers.delete(answer)));
      answer.writeHead(200).flushHeaders();
      return;
    }
    const items = isOurs ? deployments : [];
    send(answer, 200, { metadata: { resourceVersion: '1' }, items });
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const { port } = server.address() as AddressInfo;
  const kubeconfig = join(folder, 'kubeconfig');
  await writeFile(
    kubeconfig,
    JSON.stringify({
      apiVersion: 'v1',
      kind: 'Config',
      'current-context': 'plain',
      clusters: [
        { name: 'plain', cluster: { server: `http://127.0.0.1:${port}`, 'insecure-skip-tls-verify': true } },
      ],
      users: [{ name: 'nobody', user: {} }],
      contexts: [{ name: 'plain', context: { cluster: 'plain', user: 'nobody' } }],
    }),
  );
  return {
    kubeconfig,
    add(name, image) {
      const object = {
        metadata: { name, namespace: 'shop' },
        spec: { template: { spec: { containers: [{ name: 'main', image }] } } },
      };
      deployments.push(object);
      for (const watcher of watchers) watcher.write(`${JSON.stringify({ type: 'ADDED', object })}\n`);
    },
    async close() {
      server.closeAllConnections();
      server.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

function send(answer: ServerResponse, status: number, body: object): void {
  answer.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}
