import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { proposeBackup } from '../../src/backup/index.ts';
import type { Config } from '../../src/config/index.ts';
import type { ForgeRepository } from '../../src/embedded/index.ts';
import { runPullRequest } from '../../src/faces/pull-request.ts';
import { githubAddress, openCheckout, openGitHub } from '../../src/forge/index.ts';
import type { Report } from '../../src/report/index.ts';
import { bundleProgram } from '../support/bundle-program.ts';
import { cloneInto, git } from '../support/git-checkout.ts';
import { startTestForge, stopTestForge, type TestForge, tokens } from '../support/github.ts';
import type { PullRequestTask } from '../support/pull-request-child.ts';
import { createWorld, deployment, type World } from './world.ts';

let forge: TestForge;
let world: World;
let repository: ForgeRepository;
let folder: string;
let names = 0;
/** `holdfast pr` that kills itself. */
let program: string;

beforeAll(async () => {
  forge = await startTestForge();
  program = await bundleProgram(join(import.meta.dirname, '../support/pull-request-child.ts'), forge.root);
});
afterAll(() => stopTestForge(forge));
beforeEach(async () => {
  world = await createWorld({});
  names += 1;
  repository = await forge.createRepository(`acme/shop-${names}`, {
    'apps/web.yaml': deployment('web', 'nginx:1.25'),
    'jobs/cache.yaml': deployment('cache', 'redis:7'),
    'jobs/gone.yaml': deployment('gone', 'nobody/has-this:1'),
    'README.md': '# Shop\n',
    '.github/workflows/pod.yaml': deployment('runner', 'nginx:1.25'),
  });
  folder = await cloneInto(forge.root, forge.cloneUrl(repository), tokens.bot);
  forge.forgetRequests();
});
afterEach(() => world.close());

const steps: string[] = [];
/** Every run on these manifests ends in the same tree, killed or not. */
let quietTree: string | null = null;

async function run(
  changes: Partial<Config> = {},
  dryRun = false,
  token: string = tokens.bot,
): Promise<Report> {
  steps.length = 0;
  const work = world.work(changes);
  const checkout = await openCheckout({ folder }, { environment: process.env, token, base: null });
  const address = githubAddress(checkout.remote, forge.apiUrl, { apiUrl: null, serverUrl: null });
  if (address === null) throw new Error('the forge has an address');
  const github = openGitHub(address, { token, writeInterval: 0, retryUnit: 1 });
  return proposeBackup(
    work,
    { checkout, github },
    {
      ...work.config.pullRequest,
      commitVia: 'git',
      dryRun,
      onStep: ({ sentence }) => void steps.push(sentence),
    },
  );
}

const show = (path: string, branch = 'holdfast/main'): Promise<string> =>
  forge.git(repository, ['show', `${branch}:${path}`]);

test('copies nothing for a repository that is archived', async () => {
  repository.archived = true;
  const opened = world.upstream.requests.length;
  await expect(run()).rejects.toThrow('is archived and takes no changes');
  expect(world.upstream.requests).toHaveLength(opened);
});

test('copies nothing when the token may only read; a dry run needs no more', async () => {
  const opened = world.backup.requests.length;
  await expect(run({}, false, tokens.reader)).rejects.toThrow('give it the permission contents: write');
  expect(world.backup.requests).toHaveLength(opened);
  expect(await run({}, true, tokens.reader)).toMatchObject({ proposals: [{ operation: 'created' }] });
});

test('opens one request with the evidence, and leaves the checkout as it is', async () => {
  const report = await run();
  const nginx = world.upstream.manifest('library/nginx', '1.25')?.digest ?? '';
  expect(report.proposals).toMatchObject([
    { operation: 'created', number: 1, branch: 'holdfast/main', title: 'Use the backups of 2 images' },
  ]);
  expect(report.attention).toBe(true);
  expect(await show('apps/web.yaml')).toContain(`backup.test/mirror/docker.io/library/nginx:1.25@${nginx}`);
  expect(await show('jobs/gone.yaml')).toContain('image: nobody/has-this:1');
  expect(await show('holdfast.lock.yaml')).toContain('docker.io/library/redis:7:');
  const body = repository.pulls[0]?.body ?? '';
  expect(body).toContain(nginx);
  expect(body).toContain('linux/amd64, linux/arm64');
  expect(body).toContain('nobody/has-this');
  expect(body).toMatch(/\| 40\.\d kB \|/);
  expect(await git(folder, ['status', '--porcelain'])).toBe('');
  quietTree = await forge.git(repository, ['rev-parse', 'holdfast/main^{tree}']);
  expect(forge.breaches).toEqual([]);
});

