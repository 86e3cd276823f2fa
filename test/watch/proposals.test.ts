import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import type { Config } from '../../src/config/index.ts';
import { addImage, type ForgeRepository } from '../../src/embedded/index.ts';
import { pageOfWatch } from '../../src/faces/daemon/page-of-watch.ts';
import type { ForgeAccess, WatchSnapshot } from '../../src/watch/index.ts';
import { deployment } from '../backup/world.ts';
import { liveDeployment, livePod, paths } from '../support/fake-cluster.ts';
import { startTestForge, stopTestForge, type TestForge, tokens } from '../support/github.ts';
import { createLiveWorld, type LiveWorld } from '../support/live-world.ts';
import { findMountProblem, mountSmallVolume } from '../support/small-volume.ts';

const nginx = 'docker.io/library/nginx:1.25';
const minute = 60_000;
const mountProblem = await findMountProblem();
let forge: TestForge;
let world: LiveWorld;
let repository: ForgeRepository;
let url: string;
let names = 0;

beforeAll(async () => {
  forge = await startTestForge();
});
afterAll(() => stopTestForge(forge));
beforeEach(async () => {
  world = await createLiveWorld();
  names += 1;
  repository = await forge.createRepository(`acme/gitops-${names}`, {
    'apps/web.yaml': deployment('web', 'nginx:1.25'),
    'README.md': '# GitOps\n',
  });
  url = forge.cloneUrl(repository);
  forge.forgetRequests();
});
afterEach(async () => {
  forge.intercept(null);
  await world.close();
});

const access = (more: Partial<ForgeAccess> = {}): Partial<ForgeAccess> => ({
  environment: { ...process.env, GITHUB_API_URL: forge.apiUrl, GITHUB_SERVER_URL: forge.url },
  findToken: async () => tokens.bot,
  github: { writeInterval: 0, retryUnit: 1 },
  ...more,
});
const here = (): Partial<Config> => ({
  repositories: [{ url, path: '', branch: null, namespaces: ['shop'] }],
});
const show = (path: string, branch = 'holdfast/main'): Promise<string> =>
  forge.git(repository, ['show', `${branch}:${path}`]);
const isProposed = ({
  proposals,
}: {
  proposals: readonly { requests: readonly { operation: string }[] }[];
}) => proposals.some(({ requests }) => requests.some(({ operation }) => operation === 'created'));

test('the request pins what runs, and says that the tag moved on', async () => {
  const old = world.upstream.manifest('library/nginx', '1.25')?.digest ?? '';
  const now = await addImage(world.upstream, 'library/nginx', '1.25', { layerBytes: 3000 });
  world.cluster.put(paths.deployments, liveDeployment('web', 'nginx:1.25'));
  world.cluster.put(
    paths.pods,
    livePod('web-5d4f-1', [{ image: 'nginx:1.25', imageID: `docker.io/library/nginx@${old}` }], {
      kind: 'ReplicaSet',
      name: 'web-5d4f',
    }),
  );
  world.start(here(), access());
  const { proposals } = await world.until(isProposed);
  expect(proposals[0]).toMatchObject({ state: 'done', requests: [{ operation: 'created', number: 1 }] });
  expect(await show('apps/web.yaml')).toContain(`backup.test/mirror/docker.io/library/nginx:1.25@${old} #`);
  expect(repository.pulls[0]?.body).toContain('Tags that moved on upstream');
  expect(repository.pulls[0]?.body).toContain(now);
});

