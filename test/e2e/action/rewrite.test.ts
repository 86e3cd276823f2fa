import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startRegistry } from '../../../src/embedded/index.ts';
import { findNode24 } from '../../support/action-run.ts';
import { type ActionWorld, startActionWorld, web } from '../../support/action-world.ts';
import { findLeaks } from '../../support/find-leaks.ts';
import { tokens } from '../../support/github.ts';

let world: ActionWorld;
beforeAll(async () => {
  world = await startActionWorld();
});
afterAll(() => world.close());

const push = (branch: string) => ({
  ref: `refs/heads/${branch}`,
  before: '0'.repeat(40),
  repository: { default_branch: 'main' },
});

const node24 = findNode24();
const nodes = [
  { name: `Node ${process.versions.node}`, node: process.execPath, image: 'postgres:17' },
  ...(node24 === null || node24 === process.execPath
    ? []
    : [{ name: 'Node 24', node: node24, image: 'httpd:2' }]),
];

it.skipIf(node24 === null)('has a Node 24 to run the bundle on (skipped where the machine has none)', () => {
  expect(nodes.some(({ name }) => name.startsWith('Node 24'))).toBe(true);
});

describe.concurrent.each(nodes)('the bundle on $name', { timeout: 60_000 }, ({ node, image }) => {
  it('copies, opens the pull request with its outputs and summary, and finds nothing to do the next time', async () => {
    const { repository, run } = await world.createRepository({ 'k8s/web.yaml': web(image) });
    const first = await run({ node, event: 'push', payload: push('main'), inputs: { labels: 'images' } });
    expect(first.log).toContain('mode: rewrite (a push to the base branch)');
    expect(first).toMatchObject({ code: 0 });
    expect(first.outputs).toMatchObject({
      'pr-number': '1',
      'pr-operation': 'created',
      'pr-url': `${world.forge.url}/${repository.owner}/${repository.name}/pull/1`,
      branch: 'holdfast/main',
      'commits-verified': 'true',
      'images-found': '1',
      'images-copied': '1',
      'images-failed': '0',
    });
    expect(first.outputs['head-sha']).toBe(await world.forge.git(repository, ['rev-parse', 'holdfast/main']));
    expect(first.summary).toContain(`\`docker.io/library/${image}\``);
    expect(first.summary).toContain(
      `+          image: backup.example/prefix/docker.io/library/${image}@sha256:`,
    );
    const report = JSON.parse(await readFile(first.outputs['report'] ?? '', 'utf8'));
    expect(report.proposals).toMatchObject([{ operation: 'created', number: 1 }]);
    expect(repository.pulls).toMatchObject([{ state: 'open', labels: ['images'] }]);

    const before = world.writesTo(repository).length;
    const dispatched = await run({ node, event: 'workflow_dispatch', inputs: { labels: 'images' } });
    expect(dispatched).toMatchObject({
      code: 0,
      outputs: { 'pr-operation': 'unchanged', 'pr-number': '1', 'commits-verified': 'true' },
    });
    const scheduled = await run({ node, event: 'schedule', inputs: { labels: 'images' } });
    expect(scheduled).toMatchObject({
      code: 0,
      outputs: { 'pr-operation': 'unchanged', 'images-copied': '0' },
    });
    expect(world.writesTo(repository).slice(before)).toEqual([]);
    for (const { log, summary, home } of [first, dispatched, scheduled])
      expect(await findLeaks(home, `${log}${summary}`, Object.values(tokens))).toEqual([]);
  });
});