test('ten runs in a row make one request, one commit, and no write after the first', async () => {
  await run();
  const head = await forge.git(repository, ['rev-parse', 'holdfast/main']);
  forge.forgetRequests();
  for (let again = 1; again < 10; again += 1) {
    const report = await run();
    expect(report.proposals).toMatchObject([{ operation: 'unchanged', number: 1 }]);
  }
  expect(forge.writes()).toEqual([]);
  expect(await forge.git(repository, ['rev-parse', 'holdfast/main'])).toBe(head);
  expect(await forge.git(repository, ['rev-list', '--count', 'main..holdfast/main'])).toBe('1');
}, 60_000);

test('an outage of the backup closes nothing', async () => {
  await run();
  world.backup.setFaults([{ match: {}, fault: { kind: 'status', status: 403 } }]);
  await expect(run()).rejects.toThrow('The backup registry cannot be used');
  world.backup.setFaults([{ match: { path: /manifests|blobs/ }, fault: { kind: 'status', status: 403 } }]);
  expect(await run()).toMatchObject({ attention: true, proposals: [] });
  expect(repository.pulls.map(({ state }) => state)).toEqual(['open']);
});

test.each(['started 1', 'moved 1', 'copied 1', 'copied 2', 'write-commit 1', 'push 1', 'create 1'])(
  'killed at "%s", a rerun ends as if nothing had happened',
  async (killAt) => {
    const task: PullRequestTask = {
      folder,
      apiUrl: forge.apiUrl,
      upstream: world.upstream.url,
      backup: world.backup.url,
      killAt,
    };
    const child = spawn(process.execPath, [program, JSON.stringify(task)], {
      // What it leaves behind when it is killed goes with the forge.
      env: { ...process.env, GITHUB_TOKEN: tokens.bot, TMPDIR: forge.root },
      stdio: 'inherit',
    });
    expect(await once(child, 'close')).toEqual([null, 'SIGKILL']);
    expect(await git(folder, ['status', '--porcelain'])).toBe('');
    await run();
    expect(repository.pulls.map(({ state, title }) => [state, title])).toEqual([
      ['open', 'Use the backups of 2 images'],
    ]);
    expect(await forge.git(repository, ['rev-list', '--count', 'main..holdfast/main'])).toBe('1');
    const tree = await forge.git(repository, ['rev-parse', 'holdfast/main^{tree}']);
    quietTree ??= tree;
    expect(tree).toBe(quietTree);
  },
  30_000,
);

test('a dry run says every step and takes none', async () => {
  const report = await run({}, true);
  expect(report.proposals).toMatchObject([{ operation: 'created', number: null }]);
  expect(steps.map((step) => step.split(' ')[0])).toEqual(['write', 'create', 'open']);
  expect(forge.writes()).toEqual([]);
  expect(world.backup.requests.filter(({ method }) => method === 'PUT' || method === 'POST')).toEqual([]);
});

test('once merged there is nothing to propose', async () => {
  await run({ exclude: { images: ['nobody/**'], namespaces: [], paths: [] } });
  await forge.git(repository, ['update-ref', 'refs/heads/main', 'refs/heads/holdfast/main']);
  await git(folder, ['pull', '--quiet'], tokens.bot);
  const report = await run({ exclude: { images: ['nobody/**'], namespaces: [], paths: [] } });
  expect(report.changes).toEqual([]);
  expect(report.proposals.map(({ operation }) => operation)).not.toContain('created');
});