test.each([
  [
    'an Application, by its tracking id',
    { annotations: { 'argocd.argoproj.io/tracking-id': 'shop:apps/Deployment:shop/web' } },
    () => {
      world.cluster.put(paths.applications, {
        metadata: {
          name: 'shop',
          namespace: 'argocd',
          ownerReferences: [{ kind: 'ApplicationSet', name: 'all' }],
        },
        spec: { source: { repoURL: url, path: 'apps', targetRevision: 'HEAD' } },
      });
    },
    'Application argocd/shop ← ApplicationSet all',
  ],
  [
    'an Application of several sources, by its instance label',
    { labels: { 'app.kubernetes.io/instance': 'shop' } },
    () => {
      world.cluster.put(paths.applications, {
        metadata: { name: 'shop', namespace: 'argocd' },
        spec: {
          destination: { namespace: 'shop' },
          sources: [
            { repoURL: 'https://charts.example', chart: 'web', targetRevision: '1.0.0' },
            { repoURL: url, path: 'apps', targetRevision: 'main' },
          ],
        },
      });
    },
    'Application argocd/shop',
  ],
  [
    'an Application whose source is hydrated',
    { annotations: { 'argocd.argoproj.io/tracking-id': 'shop:apps/Deployment:shop/web' } },
    () => {
      world.cluster.put(paths.applications, {
        metadata: { name: 'shop', namespace: 'argocd' },
        spec: {
          sourceHydrator: {
            drySource: { repoURL: url, path: 'apps', targetRevision: 'main' },
            syncSource: { targetBranch: 'env/prod', path: 'apps' },
          },
        },
      });
    },
    'Application argocd/shop',
  ],
  [
    'a Kustomization of Flux',
    {
      labels: {
        'kustomize.toolkit.fluxcd.io/name': 'apps',
        'kustomize.toolkit.fluxcd.io/namespace': 'flux-system',
      },
    },
    () => putFlux(),
    'Kustomization flux-system/apps',
  ],
  [
    'a HelmRelease of Flux, which a Kustomization applies',
    { labels: { 'helm.toolkit.fluxcd.io/name': 'web', 'helm.toolkit.fluxcd.io/namespace': 'shop' } },
    () => {
      putFlux();
      world.cluster.put(paths.helmreleases, {
        metadata: {
          name: 'web',
          namespace: 'shop',
          labels: {
            'kustomize.toolkit.fluxcd.io/name': 'apps',
            'kustomize.toolkit.fluxcd.io/namespace': 'flux-system',
          },
        },
        spec: { chart: { spec: { chart: 'web', sourceRef: { kind: 'HelmRepository', name: 'charts' } } } },
      });
    },
    'HelmRelease shop/web ← Kustomization flux-system/apps',
  ],
])('the repository is found from %s', async (_, marks, prepare, owner) => {
  prepare();
  world.cluster.put(paths.deployments, liveDeployment('web', 'nginx:1.25', marks));
  world.start({}, access());
  const { targets, proposals } = await world.until(isProposed);
  expect([...(targets.owners.get(nginx) ?? [])]).toEqual([owner]);
  expect(proposals.map(({ repository: at }) => at)).toEqual([url]);
  expect(await show('apps/web.yaml')).toContain('backup.test/mirror');
});

function putFlux(ref: object | null = { branch: 'main' }): void {
  world.cluster.put(paths.kustomizations, {
    metadata: { name: 'apps', namespace: 'flux-system' },
    spec: { path: './apps', sourceRef: { kind: 'GitRepository', name: 'gitops' } },
  });
  world.cluster.put(paths.gitrepositories, {
    metadata: { name: 'gitops', namespace: 'flux-system' },
    spec: { url, ...(ref && { ref }) },
  });
}

test('an image that no file names is copied, and told in the request, never patched', async () => {
  await addImage(world.upstream, 'mesh/proxy', '1');
  await addImage(world.upstream, 'team/made', '1');
  world.cluster.put(paths.deployments, liveDeployment('web', 'nginx:1.25'));
  world.cluster.put(paths.deployments, {
    ...liveDeployment('made', 'quay.io/team/made:1'),
    metadata: {
      name: 'made',
      namespace: 'shop',
      ownerReferences: [{ kind: 'Database', name: 'main', controller: true }],
    },
  });
  world.cluster.put(
    paths.pods,
    livePod(
      'web-5d4f-1',
      [
        { image: 'nginx:1.25', imageID: '' },
        { image: 'quay.io/mesh/proxy:1', imageID: '' },
      ],
      {
        kind: 'ReplicaSet',
        name: 'web-5d4f',
      },
    ),
  );
  world.start(here(), access());
  await world.until(isProposed);
  const body = repository.pulls[0]?.body ?? '';
  expect(body).toContain(
    'quay.io/mesh/proxy:1 runs in Pod shop/web-5d4f-1 ← ReplicaSet web-5d4f ← Deployment web',
  );
  expect(body).toContain('it is made by Database main');
  expect(world.image('quay.io/mesh/proxy:1').backup.state).toBe('present');
  expect((await forge.git(repository, ['diff', '--name-only', 'main', 'holdfast/main'])).split('\n')).toEqual(
    ['apps/web.yaml', 'holdfast.lock.yaml'],
  );
});