describe.concurrent('the bundle on push, schedule and workflow_dispatch', { timeout: 60_000 }, () => {
  it('goes through every step of a dry run and writes nothing anywhere', async () => {
    const { repository, run } = await world.createRepository({ 'k8s/web.yaml': web('alpine:3', 'redis:7') });
    const { code, log, summary } = await run({
      event: 'schedule',
      inputs: { 'dry-run': 'true', 'max-images': '1' },
    });
    expect(code).toBe(0);
    expect(log).toMatch(/^would open a pull request/m);
    expect(log).toMatch(/^would be opened {2}holdfast\/main$/m);
    expect(summary).toContain('**Pull request** `holdfast/main`: would be created.');
    expect(log).toMatch(/^note: Until what is proposed is merged, 1 image .*: the input max-images and /m);
    expect(world.writesTo(repository)).toEqual([]);
    expect(repository.pulls).toEqual([]);
    const asked = world.backup.requests.filter(({ path }) => path.includes('alpine'));
    expect(asked.filter(({ method }) => method !== 'GET' && method !== 'HEAD')).toEqual([]);
  });

  it('pushes the branch, fails and names the setting where Actions may not open pull requests', async () => {
    const { repository, run } = await world.createRepository({ 'k8s/web.yaml': web('nginx:1.25') });
    const { code, log, outputs } = await run({ event: 'push', payload: push('main'), token: tokens.actions });
    expect(code).toBe(1);
    expect(log).toContain('::error::');
    expect(log).toContain('Allow GitHub Actions to create and approve pull requests');
    expect(outputs).toMatchObject({ 'pr-operation': 'pushed', branch: 'holdfast/main' });
    expect(outputs['pr-url']).toContain('/compare/main...holdfast');
    expect(log.match(/^::error::.*\/compare\/.*$/gm)).toHaveLength(1);
    expect(log.match(/^::error::.*$/m)?.[0].match(/\/compare\//g)).toHaveLength(1);
    expect(await world.forge.git(repository, ['rev-parse', '--verify', 'holdfast/main'])).toMatch(/^\w{40}$/);
  });

  it('copies nothing with a token that may not push, and says which permission it lacks', async () => {
    const { run } = await world.createRepository({ 'k8s/web.yaml': web('mariadb:11') });
    const { code, log } = await run({ event: 'push', payload: push('main'), token: tokens.reader });
    expect(code).toBe(1);
    expect(log).toMatch(/^::error::.*give it the permission contents: write/m);
    expect(world.backup.requests.filter(({ path }) => path.includes('mariadb'))).toEqual([]);
  });

  it('opens the request for the other images when one cannot be copied, and fails for that one', async () => {
    const { repository, run } = await world.createRepository({
      'k8s/web.yaml': web('nginx:1.25', 'busybox:9.9.9'),
    });
    const { code, log, outputs } = await run({ event: 'push', payload: push('main') });
    expect(code).toBe(1);
    expect(log).toContain('::error title=holdfast::docker.io/library/busybox:9.9.9');
    expect(outputs).toMatchObject({ 'pr-operation': 'created', 'images-failed': '1' });
    expect(await world.forge.git(repository, ['show', 'holdfast/main:k8s/web.yaml'])).toContain(
      'image: busybox:9.9.9',
    );
  });

  it('warns of manifests that cannot be read, and where there are none', async () => {
    const { run } = await world.createRepository({
      'k8s/web.yaml': web('nginx:1.25'),
      'k8s/broken.yaml': web('"nginx:1.25'),
    });
    const dry = { 'dry-run': 'true' };
    const broken = await run({ event: 'schedule', inputs: dry });
    expect(broken.code).toBe(0);
    expect(broken.log).toMatch(/^::warning title=holdfast::k8s\/broken\.yaml:\d+: /m);
    for (const mode of ['rewrite', 'check']) {
      const none = await run({ event: 'schedule', inputs: { ...dry, mode, paths: 'k9s/**' } });
      expect(none.code).toBe(0);
      expect(none.log.match(/^::warning .*$/gm)).toEqual([expect.stringContaining('No manifest was found')]);
    }
  });

  it('opens ghcr.io with the token of the job, and hides every form in which it is sent', async () => {
    const users = [{ name: 'jane', password: tokens.bot }];
    const ghcr = await startRegistry({ auth: { kind: 'bearer', users } });
    try {
      const { run } = await world.createRepository({
        '.holdfast.yaml': [
          'backup: ghcr.io/Acme/Backup',
          `registries: { docker.io: { endpoint: "${world.upstream.url}" }, ghcr.io: { endpoint: "${ghcr.url}" } }`,
          '',
        ].join('\n'),
        'k8s/web.yaml': web('redis:7'),
      });
      const { code, log, outputs, summary, home } = await run({ event: 'schedule' });
      expect({ code, outputs }).toMatchObject({ code: 0, outputs: { 'images-copied': '1' } });
      expect(ghcr.manifest('acme/backup/docker.io/library/redis', '7')).not.toBeNull();
      const masked = [...log.matchAll(/^::add-mask::(.*)$/gm)].map(([, secret]) => secret);
      const basic = (user: string) => Buffer.from(`${user}:${tokens.bot}`).toString('base64');
      expect(masked).toEqual([tokens.bot, basic('x-access-token'), basic('jane')]);
      expect(await findLeaks(home, log + summary, [...Object.values(tokens), basic('jane')])).toEqual([]);
    } finally {
      await ghcr.close();
    }
  });

  it('stops when the workflow is cancelled, proposes nothing, and goes on in the next run', async () => {
    let cancel = () => {};
    const cancelled = new Promise<void>((resolve) => (cancel = resolve));
    let isStalled = true;
    const slow = await startRegistry({
      onRequest: () => {
        cancel();
        return isStalled ? new Promise<void>(() => {}) : undefined;
      },
    });
    try {
      const { repository, run } = await world.createRepository({
        '.holdfast.yaml': [
          'backup: slow.example/backup',
          `registries: { docker.io: { endpoint: "${world.upstream.url}" }, slow.example: { endpoint: "${slow.url}" } }`,
          '',
        ].join('\n'),
        'k8s/web.yaml': web('redis:7'),
      });
      const stopped = await run({ event: 'schedule', cancelled });
      expect(stopped.code).toBe(1);
      expect(stopped.log).toMatch(/^::error::Stopped: 0 of 1 images were copied/m);
      expect(world.writesTo(repository)).toEqual([]);
      isStalled = false;
      expect((await run({ event: 'schedule' })).outputs).toMatchObject({ 'pr-operation': 'created' });
    } finally {
      await slow.close();
    }
  });

  it.skipIf(process.getuid?.() !== 0)(
    'works in a checkout of another user, as jobs with a container have it (skipped: only root can make one)',
    async () => {
      const { run } = await world.createRepository({ 'k8s/web.yaml': web('redis:7') });
      const { code, outputs } = await run({ event: 'schedule', inputs: { 'dry-run': 'true' }, owner: 1234 });
      expect(code).toBe(0);
      expect(outputs).toMatchObject({ 'images-found': '1' });
    },
  );

  it.each([
    [
      'no token',
      { 'github-token': '' },
      'Opening a pull request takes a token: set the input github-token to one',
    ],
    ['an expired token', { 'github-token': tokens.expired }, 'expired'],
    [
      'a word that an input does not take',
      { mode: 'fix' },
      'The input mode takes auto, check, rewrite, not "fix".',
    ],
    [
      'no backup',
      { config: 'k8s/none.yaml' },
      'No backup registry is given: write the input backup REGISTRY/PREFIX',
    ],
  ])('stops at %s with one sentence in log and summary', async (_, inputs, sentence) => {
    const { run } = await world.createRepository({
      'k8s/web.yaml': web('nginx:1.25'),
      'k8s/none.yaml': '{}\n',
    });
    const { code, log, summary, home } = await run({ event: 'schedule', inputs, env: { RUNNER_DEBUG: '1' } });
    expect(code).toBe(1);
    expect(log.match(/^::error::/gm)).toHaveLength(1);
    expect(log).toContain(sentence);
    expect(log).not.toMatch(/^ +at /m);
    expect(summary).toContain('**Stopped:**');
    expect(await findLeaks(home, log + summary, Object.values(tokens))).toEqual([]);
  });
});