test('one request for each directory, each with its own part of the lock, and none when they join again', async () => {
  const directory = { pullRequest: { ...world.work().config.pullRequest, group: 'directory' } } as const;
  const report = await run(directory);
  expect(report.proposals.map(({ branch, operation }) => [branch, operation])).toEqual([
    ['holdfast/main--apps', 'created'],
    ['holdfast/main--jobs', 'created'],
  ]);
  expect(await show('jobs/cache.yaml', 'holdfast/main--apps')).toContain('image: redis:7');
  expect(await show('holdfast.lock.yaml', 'holdfast/main--apps')).not.toContain('redis');
  const joined = await run();
  expect(joined.proposals.map(({ branch, operation }) => [branch, operation])).toEqual([
    ['holdfast/main', 'created'],
    ['holdfast/main--apps', 'closed'],
    ['holdfast/main--jobs', 'closed'],
  ]);
  expect(repository.pulls.map(({ comments }) => comments.map(({ body }) => body.split('\n')[0]))).toEqual([
    [expect.stringMatching(/^Closed: with `group: repository` there is one request for all directories/)],
    [expect.stringMatching(/^Closed: with `group: repository` there is one request for all directories/)],
    [],
  ]);
  await run(directory);
  expect(repository.pulls[2]).toMatchObject({
    state: 'closed',
    comments: [{ body: expect.stringMatching(/^Closed: with `group: directory` each top directory has/) }],
  });
}, 30_000);

describe('a request that has nothing to change any more says the reason', () => {
  const reason = () => repository.pulls[0]?.comments.map(({ body }) => body.split('\n')[0]);
  const commit = async (files: Readonly<Record<string, string>>): Promise<void> => {
    for (const [path, text] of Object.entries(files)) await writeFile(join(folder, path), text);
    await git(folder, ['commit', '--quiet', '--all', '-m', 'Change']);
    await git(folder, ['push', '--quiet'], tokens.bot);
  };

  test('when the configuration leaves it out', async () => {
    await run();
    await run({ paths: ['*.md'] });
    expect(reason()).toEqual([
      'Closed: 2 image references of this request are left out now, by `paths` or `exclude` of the configuration or by a word in the manifest, and nothing else is left to change.',
    ]);
  });

  test('when it cannot be moved any more', async () => {
    await run();
    const set = (name: string, image: string) =>
      deployment(name, image).replace('# as upstream says', '# {"$imagepolicy": "shop:set"}');
    await commit({ 'apps/web.yaml': set('web', 'nginx:1.25'), 'jobs/cache.yaml': set('cache', 'redis:7') });
    await run();
    expect(reason()).toEqual([
      'Closed: 2 image references of this request cannot be moved to the backup any more, and nothing else is left to change. The summary of the run says why.',
    ]);
  });

  test('when all of it is gone', async () => {
    await run();
    await commit({ 'apps/web.yaml': '{}\n', 'jobs/cache.yaml': '{}\n' });
    await run();
    expect(reason()).toEqual([expect.stringMatching(/^Closed: nothing is left to change\. Every image/)]);
  });
});

test('the body names what would be written back, the secret with its namespaces, and what Renovate needs', async () => {
  const setter = deployment('set', 'redis:7').replace('# as upstream says', '# {"$imagepolicy": "shop:set"}');
  const updater = `apiVersion: argoproj.io/v1alpha1
kind: Application
metadata:
  name: shop
  annotations: { argocd-image-updater.argoproj.io/image-list: "cache=redis" }
spec: { source: { repoURL: "https://github.com/acme/shop.git", path: jobs } }
`;
  repository = await forge.createRepository(`acme/held-${names}`, {
    'apps/web.yaml': deployment('web', 'nginx:1.25'),
    'apps/set.yaml': setter,
    'jobs/cache.yaml': deployment('cache', 'redis:7'),
    'argocd/shop.yaml': updater,
  });
  folder = await cloneInto(forge.root, forge.cloneUrl(repository), tokens.bot);
  await run({ pullSecret: { name: 'backup-pull', attach: 'pod' } });
  const body = repository.pulls[0]?.body ?? '';
  const [, elsewhere = '', ...rest] = body.split('### ');
  expect(elsewhere).toMatch(/^Decided elsewhere/);
  expect(elsewhere).toMatch(/\| `apps\/set\.yaml:\d+` \| `redis:7` \|/);
  expect(elsewhere).toMatch(/\| `jobs\/cache\.yaml:\d+` \| `redis:7` \| .*argocd\/shop\.yaml:5/);
  expect(rest.join()).toContain('The secret `backup-pull` must be there before this is merged, in `shop`.');
  expect(rest.join()).toContain('"backup.test/mirror/docker.io": "docker.io"');
  expect(body.length).toBeLessThan(58_000);
}, 30_000);

