import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { addImage } from '../../../src/embedded/index.ts';
import { createDaemonWorld, type DaemonWorld } from '../../support/daemon-world.ts';
import { findKubeProblem, type KubeApiserver, startKubeApiserver } from '../../support/kube-apiserver.ts';
import { applyDeploy, daemonUser } from '../../support/kube-identity.ts';

const problem = await findKubeProblem();

describe.skipIf(problem !== null)(`the daemon on a cluster${problem === null ? '' : ` (${problem})`}`, () => {
  let kube: KubeApiserver;
  let kubeconfig: string;
  let world: DaemonWorld;
  beforeAll(async () => {
    kube = await startKubeApiserver();
    kubeconfig = await applyDeploy(kube);
    await kube.kubectl(['apply', '-f', '-'], workloads);
    world = await createDaemonWorld(kube, kubeconfig);
  }, 60_000);
  afterEach(() => world.stopAll());
  afterAll(async () => {
    await world?.close();
    await kube?.stop();
  });

  test('copies what the cluster depends on, its own namespace and excluded ones left out', async () => {
    const before = await versions();
    const daemon = await world.start();
    const page = await daemon.until(({ images }) => safe(images).length === 4);
    expect(page.images.map(({ name, status, why }) => [name, status, why])).toEqual([
      ['busybox:1.37', 'safe', null],
      ['nginx:1.25', 'safe', null],
      ['ignored:1', 'left-alone', expect.stringContaining('ignore')],
      ['quay.io/team/agent:2', 'safe', null],
      ['quay.io/team/idle:1', 'safe', null],
    ]);
    expect(Object.keys(world.backup.snapshot())).toEqual([
      'mirror/docker.io/library/busybox',
      'mirror/docker.io/library/nginx',
      'mirror/quay.io/team/agent',
      'mirror/quay.io/team/idle',
    ]);
    const agent = page.images.find(({ name }) => name === 'quay.io/team/agent:2');
    expect(agent?.places.map(({ where }) => where)).toEqual([
      'DaemonSet default/agent',
      'StatefulSet shop/store',
      'Job shop/once',
      'Pod shop/bare',
    ]);
    expect(await versions()).toEqual(before);
    expect(await daemon.stop()).toBeLessThan(3000);
  });

  test('sees a new workload at once, and forgets one that is deleted', async () => {
    await addImage(world.upstream, 'library/redis', '7');
    const daemon = await world.start();
    await daemon.until(({ images }) => safe(images).length === 4);
    await kube.kubectl(['create', 'deployment', 'cache', '--image=redis:7']);
    const page = await daemon.until(({ images }) => safe(images).length === 5);
    const history = page.images.find(({ name }) => name === 'redis:7')?.history.map(({ what }) => what);
    expect(history).toContain('seen in the cluster');
    expect(history?.join()).toContain('copied to backup.example/mirror/docker.io/library/redis:7');
    await kube.kubectl(['delete', 'deployment', 'cache']);
    await daemon.until(({ images }) => !images.some(({ name }) => name === 'redis:7'));
  });

  test('watches custom resources by the rules of the configuration', async () => {
    await kube.kubectl(['apply', '-f', '-'], crd('example.com', 'Database', 'databases'));
    await kube.kubectl(['wait', '--for=condition=Established', 'crd/databases.example.com']);
    await kube.kubectl(
      ['apply', '-f', '-'],
      JSON.stringify({
        apiVersion: 'example.com/v1',
        kind: 'Database',
        metadata: { name: 'main', namespace: 'shop' },
        spec: { image: 'nginx:1.25', sidecars: [{ image: 'busybox:1.37' }] },
      }),
    );
    await kube.kubectl([
      'create',
      'clusterrole',
      'databases',
      '--verb=get,list,watch',
      '--resource=databases.example.com',
    ]);
    await kube.kubectl([
      'create',
      'clusterrolebinding',
      'databases',
      '--clusterrole=databases',
      '--serviceaccount=holdfast:holdfast',
    ]);
    const rules =
      '[{ apiVersion: example.com/v1, kind: Database, field: spec.image }, { apiVersion: example.com/v1, kind: Database, field: "spec.sidecars[].image" }]';
    const daemon = await world.start({ env: { HOLDFAST_RULES: rules } });
    // Custom kinds hold up nothing: they may be read a moment after the others.
    const fields = ({ images }: Parameters<Parameters<typeof daemon.until>[0]>[0]): string[] =>
      images.flatMap(({ places }) =>
        places.flatMap(({ where, field }) => (where === 'Database shop/main' ? [field] : [])),
      );
    const page = await daemon.until((now) => safe(now.images).length === 4 && fields(now).length > 0);
    expect(fields(page).toSorted()).toEqual(['spec.image', 'spec.sidecars[0].image']);
  });

  test('a copy that is under way at SIGTERM is abandoned cleanly, and made by the next one', async () => {
    await addImage(world.upstream, 'library/slow', '1', { layerBytes: 5000 });
    world.upstream.setFaults([
      { match: { method: 'GET', path: /library\/slow\/blobs/ }, fault: { kind: 'stall', afterBytes: 100 } },
    ]);
    await kube.kubectl(['create', 'deployment', 'slow', '--image=slow:1']);
    const daemon = await world.start();
    await daemon.until(({ images }) =>
      images.some(({ name, status }) => name === 'slow:1' && status === 'waiting'),
    );
    await expect.poll(() => world.upstream.count({ path: /library\/slow\/blobs/ })).toBeGreaterThan(0);
    expect(await daemon.stop()).toBeLessThan(5000);
    expect(world.backup.snapshot()['mirror/docker.io/library/slow']?.tags ?? {}).toEqual({});
    world.upstream.setFaults([]);
    const next = await world.start();
    await next.until(({ images }) =>
      images.some(({ name, status }) => name === 'slow:1' && status === 'safe'),
    );
    await kube.kubectl(['delete', 'deployment', 'slow']);
  });

  test('answers probes, metrics, the page and its JSON, and no secret is in any of them', async () => {
    const secrets = {
      GITHUB_TOKEN: 'ghs_NeverToBeSeen0123456789',
      REGISTRY_PASSWORD: 'p4ss-Never-To-Be-Seen',
    };
    const daemon = await world.start({
      env: { ...secrets, REGISTRY: 'backup.example', REGISTRY_USERNAME: 'robot' },
    });
    await daemon.until(({ images }) => safe(images).length === 4);
    const answers = await Promise.all(
      ['/healthz', '/readyz', '/metrics', '/', '/api/images', '/nothing'].map((path) => daemon.get(path)),
    );
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200, 200, 404]);
    const metrics = answers[2]?.text ?? '';
    for (const line of [
      'holdfast_images{state="present"} 4',
      'holdfast_cluster_synced 1',
      'holdfast_registry_up{registry="backup.example"} 1',
      'holdfast_queue_depth 0',
    ])
      expect(metrics).toContain(line);
    expect(metrics).toMatch(/holdfast_last_success_timestamp_seconds\{what="copy"\} \d/);
    const said = [...answers.map(({ text }) => text), ...daemon.log].join('\n');
    for (const secret of Object.values(secrets)) expect(said).not.toContain(secret);
    const posted = await fetch(daemon.url, { method: 'POST' });
    expect(posted.status).toBe(405);
    for (const line of daemon.log) expect(JSON.parse(line)).toMatchObject({ level: expect.any(String) });
  });

  test('reads its configuration again when it changes, and keeps the old one when the new one is wrong', async () => {
    const configFile = join(world.root, 'reload.yaml');
    await writeFile(configFile, 'backup: backup.example/one\n');
    const daemon = await world.start({ configFile, env: { HOLDFAST_BACKUP: '' } });
    await daemon.until(({ images }) => safe(images).length === 4);
    await writeFile(configFile, 'backup: nonsense\n');
    await expect.poll(() => daemon.log.join(''), { timeout: 12_000 }).toContain('the old one counts');
    expect((await daemon.page()).backup).toBe('backup.example/one');
    await writeFile(configFile, 'backup: backup.example/two\n');
    await daemon.until(({ backup, images }) => backup === 'backup.example/two' && safe(images).length === 4);
    expect(Object.keys(world.backup.snapshot())).toContain('two/docker.io/library/nginx');
  }, 40_000);

  test('only ever asked for get, list and watch, with the rights of deploy/', async () => {
    const events = (await kube.readAudit()).filter(({ user }) => user === daemonUser);
    expect(new Set(events.map(({ verb }) => verb))).toEqual(new Set(['get', 'list', 'watch']));
    expect(events.some(({ requestURI }) => requestURI.includes('/secrets'))).toBe(false);
    const can = async (...words: string[]) =>
      (await kube.kubectl(['auth', 'can-i', ...words, `--as=${daemonUser}`]).catch(() => 'no')).trim();
    expect(await can('list', 'deployments.apps', '-A')).toBe('yes');
    expect(await can('update', 'deployments.apps', '-A')).toBe('no');
    expect(await can('get', 'secrets', '-A')).toBe('no');
    expect(await can('create', 'events', '-A')).toBe('no');
  });

  test('the API server takes deploy/ as it is', async () => {
    const said = await kube.kubectl(['apply', '-k', 'deploy', '--dry-run=server']);
    expect(
      said
        .split('\n')
        .filter((line) => line !== '')
        .map((line) => line.split(' ')[0]),
    ).toEqual(
      expect.arrayContaining(['deployment.apps/holdfast', 'clusterrole.rbac.authorization.k8s.io/holdfast']),
    );
    await kube.kubectl(
      ['apply', '-f', '-'],
      crd('monitoring.coreos.com', 'ServiceMonitor', 'servicemonitors'),
    );
    await kube.kubectl(['wait', '--for=condition=Established', 'crd/servicemonitors.monitoring.coreos.com']);
    await kube.kubectl([
      'apply',
      '-f',
      'deploy/components/service-monitor/service-monitor.yaml',
      '--dry-run=server',
    ]);
  });

  async function versions(): Promise<unknown> {
    const list = JSON.parse(
      await kube.kubectl(['get', 'deployments,daemonsets,statefulsets,pods', '-A', '-o', 'json']),
    ) as { items: { metadata: { uid: string; resourceVersion: string } }[] };
    return list.items.map(({ metadata }) => [metadata.uid, metadata.resourceVersion]);
  }
});

