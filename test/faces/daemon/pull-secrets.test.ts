import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { addImage, type EmbeddedRegistry, startRegistry } from '../../../src/embedded/index.ts';
import { applyComponents } from '../../support/apply-components.ts';
import { createDaemonWorld, type DaemonWorld } from '../../support/daemon-world.ts';
import { findKubeProblem, type KubeApiserver, startKubeApiserver } from '../../support/kube-apiserver.ts';
import { applyDeploy, daemonUser } from '../../support/kube-identity.ts';

const problem = await findKubeProblem();
const passwords = { shop: 'Never-To-Be-Seen-By-Anybody-1', ops: 'Never-To-Be-Seen-By-Anybody-2' };

describe.skipIf(problem !== null)(`pull secrets${problem === null ? '' : ` (${problem})`}`, () => {
  let kube: KubeApiserver;
  let world: DaemonWorld;
  let registry: EmbeddedRegistry;
  let env: Readonly<Record<string, string>>;
  beforeAll(async () => {
    kube = await startKubeApiserver();
    world = await createDaemonWorld(kube, await applyDeploy(kube));
    registry = await startRegistry({
      auth: {
        kind: 'bearer',
        users: [
          { name: 'shop', password: passwords.shop },
          { name: 'ops', password: passwords.ops },
        ],
      },
    });
    await addImage(registry, 'shop/web', '1');
    await addImage(registry, 'ops/agent', '1');
    env = {
      HOLDFAST_ENDPOINT: `${world.env['HOLDFAST_ENDPOINT']},private.example=${registry.url}`,
      HOLDFAST_INCLUDE_PRIVATE: 'true',
    };
    for (const [namespace, password] of Object.entries(passwords)) {
      await kube.kubectl(['create', 'namespace', namespace]);
      await kube.kubectl(['-n', namespace, 'apply', '-f', '-'], secret('private', namespace, password));
      await kube.kubectl(['-n', namespace, 'apply', '-f', '-'], secret('other', namespace, 'unused'));
    }
    // One is named by the pod spec, the other by its ServiceAccount.
    await kube.kubectl(
      ['-n', 'shop', 'apply', '-f', '-'],
      deployment('web', 'private.example/shop/web:1', { imagePullSecrets: [{ name: 'private' }] }),
    );
    const account = { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'robot' } };
    await kube.kubectl(
      ['-n', 'ops', 'apply', '-f', '-'],
      JSON.stringify({ ...account, imagePullSecrets: [{ name: 'private' }] }),
    );
    await kube.kubectl(
      ['-n', 'ops', 'apply', '-f', '-'],
      deployment('agent', 'private.example/ops/agent:1', { serviceAccountName: 'robot' }),
    );
  }, 60_000);
  afterEach(() => world.stopAll());
  afterAll(async () => {
    await world?.close();
    await registry?.close();
    await kube?.stop();
  });

  const isEach = (status: string) => (page: { images: readonly { status: string }[] }) =>
    page.images.length === 2 && page.images.every((image) => image.status === status);
  const credentialsRead = async () =>
    (await kube.readAudit())
      .filter(
        ({ user, requestURI }) => user === daemonUser && /\/(?:secrets|serviceaccounts)\b/.test(requestURI),
      )
      .map(({ verb, requestURI }) => `${verb} ${requestURI}`);

  test('are not read when nobody asked, and private images are told', async () => {
    const daemon = await world.start({ env });
    await daemon.until(isEach('failed'));
    expect(await credentialsRead()).toEqual([]);
  });

  test('are not read for public images alone, whatever else is set', async () => {
    const daemon = await world.start({
      env: { ...env, HOLDFAST_INCLUDE_PRIVATE: 'false', HOLDFAST_WATCH_READ_PULL_SECRETS: 'true' },
    });
    await daemon.until(isEach('private'));
    expect(await credentialsRead()).toEqual([]);
  });

  test('that may not be read are told by name', async () => {
    const daemon = await world.start({ env: { ...env, HOLDFAST_WATCH_READ_PULL_SECRETS: 'true' } });
    await daemon.until(isEach('failed'));
    const told = daemon.log.filter((line) => line.includes('cannot be read for its credentials'));
    expect(told.join()).toContain('namespaces/shop/secrets/private');
    expect(new Set(told).size).toBe(told.length);
  });

  test('of the workloads themselves open what they run, and are shown nowhere', async () => {
    await applyComponents(kube, ['read-pull-secrets']);
    const can = async (...words: string[]) =>
      (await kube.kubectl(['auth', 'can-i', ...words, '-A', `--as=${daemonUser}`]).catch(() => 'no')).trim();
    await expect.poll(() => can('get', 'secrets')).toBe('yes');
    expect(await can('list', 'secrets')).toBe('no');
    const before = (await credentialsRead()).length;
    const daemon = await world.start({ env: { ...env, HOLDFAST_WATCH_READ_PULL_SECRETS: 'true' } });
    await daemon.until(isEach('safe'));
    expect(new Set((await credentialsRead()).slice(before))).toEqual(
      new Set([
        'get /api/v1/namespaces/ops/secrets/private',
        'get /api/v1/namespaces/ops/serviceaccounts/robot',
        'get /api/v1/namespaces/shop/secrets/private',
        'get /api/v1/namespaces/shop/serviceaccounts/default',
      ]),
    );
    const pages = await Promise.all(['/', '/api/images', '/metrics'].map((path) => daemon.get(path)));
    const shown = [...pages.map(({ text }) => text), ...daemon.log].join('\n');
    for (const [user, password] of Object.entries(passwords))
      for (const form of [password, Buffer.from(`${user}:${password}`).toString('base64')])
        expect(shown).not.toContain(form);
    const writes = (await kube.readAudit()).filter(
      ({ user, verb }) => user === daemonUser && !['get', 'list', 'watch'].includes(verb),
    );
    expect(writes).toEqual([]);
  });
});

function secret(name: string, username: string, password: string): string {
  const auth = Buffer.from(`${username}:${password}`).toString('base64');
  const config = JSON.stringify({ auths: { 'private.example': { auth } } });
  return JSON.stringify({
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name },
    type: 'kubernetes.io/dockerconfigjson',
    data: { '.dockerconfigjson': Buffer.from(config).toString('base64') },
  });
}

function deployment(name: string, image: string, pod: object): string {
  return JSON.stringify({
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name },
    spec: {
      selector: { matchLabels: { app: name } },
      template: {
        metadata: { labels: { app: name } },
        spec: { ...pod, containers: [{ name: 'a', image }] },
      },
    },
  });
}
