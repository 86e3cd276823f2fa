import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { type DaemonWorld, startDeployedWorld } from '../../support/daemon-world.ts';
import { findKubeProblem, type KubeApiserver } from '../../support/kube-apiserver.ts';
import { daemonUser, requestToken, writeKubeconfig } from '../../support/kube-identity.ts';
import { startTcpProxy } from '../../support/tcp-proxy.ts';

const problem = await findKubeProblem();
const run = promisify(execFile);

describe.skipIf(problem !== null)(`a cluster that fails${problem === null ? '' : ` (${problem})`}`, () => {
  let kube: KubeApiserver;
  let world: DaemonWorld;
  beforeAll(async () => {
    ({ kube, world } = await startDeployedWorld());
  }, 60_000);
  afterEach(() => world.stopAll());
  afterAll(async () => {
    await world?.close();
    await kube?.stop();
  });

  const isSafe = (name: string) => (page: { images: readonly { name: string; status: string }[] }) =>
    page.images.some((image) => image.name === name && image.status === 'safe');
  const isGone = (name: string) => (page: { images: readonly { name: string }[] }) =>
    !page.images.some((image) => image.name === name);

  test('killed and started again: what changed meanwhile is seen, and nothing was forgotten', async () => {
    const daemon = await world.start();
    await daemon.until(isSafe('nginx:1.25'));
    await kube.kill();
    await daemon.until(({ notices }) =>
      notices.some((notice) => /Deployment objects cannot be read/.test(notice)),
    );
    expect((await daemon.page()).images.map(({ name }) => name)).toContain('nginx:1.25');
    expect((await daemon.get('/healthz')).status).toBe(200);
    const said = () => daemon.log.map((line) => JSON.parse(line) as { kind?: string; msg: string });
    const about = (kind: string) => said().flatMap((line) => (line.kind === kind ? line.msg : []));
    await expect.poll(() => about('Deployment')).toEqual(['objects of this kind cannot be read']);
    await kube.restart();
    await kube.kubectl(['create', 'deployment', 'box', '--image=busybox:1.37']);
    await daemon.until(isSafe('busybox:1.37'), 30);
    expect(about('Deployment')).toEqual([
      'objects of this kind cannot be read',
      'objects of this kind are read again',
    ]);
    await kube.kubectl(['delete', 'deployment', 'box']);
    await daemon.until(isGone('busybox:1.37'));
  }, 60_000);

  test('a history that is compacted away (410) ends in a new list', async () => {
    const daemon = await world.start();
    await daemon.until(isSafe('nginx:1.25'));
    await kube.kill();
    const status = JSON.parse(await etcd('/v3/kv/range', { key: encode('/') })) as {
      header: { revision: string };
    };
    await etcd('/v3/kv/compaction', { revision: status.header.revision, physical: true });
    await kube.restart();
    await kube.kubectl(['create', 'deployment', 'box', '--image=busybox:1.37']);
    const page = await daemon.until(isSafe('busybox:1.37'), 30);
    expect(page.images.map(({ name }) => name)).toEqual(['busybox:1.37', 'nginx:1.25']);
    await kube.kubectl(['delete', 'deployment', 'box']);
    await daemon.until(isGone('busybox:1.37'));
  }, 60_000);

  test('watches that are dropped go on from where they were, without a new list', async () => {
    const proxy = await startTcpProxy(Number(new URL(kube.url).port));
    try {
      const through = { ...kube, url: `https://127.0.0.1:${proxy.port}` };
      const kubeconfig = await writeKubeconfig(through, await requestToken(kube), 'through-proxy');
      const listsOf = async () =>
        (await kube.readAudit()).filter(
          ({ user, verb, requestURI }) =>
            user === daemonUser && verb === 'list' && requestURI.startsWith('/apis/apps/v1/deployments'),
        ).length;
      const daemon = await world.start({ kubeconfig });
      await daemon.until(isSafe('nginx:1.25'));
      const before = await listsOf();
      expect(proxy.drop()).toBeGreaterThan(5);
      await kube.kubectl(['create', 'deployment', 'box', '--image=busybox:1.37']);
      await daemon.until(isSafe('busybox:1.37'), 20);
      expect(proxy.drop()).toBeGreaterThan(5);
      await kube.kubectl(['delete', 'deployment', 'box']);
      await daemon.until(isGone('busybox:1.37'), 20);
      expect(await listsOf()).toBe(before);
    } finally {
      await world.stopAll();
      await proxy.close();
    }
  }, 60_000);

  test('a token that is revoked and replaced', async () => {
    const daemon = await world.start();
    await daemon.until(isSafe('nginx:1.25'));
    await kube.kubectl(['-n', 'holdfast', 'delete', 'serviceaccount', 'holdfast']);
    await kube.kill();
    await kube.restart();
    await daemon.until(({ notices }) => notices.some((notice) => /Unauthorized/.test(notice)), 20);
    await kube.kubectl(['-n', 'holdfast', 'create', 'serviceaccount', 'holdfast']);
    await writeFile(join(kube.folder, 'daemon.token'), await requestToken(kube));
    await kube.kubectl(['create', 'deployment', 'box', '--image=busybox:1.37']);
    await daemon.until(isSafe('busybox:1.37'), 40);
    const page = await daemon.until(
      ({ notices }) => !notices.some((notice) => /cannot be read/.test(notice)),
      40,
    );
    expect(page.images.map(({ name }) => name)).toEqual(['busybox:1.37', 'nginx:1.25']);
    await kube.kubectl(['delete', 'deployment', 'box']);
  }, 90_000);

  test('500 workloads at once come to the backup as the one image that they are', async () => {
    const daemon = await world.start();
    await daemon.until(isSafe('nginx:1.25'));
    const items = Array.from({ length: 500 }, (_, index) => ({
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name: `many-${index}`, namespace: 'default', labels: { many: 'yes' } },
      spec: {
        selector: { matchLabels: { app: 'x' } },
        template: {
          metadata: { labels: { app: 'x' } },
          spec: { containers: [{ name: 'a', image: 'quay.io/team/agent:2' }] },
        },
      },
    }));
    await Promise.all(
      items.map((item) => kube.request('POST', '/apis/apps/v1/namespaces/default/deployments', item)),
    );
    const page = await daemon.until(({ images }) =>
      images.some(
        ({ name, status, places }) =>
          name === 'quay.io/team/agent:2' && status === 'safe' && places.length === 500,
      ),
    );
    expect(page.images).toHaveLength(2);
    await kube.request('DELETE', '/apis/apps/v1/namespaces/default/deployments?labelSelector=many%3Dyes');
    await daemon.until(isGone('quay.io/team/agent:2'), 30);
  }, 60_000);

  async function etcd(path: string, body: object): Promise<string> {
    const { stdout } = await run('curl', [
      '-fsS',
      '-X',
      'POST',
      kube.etcdUrl + path,
      '-d',
      JSON.stringify(body),
    ]);
    return stdout;
  }
});

const encode = (text: string): string => Buffer.from(text).toString('base64');