test('the mode archive copies only', async () => {
  world.cluster.put(paths.deployments, liveDeployment('web', 'nginx:1.25'));
  world.start({ ...here(), watch: mode('archive') }, access());
  await world.until(({ images }) => images[0]?.backup.state === 'present');
  await world.clock.advance(90 * minute);
  expect(forge.requests).toEqual([]);
});

test('the mode failover proposes when upstream is gone, and only what is', async () => {
  await addImage(world.upstream, 'library/redis', '7');
  await forge.git(repository, ['branch', 'unused', 'main']);
  world.cluster.put(paths.deployments, liveDeployment('web', 'nginx:1.25'));
  world.cluster.put(paths.deployments, liveDeployment('cache', 'redis:7'));
  world.start({ ...here(), watch: mode('failover') }, access());
  await world.until(({ images }) => images.every(({ upstream }) => upstream.state === 'available'));
  await world.clock.advance(30 * minute);
  expect(forge.requests).toEqual([]);
  world.upstream.setFaults([{ match: { path: /nginx/ }, fault: { kind: 'status', status: 401 } }]);
  await world.clock.advance(60 * minute);
  await world.until(isProposed);
  expect(await show('apps/web.yaml')).toContain('backup.test/mirror/docker.io/library/nginx:1.25@');
  expect(await show('holdfast.lock.yaml')).not.toContain('redis');
});

test.each([
  [
    'answers 401 since before the start',
    async () => {
      await world.stop();
      world.upstream.setFaults([{ match: {}, fault: { kind: 'status', status: 401 } }]);
    },
  ],
  [
    'has the tag, and no longer what runs',
    async (digest: string) => {
      await addImage(world.upstream, 'library/nginx', '1.25', { layerBytes: 3000 });
      await fetch(`${world.upstream.url}/v2/library/nginx/manifests/${digest}`, { method: 'DELETE' });
      await world.stop();
    },
  ],
])('the mode failover proposes what runs where upstream %s', async (_, lose) => {
  const digest = world.upstream.manifest('library/nginx', '1.25')?.digest ?? '';
  world.cluster.put(paths.deployments, liveDeployment('web', 'nginx:1.25'));
  world.cluster.put(
    paths.pods,
    livePod('web-1', [{ image: 'nginx:1.25', imageID: `docker.io/library/nginx@${digest}` }]),
  );
  world.start({ ...here(), watch: mode('failover') }, access());
  await world.until(
    ({ images }) => images[0]?.backup.state === 'present' && images[0].upstream.state === 'available',
  );
  await lose(digest);
  world.start({ ...here(), watch: mode('failover') }, access());
  await world.until(isProposed);
  expect(await show('apps/web.yaml')).toContain(`backup.test/mirror/docker.io/library/nginx:1.25@${digest}`);
});

test('two clusters that run different digests agree on what is proposed already', async () => {
  const old = world.upstream.manifest('library/nginx', '1.25')?.digest ?? '';
  const now = await addImage(world.upstream, 'library/nginx', '1.25', { layerBytes: 3000 });
  const other = await createLiveWorld(world);
  try {
    for (const [each, digest] of [
      [world, old],
      [other, now],
    ] as const) {
      each.cluster.put(paths.deployments, liveDeployment('web', 'nginx:1.25'));
      each.cluster.put(paths.pods, livePod('a', [{ image: 'nginx:1.25', imageID: `nginx@${digest}` }]));
    }
    world.start(here(), access());
    await world.until(isProposed);
    const head = await forge.git(repository, ['rev-parse', 'holdfast/main']);
    other.start(here(), access());
    const { proposals } = await other.until((snapshot) => snapshot.proposals[0]?.state === 'done');
    expect(proposals[0]?.requests).toMatchObject([{ operation: 'unchanged', number: 1 }]);
    expect(await forge.git(repository, ['rev-parse', 'holdfast/main'])).toBe(head);
    expect(await show('apps/web.yaml')).toContain(old);
    // What the other runs is backed up all the same.
    expect(other.image(nginx).backup.digest).toBe(now);
  } finally {
    await other.close();
  }
});

