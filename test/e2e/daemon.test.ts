import { type ChildProcess, spawn } from 'node:child_process';
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  addImage,
  type EmbeddedRegistry,
  type ForgeRepository,
  startRegistry,
} from '../../src/embedded/index.ts';
import type { PageModel } from '../../src/report/index.ts';
import { startTestForge, stopTestForge, type TestForge, tokens } from '../support/github.ts';
import { findKubeProblem, type KubeApiserver, startKubeApiserver } from '../support/kube-apiserver.ts';
import { applyDeploy, daemonUser } from '../support/kube-identity.ts';

const problem = await findKubeProblem();
/** `npm run demo:daemon`: what is proven is shown, too. */
const show = (title: string, text: string): void => {
  if (process.env['HOLDFAST_SHOW']) process.stdout.write(`\n# ${title}\n${text}\n`);
};
const checkout = process.env['HOLDFAST_CHECKOUT'] ?? resolve(import.meta.dirname, '../..');

describe.skipIf(problem !== null)(`the daemon's image${problem === null ? '' : ` (${problem})`}`, () => {
  let kube: KubeApiserver;
  let kubeconfig: string;
  let forge: TestForge;
  let repository: ForgeRepository;
  let upstream: EmbeddedRegistry;
  let backup: EmbeddedRegistry;
  let root: string;
  let daemon: ChildProcess;
  let log = '';
  let url = '';
  beforeAll(async () => {
    root = await mkdtemp(join(tmpdir(), 'holdfast-image-'));
    [kube, forge, upstream, backup] = await Promise.all([
      startKubeApiserver(),
      startTestForge(),
      startRegistry(),
      startRegistry(),
    ]);
    kubeconfig = await applyDeploy(kube);
    await addImage(upstream, 'library/nginx', '1.14.2');
    await addImage(upstream, 'library/busybox', '1.28');
    await addImage(upstream, 'fluentd/fluentd', 'v1.16');
    repository = await forge.createRepository('acme/gitops', { 'clusters/prod.yaml': workloads });
    await kube.kubectl(['apply', '-f', '-'], workloads);
    await copyImageFiles(root);
  }, 90_000);
  afterAll(async () => {
    daemon?.kill('SIGKILL');
    await Promise.all([kube?.stop(), upstream?.close(), backup?.close(), forge && stopTestForge(forge)]);
    await rm(root, { recursive: true, force: true });
  });

  test('from exactly the files that its Dockerfile copies: copies, one request, objects untouched', async () => {
    const before = await readVersions();
    daemon = await start();
    const page = await until(
      ({ images, requests }) =>
        images.length === 3 && images.every(({ status }) => status === 'safe') && requests.length === 1,
    );
    expect(page.requests).toMatchObject([{ number: 1, state: 'created' }]);
    expect(Object.keys(backup.snapshot())).toEqual([
      'mirror/docker.io/fluentd/fluentd',
      'mirror/docker.io/library/busybox',
      'mirror/docker.io/library/nginx',
    ]);
    const digest = upstream.manifest('library/nginx', '1.14.2')?.digest;
    const proposed = await forge.git(repository, ['show', 'holdfast/main:clusters/prod.yaml']);
    expect(proposed.match(/image: \S+/g)).toHaveLength(5);
    expect(proposed).toContain(`image: backup.example/mirror/docker.io/library/nginx:1.14.2@${digest}`);
    expect(proposed.match(/image: backup\.example/g)).toHaveLength(5);
    expect(repository.pulls.filter(({ state }) => state === 'open')).toHaveLength(1);
    expect(await readVersions()).toEqual(before);
    const rows = page.images.map(
      ({ name, status, backup: { reference, digest: kept } }) => `${name}  ${status}  ${reference}@${kept}`,
    );
    show('The page: each image, and its backup', rows.join('\n'));
    show(
      `Pull request #${repository.pulls[0]?.number}: ${repository.pulls[0]?.title}`,
      await forge.git(repository, ['diff', 'main', 'holdfast/main', '--', 'clusters/prod.yaml']),
    );
    show('uid and resourceVersion of each workload, before and after', JSON.stringify(before, null, 1));
    const verbs = (await kube.readAudit()).filter(({ user }) => user === daemonUser).map(({ verb }) => verb);
    expect(new Set(verbs)).toEqual(new Set(['list', 'get', 'watch']));
    show('What the API server was asked for by the daemon', [...new Set(verbs)].toSorted().join(', '));
  }, 60_000);

  test('ends at SIGTERM with exit code 0, and its log is JSON without a secret', async () => {
    const ended = new Promise<number | null>((done) => {
      daemon.once('exit', done);
    });
    daemon.kill('SIGTERM');
    expect(await ended).toBe(0);
    expect(log).not.toContain(tokens.bot);
    const lines = log.trim().split('\n');
    for (const line of lines) expect(JSON.parse(line)).toHaveProperty('level');
    expect(lines.at(-1)).toContain('stopped');
  });

  async function start(): Promise<ChildProcess> {
    const entry = /^ENTRYPOINT (\[.*\])$/m.exec(await readFile(join(checkout, 'Dockerfile'), 'utf8'))?.[1];
    // The init of the image; here is none to run it.
    const [init, end, program = '', ...words] = (JSON.parse(entry ?? '[]') as string[]).map((word) =>
      word.replace(/^\/app\//, `${root}/app/`),
    );
    expect([init, end, program]).toEqual(['/sbin/tini', '--', 'node']);
    await writeFile(join(root, 'holdfast.yaml'), configuration());
    const child = spawn(program, [...words, '--config', join(root, 'holdfast.yaml')], {
      cwd: join(root, 'app'),
      env: {
        PATH: process.env['PATH'],
        HOME: root,
        KUBECONFIG: kubeconfig,
        POD_NAMESPACE: 'holdfast',
        HOLDFAST_CACHE: join(root, 'cache'),
        GITHUB_TOKEN: tokens.bot,
        GITHUB_API_URL: forge.apiUrl,
        GITHUB_SERVER_URL: forge.url,
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    child.stdout?.on('data', (chunk: Buffer) => (log += chunk.toString()));
    child.stderr?.on('data', (chunk: Buffer) => (log += chunk.toString()));
    await expect.poll(() => /"url":"(http:[^"]+)"/.exec(log)?.[1], { timeout: 15_000 }).toBeDefined();
    url = /"url":"(http:[^"]+)"/.exec(log)?.[1] ?? '';
    return child;
  }

  function configuration(): string {
    return JSON.stringify({
      backup: 'backup.example/mirror',
      watch: { listen: '127.0.0.1:0' },
      registries: {
        'docker.io': { endpoint: upstream.url },
        'backup.example': { endpoint: backup.url },
      },
      repositories: [{ url: forge.cloneUrl(repository) }],
    });
  }

  async function until(isReached: (page: PageModel) => boolean): Promise<PageModel> {
    for (const end = Date.now() + 30_000; ; ) {
      const page = (await (await fetch(`${url}/api/images`)).json()) as PageModel;
      if (isReached(page)) return page;
      if (Date.now() > end) throw new Error(`it did not come to that: ${JSON.stringify(page)}\n${log}`);
      await new Promise((done) => setTimeout(done, 100));
    }
  }

  async function readVersions(): Promise<unknown> {
    const list = JSON.parse(await kube.kubectl(['get', 'deployments,daemonsets', '-A', '-o', 'json'])) as {
      items: { metadata: { uid: string; resourceVersion: string } }[];
    };
    return list.items.map(({ metadata }) => [metadata.uid, metadata.resourceVersion]);
  }
});

/** What `docker build` would put into `/app`, and nothing else. */
async function copyImageFiles(root: string): Promise<void> {
  const dockerfile = await readFile(join(checkout, 'Dockerfile'), 'utf8');
  for (const [, words = ''] of dockerfile.matchAll(/^COPY (.+)$/gm)) {
    const names = words.split(/\s+/);
    const target = names.pop() ?? '.';
    for (const name of names)
      await cp(join(checkout, name), join(root, 'app', target, name.endsWith('/') ? '' : name), {
        recursive: true,
      });
  }
}

/** The examples of the three programs that holdfast grew from. */
const workloads = `apiVersion: apps/v1
kind: Deployment
metadata:
  name: nginx-deployment
  namespace: default
spec:
  replicas: 3
  selector:
    matchLabels: { app: nginx }
  template:
    metadata:
      labels: { app: nginx }
    spec:
      containers:
        - name: nginx
          image: nginx:1.14.2
---
apiVersion: apps/v1
kind: Deployment
metadata:
  name: with-init-and-two
  namespace: default
spec:
  selector:
    matchLabels: { app: two }
  template:
    metadata:
      labels: { app: two }
    spec:
      initContainers:
        - name: wait
          image: busybox:1.28
      containers:
        - name: nginx
          image: nginx:1.14.2
        - name: shell
          image: busybox:1.28
---
apiVersion: apps/v1
kind: DaemonSet
metadata:
  name: fluentd
  namespace: default
spec:
  selector:
    matchLabels: { app: fluentd }
  template:
    metadata:
      labels: { app: fluentd }
    spec:
      containers:
        - name: fluentd
          image: fluentd/fluentd:v1.16
`;
