import { mkdtemp, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ForgeRepository } from '../../src/embedded/index.ts';
import { openShop, type Shop, web } from '../faces/shop.ts';
import { bundleProgram } from '../support/bundle-program.ts';
import { findLeaks } from '../support/find-leaks.ts';
import { startTestForge, stopTestForge, type TestForge, tokens } from '../support/github.ts';
import { sampleWhile, slowPushes } from '../support/sample-processes.ts';
import { startNode } from '../support/start-node.ts';

const source = join(import.meta.dirname, '../../src/faces/cli/bin.ts');

let forge: TestForge;
let shop: Shop;
let folder: string;
let program: string;

beforeAll(async () => {
  [forge, shop] = await Promise.all([startTestForge(), openShop()]);
  program = await bundleProgram(source, forge.root);
  folder = await mkdtemp(join(forge.root, 'work-'));
});
afterAll(async () => {
  await shop.close();
  await stopTestForge(forge);
});

/** `holdfast pr --clone` in a process of its own, in an empty folder that is its home and its temporary folder, too. */
function clone(repository: ForgeRepository, flags: readonly string[], env: Record<string, string> = {}) {
  return startNode([program, 'pr', '--clone', forge.cloneUrl(repository), ...shop.flags, ...flags], {
    cwd: folder,
    env: {
      PATH: process.env['PATH'],
      HOME: folder,
      TMPDIR: folder,
      GITHUB_TOKEN: tokens.bot,
      GITHUB_SERVER_URL: forge.url,
      GITHUB_API_URL: forge.apiUrl,
      ...env,
    },
  }).ended;
}

describe('holdfast pr --clone', () => {
  it.skipIf(process.platform !== 'linux')(
    'opens the request, shows the token nowhere, leaves nothing behind, and a second run writes nothing (skipped where there is no /proc)',
    async () => {
      const repository = await forge.createRepository('acme/cloned', { 'k8s/web.yaml': web });
      await slowPushes(repository);
      const { result, sampled } = await sampleWhile(clone(repository, ['--verbose']), folder);
      expect(result).toMatchObject({ code: 0, stdout: expect.stringContaining('#1') });
      expect(repository.pulls).toMatchObject([{ state: 'open', branch: 'holdfast/main' }]);
      const changed = await forge.git(repository, ['show', 'holdfast/main:k8s/web.yaml']);
      expect(changed).toContain('image: backup.example/prefix/docker.io/library/nginx:1.25@sha256:');

      const lines = [...sampled.lines];
      expect(
        lines.some((line) => line.includes('push --quiet')),
        'a push was sampled',
      ).toBe(true);
      expect(sampled.settings.size, 'the configuration of the clone was sampled').toBeGreaterThan(0);
      const shown = [result.stdout, result.stderr, ...lines, ...sampled.settings].join('\n');
      expect(await findLeaks(folder, shown, [tokens.bot])).toEqual([]);
      expect(await readdir(folder)).toEqual([]);

      forge.forgetRequests();
      expect(await clone(repository, ['--verbose'])).toMatchObject({
        code: 0,
        stdout: expect.stringContaining('unchanged #1'),
      });
      expect(forge.writes()).toEqual([]);
    },
    120_000,
  );

  it('takes from the file of the clone what narrows the work, and no backup; flags count for more', async () => {
    const repository = await forge.createRepository('acme/narrow', {
      'k8s/web.yaml': web,
      '.holdfast.yaml':
        'backup: evil.example/x\nexclude: { images: [quay.io/**] }\npullRequest: { labels: [theirs], assignees: [jane] }\n',
    });
    repository.people.push('jane');
    expect(await clone(repository, ['--label=ours'])).toMatchObject({ code: 0 });
    const changed = await forge.git(repository, ['show', 'holdfast/main:k8s/web.yaml']);
    expect(changed).toContain('image: backup.example/prefix/docker.io/library/nginx:1.25@sha256:');
    expect(changed).toContain('image: quay.io/team/side:2');
    expect(repository.pulls).toMatchObject([{ labels: ['ours'], assignees: ['jane'] }]);
  }, 60_000);

  it('sends the token to no host that is not known to be GitHub', async () => {
    const repository = await forge.createRepository('acme/unknown', { 'k8s/web.yaml': web });
    forge.forgetRequests();
    const { code, stderr } = await clone(repository, [], { GITHUB_SERVER_URL: '', GITHUB_API_URL: '' });
    expect(code).toBe(2);
    expect(stderr).toContain('asks for credentials');
    expect(forge.requests.map(({ authorization }) => authorization)).toEqual([[]]);
    expect(await readdir(folder)).toEqual([]);
  }, 60_000);

  it('takes an empty variable for none, and the other one then', async () => {
    const repository = await forge.createRepository('acme/empty', { 'k8s/web.yaml': web });
    const without = await clone(repository, [], { GITHUB_TOKEN: '', GH_TOKEN: '' });
    expect(without.code).toBe(2);
    expect(without.stderr).toMatch(/asks for credentials: set GITHUB_TOKEN|takes a token: set GITHUB_TOKEN/);
    expect(await clone(repository, [], { GITHUB_TOKEN: '', GH_TOKEN: `${tokens.bot}\n` })).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('opened #1'),
    });
  }, 60_000);

  it('ends with one sentence when the token is expired', async () => {
    const repository = await forge.createRepository('acme/expired', { 'k8s/web.yaml': web });
    const { code, stderr } = await clone(repository, [], { GITHUB_TOKEN: tokens.expired });
    expect(code).toBe(2);
    expect(stderr.trim()).toBe(
      `holdfast: ${forge.cloneUrl(repository)} does not accept the token: it may be expired or revoked. Make a new one.`,
    );
    expect(await readdir(folder)).toEqual([]);
  }, 60_000);
});