test('two writers at the same moment end in one request', async () => {
  world.cluster.put(paths.deployments, liveDeployment('web', 'nginx:1.25'));
  const twin = await createLiveWorld(world);
  try {
    twin.cluster.put(paths.deployments, liveDeployment('web', 'nginx:1.25'));
    world.start(here(), access());
    twin.start(here(), access());
    const settled = ({ proposals }: { proposals: readonly { state: string }[] }) =>
      proposals[0]?.state === 'done';
    await Promise.all([world.until(settled), twin.until(settled)]);
    expect(repository.pulls.filter(({ state }) => state === 'open')).toHaveLength(1);
    expect(await forge.git(repository, ['rev-list', '--count', 'main..holdfast/main'])).toBe('1');
  } finally {
    await twin.close();
  }
}, 30_000);

test('a branch that another writer changed meanwhile is looked at again within seconds', async () => {
  const hook = join(repository.folder, 'hooks/update');
  await mkdir(join(repository.folder, 'hooks'), { recursive: true });
  await writeFile(hook, '#!/bin/sh\nrm "$0"\necho "cannot lock ref" >&2\nexit 1\n', { mode: 0o755 });
  world.cluster.put(paths.deployments, liveDeployment('web', 'nginx:1.25'));
  const watch = world.start(here(), access());
  const { proposals } = await world.until(({ proposals: all }) => all[0]?.state === 'failed');
  expect(proposals[0]?.error?.code).toBe('conflict');
  await world.clock.advance(10_000);
  await expect.poll(() => watch.look().proposals[0]?.state, { timeout: 10_000 }).toBe('done');
});

test('a force-pushed base is proposed to as it is now, from the kept clone', async () => {
  const cache = join(forge.root, `cache-${names}`);
  world.cluster.put(paths.deployments, liveDeployment('web', 'nginx:1.25'));
  world.start(here(), access({ cache }));
  await world.until(isProposed);
  const tree = await forge.git(repository, ['rev-parse', 'main^{tree}']);
  const commit = await forge.git(repository, [
    '-c',
    'user.name=jane',
    '-c',
    'user.email=jane@example.com',
    'commit-tree',
    '-m',
    'history is rewritten',
    tree,
  ]);
  await forge.git(repository, ['update-ref', 'refs/heads/main', commit]);
  await world.clock.advance(40 * minute);
  await world.until(({ proposals }) => proposals[0]?.requests[0]?.operation === 'updated');
  expect(await forge.git(repository, ['rev-parse', 'holdfast/main^'])).toBe(commit);
});

test('an Application of an OCI artifact has no repository that something could be proposed to', async () => {
  world.cluster.put(paths.applications, {
    metadata: { name: 'shop', namespace: 'argocd' },
    spec: { source: { repoURL: 'oci://registry.corp/shop/manifests', path: '.', targetRevision: '1.0.0' } },
  });
  const marks = { annotations: { 'argocd.argoproj.io/tracking-id': 'shop:apps/Deployment:shop/web' } };
  world.cluster.put(paths.deployments, liveDeployment('web', 'nginx:1.25', marks));
  world.start({}, access());
  const snapshot = await world.until(({ targets }) => targets.homeless.length > 0);
  await world.clock.advance(minute);
  expect([snapshot.targets.repositories, world.problems]).toEqual([[], []]);
  expect(pageOfWatch(snapshot).images[0]?.owners).toEqual(['Application argocd/shop']);
});

test('a broken clone on the volume is replaced', async () => {
  const cache = join(forge.root, `cache-${names}`);
  world.cluster.put(paths.deployments, liveDeployment('web', 'nginx:1.25'));
  world.start(here(), access({ cache }));
  await world.until(isProposed);
  await world.stop();
  const [name = ''] = await import('node:fs/promises').then(({ readdir }) => readdir(cache));
  await mkdir(join(cache, name, 'objects'), { recursive: true });
  await writeFile(join(cache, name, 'HEAD'), 'nonsense');
  world.start(here(), access({ cache }));
  await world.until(({ proposals }) => proposals[0]?.state === 'failed' || proposals[0]?.state === 'done');
  await world.clock.advance(20 * minute);
  const { proposals } = await world.until((snapshot) => snapshot.proposals[0]?.state === 'done');
  expect(proposals[0]?.requests).toMatchObject([{ operation: 'unchanged' }]);
});