const safe = <T extends { readonly status: string }>(images: readonly T[]): readonly T[] =>
  images.filter(({ status }) => status === 'safe');

function crd(group: string, kind: string, plural: string): string {
  return JSON.stringify({
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: `${plural}.${group}` },
    spec: {
      group,
      scope: 'Namespaced',
      names: { kind, plural },
      versions: [
        {
          name: 'v1',
          served: true,
          storage: true,
          schema: { openAPIV3Schema: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true } },
        },
      ],
    },
  });
}

const pod = (images: string, more = '') => `
      template:
        metadata: { labels: { app: x } }
        spec: { ${more} containers: [${images}] }`;

const workloads = `
apiVersion: v1
kind: List
items:
  - { apiVersion: v1, kind: Namespace, metadata: { name: shop } }
  - apiVersion: apps/v1
    kind: Deployment
    metadata: { name: web, namespace: default }
    spec:
      selector: { matchLabels: { app: x } }
      paused: true${pod("{ name: a, image: 'nginx:1.25' }, { name: b, image: 'busybox:1.37' }", "initContainers: [{ name: wait, image: 'busybox:1.37' }],")}
  - apiVersion: apps/v1
    kind: Deployment
    metadata: { name: idle, namespace: shop }
    spec:
      replicas: 0
      selector: { matchLabels: { app: x } }${pod("{ name: a, image: 'quay.io/team/idle:1' }")}
  - apiVersion: apps/v1
    kind: Deployment
    metadata: { name: left, namespace: shop, annotations: { holdfast.dev/ignore: 'true' } }
    spec:
      selector: { matchLabels: { app: x } }${pod("{ name: a, image: 'ignored:1' }")}
  - apiVersion: apps/v1
    kind: Deployment
    metadata: { name: system, namespace: kube-system }
    spec:
      selector: { matchLabels: { app: x } }${pod("{ name: a, image: 'registry.k8s.io/proxy:1' }")}
  - apiVersion: apps/v1
    kind: DaemonSet
    metadata: { name: agent, namespace: default }
    spec:
      selector: { matchLabels: { app: x } }${pod("{ name: a, image: 'quay.io/team/agent:2' }")}
  - apiVersion: apps/v1
    kind: StatefulSet
    metadata: { name: store, namespace: shop }
    spec:
      serviceName: store
      selector: { matchLabels: { app: x } }${pod("{ name: a, image: 'quay.io/team/agent:2' }")}
  - apiVersion: batch/v1
    kind: Job
    metadata: { name: once, namespace: shop }
    spec:${pod("{ name: a, image: 'quay.io/team/agent:2' }", 'restartPolicy: Never,')}
  - apiVersion: v1
    kind: Pod
    metadata: { name: bare, namespace: shop }
    spec: { containers: [{ name: a, image: 'quay.io/team/agent:2' }] }
`;