test('what is in a file of a workflow is never changed', async () => {
  const report = await run();
  expect(report.images.map(({ use }) => use.file)).not.toContain('.github/workflows/pod.yaml');
  const changed = await forge.git(repository, ['diff', '--name-only', 'main', 'holdfast/main']);
  expect(changed.split('\n')).toEqual(['apps/web.yaml', 'holdfast.lock.yaml', 'jobs/cache.yaml']);
});

describe('limits', () => {
  const limited = (limits: Partial<Config['pullRequest']>) => ({
    pullRequest: { ...world.work().config.pullRequest, ...limits },
  });

  test.each([{ maxImages: 1 }, { maxFiles: 1 }])(
    'leave the rest for the next request, which comes after the merge of the first: %j',
    async (limit) => {
      const first = await run(limited(limit));
      expect(first.changes.map(({ path }) => path)).toEqual(['apps/web.yaml']);
      expect(first.edits.map(({ file }) => file)).toEqual(['apps/web.yaml']);
      expect(first.notes.join()).toContain('1 image and 1 manifest wait');
      expect(await show('jobs/cache.yaml')).toContain('image: redis:7');
      expect(await show('holdfast.lock.yaml')).not.toContain('redis');
      const body = repository.pulls[0]?.body ?? '';
      expect(body).toContain('1 more image and 1 more manifest will be proposed once this one is merged.');
      expect(body).not.toContain('docker.io/library/redis');
      expect(await run(limited(limit))).toMatchObject({ proposals: [{ operation: 'unchanged' }] });
      const api = `/repos/${repository.owner}/${repository.name}`;
      await forge.asPerson('PUT', `${api}/pulls/1/merge`, { merge_method: 'squash' });
      await git(folder, ['pull', '--quiet'], tokens.bot);
      const second = await run(limited(limit));
      expect(second.proposals).toMatchObject([{ operation: 'created', number: 2 }]);
      expect(second.changes.map(({ path }) => path)).toEqual(['jobs/cache.yaml']);
      expect(repository.pulls[1]?.body).not.toContain('Waiting');
    },
    60_000,
  );

  test('keep requests to as many as may be open, and refresh those', async () => {
    const limits = limited({ group: 'directory', maxRequests: 1 });
    for (const operation of ['created', 'unchanged']) {
      const report = await run(limits);
      expect(report.proposals).toMatchObject([{ branch: 'holdfast/main--apps', operation }]);
      expect(report.notes.join()).toContain('No request yet for jobs: --max-prs lets 1 be open at a time.');
    }
    expect(repository.pulls).toHaveLength(1);
    const api = `/repos/${repository.owner}/${repository.name}`;
    await forge.asPerson('PUT', `${api}/pulls/1/merge`, { merge_method: 'squash' });
    await git(folder, ['pull', '--quiet'], tokens.bot);
    expect((await run(limits)).proposals).toMatchObject([{ branch: 'holdfast/main--jobs' }]);
  }, 60_000);
});

test('without a token it says which one is needed', async () => {
  const call = {
    place: { folder },
    token: null,
    githubApi: forge.apiUrl,
    commitVia: 'git',
    recreateClosed: 'auto',
    dryRun: false,
    onStep: () => {},
    onWait: () => {},
  } as const;
  const started = runPullRequest(world.work(), { PATH: process.env['PATH'], HOME: folder }, call);
  await expect(started).rejects.toThrow('set GITHUB_TOKEN');
});