test('GitHub limits its calls for a while: the request comes by itself when it may', async () => {
  forge.intercept(() => ({
    status: 403,
    headers: {
      'x-ratelimit-remaining': '0',
      'x-ratelimit-reset': String(Math.floor(Date.now() / 1000) + 3600),
    },
    body: {
      message: 'API rate limit exceeded for installation',
      documentation_url: 'https://docs.github.com',
    },
  }));
  world.cluster.put(paths.deployments, liveDeployment('web', 'nginx:1.25'));
  world.start(here(), access());
  const { proposals } = await world.until(({ proposals: all }) => all[0]?.state === 'failed');
  expect(proposals[0]?.error?.message).toContain("GitHub's limit of calls");
  forge.intercept(null);
  await world.clock.advance(20 * minute);
  await world.until(isProposed);
});

test('a volume without room is told, and no copy waits for it', async () => {
  const cache = join(forge.root, `file-${names}`);
  await writeFile(cache, 'not a folder');
  world.cluster.put(paths.deployments, liveDeployment('web', 'nginx:1.25'));
  world.start(here(), access({ cache }));
  await world.until(({ proposals }) => proposals[0]?.state === 'failed');
  expect(world.image(nginx).backup.state).toBe('present');
  await import('node:fs/promises').then(({ rm }) => rm(cache));
  await world.clock.advance(20 * minute);
  await world.until(isProposed);
});

test.skipIf(mountProblem !== null)(
  `a volume that is full is told, and is used again when it has room${mountProblem === null ? '' : ` (${mountProblem})`}`,
  async () => {
    const volume = await mountSmallVolume('64k');
    try {
      world.cluster.put(paths.deployments, liveDeployment('web', 'nginx:1.25'));
      world.start(here(), access({ cache: join(volume.path, 'git') }));
      const { proposals } = await world.until(({ proposals: all }) => all[0]?.state === 'failed');
      expect(proposals[0]?.error?.message).toMatch(/no space left|No space left|ENOSPC/);
      expect(world.image(nginx).backup.state).toBe('present');
      await volume.resize('32m');
      await world.clock.advance(20 * minute);
      await world.until(isProposed);
    } finally {
      await world.stop();
      await volume.close();
    }
  },
);

test('only GitHub is sent the token: an Application may name any host', async () => {
  const seen: (string | undefined)[] = [];
  const { createServer } = await import('node:http');
  const server = createServer((request, answer) => {
    seen.push(request.headers.authorization);
    answer.writeHead(404).end();
  });
  await new Promise<void>((resolve) => {
    server.listen(0, 'localhost', resolve);
  });
  const address = server.address();
  const port = typeof address === 'object' ? address?.port : 0;
  world.cluster.put(paths.applications, {
    metadata: { name: 'evil', namespace: 'argocd' },
    spec: { source: { repoURL: `http://localhost:${port}/acme/evil.git`, path: '.' } },
  });
  world.cluster.put(
    paths.deployments,
    liveDeployment('web', 'nginx:1.25', { annotations: { 'argocd.argoproj.io/tracking-id': 'evil:x' } }),
  );
  world.start({}, access());
  await world.until(({ proposals }) => proposals[0]?.state === 'failed');
  server.close();
  server.closeAllConnections();
  expect(seen.length).toBeGreaterThan(0);
  expect(new Set(seen)).toEqual(new Set([undefined]));
});

test("a repository's own file decides how its manifests look, and what else it says is told", async () => {
  await own('paths: [apps/**]\npin: tag\nconcurrency: 1\n');
  world.start(here(), access());
  const snapshot = await world.until(isProposed);
  expect(await show('apps/web.yaml')).toContain('backup.test/mirror/docker.io/library/nginx:1.25');
  expect(await show('apps/web.yaml')).not.toContain('@sha256:');
  expect(await show('other/web.yaml')).toContain('image: nginx:1.25');
  expect(world.ignored).toEqual([`${url}: concurrency`]);
  expect(pageOfWatch(snapshot).notices).toEqual([
    `${url} sets concurrency in its own configuration; the daemon's counts.`,
  ]);
});

test("where a repository's own file names another backup, its own runs and the daemon leave each other alone", async () => {
  await own('backup: evil.example/x\n');
  world.start(here(), access());
  const { proposals } = await world.until(({ proposals: all }) => all[0]?.state === 'failed');
  expect(proposals[0]?.error?.message).toMatch(/another backup than .* give both the same/);
  expect(world.image(nginx).backup.reference).toContain('backup.test/mirror/');
  expect(repository.pulls).toEqual([]);
});

