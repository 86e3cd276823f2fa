import { writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { createDaemonWorld } from '../../support/daemon-world.ts';
import { useFolder } from '../../support/use-folder.ts';

const folder = useFolder('not-ready');

test('where nothing may be read the daemon is alive and not ready, and its log and page say why', async () => {
  const server = createServer((_, answer) => {
    answer.writeHead(403, { 'content-type': 'application/json' });
    answer.end('{"message":"it is forbidden to holdfast"}');
  });
  await new Promise<void>((done) => {
    server.listen(0, '127.0.0.1', done);
  });
  const kubeconfig = join(folder.path, 'kubeconfig');
  const address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  writeFileSync(
    kubeconfig,
    JSON.stringify({
      clusters: [{ name: 'c', cluster: { server: address, 'insecure-skip-tls-verify': true } }],
      users: [{ name: 'u', user: {} }],
      contexts: [{ name: 'c', context: { cluster: 'c', user: 'u' } }],
      'current-context': 'c',
    }),
  );
  const world = await createDaemonWorld({ kubeconfig });
  try {
    const daemon = await world.start();
    const { notices, daemon: state } = await daemon.until((page) => page.notices.length > 6);
    expect(notices).toContain('Deployment objects cannot be read: it is forbidden to holdfast');
    expect(state?.isSynced).toBe(false);
    expect((await daemon.get('/healthz')).status).toBe(200);
    const ready = await daemon.get('/readyz');
    expect([ready.status, ready.text]).toEqual([
      503,
      'the cluster was not read yet; the log says what it waits for\n',
    ]);
    await expect.poll(() => daemon.log.join('')).toContain('"kind":"Deployment","problem":"it is forbidden');
    expect((await daemon.get('/metrics')).text).toContain('holdfast_cluster_synced 0');
  } finally {
    await world.close();
    server.closeAllConnections();
    server.close();
  }
});