async function own(text: string): Promise<void> {
  repository = await forge.createRepository(`acme/own-${names}`, {
    '.holdfast.yaml': text,
    'apps/web.yaml': deployment('web', 'nginx:1.25'),
    'other/web.yaml': deployment('web', 'nginx:1.25'),
  });
  url = forge.cloneUrl(repository);
  world.cluster.put(paths.deployments, liveDeployment('web', 'nginx:1.25'));
}

const putApplication = (name: string, spec: object, namespace = 'argocd'): void =>
  world.cluster.put(paths.applications, { metadata: { name, namespace }, spec });
const tracked = (id: string) => ({ annotations: { 'argocd.argoproj.io/tracking-id': `${id}:apps/x` } });
const advice = (snapshot: WatchSnapshot): string[] =>
  pageOfWatch(snapshot).images.flatMap((image) => image.advice ?? []);

test.each([
  ['a tag', 'stable', 'main'],
  ['a short commit', '0a1b2c3', 'main'],
  ['a range', '1.x', 'main'],
  ['a branch that looks like a range', '1.2.x', '1.2.x'],
  ['a branch that looks like a version', 'v2.0-maintenance', 'v2.0-maintenance'],
])(
  'an Application that deploys %s is proposed to the branch of that name, or the default one',
  async (_, revision, base) => {
    for (const branch of ['1.2.x', 'v2.0-maintenance'])
      await forge.git(repository, ['branch', branch, 'main']);
    await forge.git(repository, ['tag', 'stable', 'main']);
    putApplication('shop', { source: { repoURL: url, path: 'apps', targetRevision: revision } });
    world.cluster.put(paths.deployments, liveDeployment('web', 'nginx:1.25', tracked('shop')));
    world.start({}, access());
    await world.until(isProposed);
    expect(repository.pulls.map((pull) => pull.base)).toEqual([base]);
  },
);

test.each([
  ['a branch by its full name', { name: 'refs/heads/prod' }, 'prod'],
  ['a branch that looks like a range', { branch: '1.2.x' }, '1.2.x'],
  ['a tag', { tag: 'production' }, 'main'],
  ['nothing, and has no master', null, 'main'],
])('a GitRepository of Flux that names %s', async (_, ref, base) => {
  for (const branch of ['prod', '1.2.x']) await forge.git(repository, ['branch', branch, 'main']);
  putFlux(ref);
  const labels = {
    'kustomize.toolkit.fluxcd.io/name': 'apps',
    'kustomize.toolkit.fluxcd.io/namespace': 'flux-system',
  };
  world.cluster.put(paths.deployments, liveDeployment('web', 'nginx:1.25', { labels }));
  world.start({}, access());
  await world.until(isProposed);
  expect(repository.pulls.map((pull) => pull.base)).toEqual([base]);
});

test('Applications that end at one branch of one repository, however they write it, share its request', async () => {
  await addImage(world.upstream, 'library/redis', '7');
  await forge.git(repository, ['tag', 'stable', 'main']);
  putApplication('shop', { source: { repoURL: url, path: 'apps', targetRevision: 'stable' } });
  putApplication('cache', {
    source: { repoURL: url.replace(/\.git$/, ''), path: 'apps', targetRevision: 'main' },
  });
  world.cluster.put(paths.deployments, liveDeployment('web', 'nginx:1.25', tracked('shop')));
  world.cluster.put(paths.deployments, liveDeployment('redis', 'redis:7', tracked('cache')));
  world.start({}, access());
  const { proposals } = await world.until(isProposed);
  expect(proposals).toHaveLength(1);
  expect(repository.pulls[0]?.body).toContain('redis:7 runs in');
});

test('a repository of GitHub that is named for ssh is reached with the token', async () => {
  putApplication('shop', { source: { repoURL: `git@127.0.0.1:acme/gitops-${names}.git`, path: 'apps' } });
  world.cluster.put(paths.deployments, liveDeployment('web', 'nginx:1.25', tracked('shop')));
  world.start({}, access());
  const { proposals } = await world.until(isProposed);
  expect(proposals.map(({ repository: at }) => at)).toEqual([url]);
});

test('a plain tracking id is of the namespace of Argo CD itself', async () => {
  putApplication('shop', { source: { repoURL: 'https://forge.example/a-team.git', path: '' } }, 'a-team');
  putApplication('shop', { source: { repoURL: url, path: 'apps' } });
  world.cluster.put(paths.deployments, liveDeployment('web', 'nginx:1.25', tracked('shop')));
  world.start({}, access());
  const { targets } = await world.until(isProposed);
  expect([...(targets.owners.get(nginx) ?? [])]).toEqual(['Application argocd/shop']);
});

test('where several Applications could be meant nothing is proposed, and the page says so', async () => {
  for (const team of ['a-team', 'b-team'])
    putApplication('shop', { source: { repoURL: url, path: 'apps' } }, team);
  world.cluster.put(paths.deployments, liveDeployment('web', 'nginx:1.25', tracked('shop')));
  world.start({}, access());
  const snapshot = await world.until(({ targets }) => targets.homeless.length > 0);
  expect(snapshot.targets.repositories).toEqual([]);
  expect(advice(snapshot)[0]).toContain('(a-team/shop, b-team/shop)');
});

test('an old Pod of a rollout is no injected container, and no matter of Git', async () => {
  await addImage(world.upstream, 'library/nginx', '1.24');
  world.cluster.put(paths.deployments, {
    ...liveDeployment('web', 'nginx:1.25'),
    spec: { template: { spec: { containers: [{ name: 'c0', image: 'nginx:1.25' }] } } },
  });
  const owner = { kind: 'ReplicaSet', name: 'web-5d4f' };
  world.cluster.put(paths.pods, livePod('web-5d4f-1', [{ image: 'nginx:1.24', imageID: '' }], owner));
  world.start(here(), access());
  const snapshot = await world.until(isProposed);
  expect(repository.pulls[0]?.body).not.toContain('nginx:1.24');
  expect(advice(snapshot)).toEqual([
    expect.stringMatching(/nginx:1\.24 runs in .*: the Pod template of Deployment web names another image/),
  ]);
  expect(pageOfWatch(snapshot).notices).toEqual([]);
});

test('no advice on what was not looked for: in the mode archive, and while the forge does not answer', async () => {
  world.cluster.put(paths.deployments, liveDeployment('web', 'nginx:1.25'));
  world.start({ ...here(), watch: mode('archive') }, access());
  expect(advice(await world.until(({ images }) => images[0]?.backup.state === 'present'))).toEqual([]);
  await world.stop();
  forge.intercept(() => ({ status: 503, body: { message: 'later' } }));
  world.start(here(), access());
  const failed = await world.until(({ proposals }) => proposals[0]?.state === 'failed');
  expect(advice(failed)).toEqual([]);
});

test('of an Application with two repositories neither request says what the other names', async () => {
  await addImage(world.upstream, 'library/redis', '7');
  await addImage(world.upstream, 'library/memcached', '1');
  const other = await forge.createRepository(`acme/other-${names}`, {
    'apps/redis.yaml': deployment('redis', 'redis:7'),
  });
  putApplication('shop', {
    sources: [
      { repoURL: url, path: 'apps' },
      { repoURL: forge.cloneUrl(other), path: 'apps' },
    ],
  });
  for (const [name, image] of [
    ['web', 'nginx:1.25'],
    ['redis', 'redis:7'],
    ['memcached', 'memcached:1'],
  ] as const)
    world.cluster.put(paths.deployments, liveDeployment(name, image, tracked('shop')));
  world.start({}, access());
  const bodies = () => [repository, other].map(({ pulls }) => pulls[0]?.body ?? '');
  const snapshot = await world.until(
    () => bodies().every((body) => body.includes('memcached:1 runs in')),
    20,
  );
  for (const body of bodies()) expect(body).not.toMatch(/(?:nginx:1\.25|redis:7) runs in/);
  expect(advice(snapshot)).toEqual([expect.stringContaining('Application argocd/shop deploys it')]);
});

test('a bare Pod is found in Git, with the image that it mounts', async () => {
  await addImage(world.upstream, 'library/data', '1');
  world.cluster.put(paths.pods, {
    metadata: { name: 'job', namespace: 'shop' },
    spec: {
      containers: [{ name: 'c0', image: 'nginx:1.25' }],
      volumes: [{ name: 'data', image: { reference: 'data:1' } }],
    },
  });
  world.start(here(), access());
  await world.until(isProposed);
  expect(world.image('docker.io/library/data:1').needed.uses.map(({ field }) => field)).toEqual([
    'spec.volumes[0].image.reference',
  ]);
});

const mode = (kind: 'archive' | 'failover'): Config['watch'] => ({
  mode: kind,
  listen: ':0',
  upstreamMinutes: 60,
  events: false,
  readPullSecrets: false,
});
