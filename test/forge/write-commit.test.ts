import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ForgeRepository } from '../../src/embedded/index.ts';
import { type Checkout, openCheckout } from '../../src/forge/index.ts';
import { cloneInto, git } from '../support/git-checkout.ts';
import { startTestForge, stopTestForge, type TestForge, tokens } from '../support/github.ts';

let forge: TestForge;
let repository: ForgeRepository;
let folder: string;
let checkout: Checkout;

beforeAll(async () => {
  forge = await startTestForge();
  repository = await forge.createRepository('acme/trees', {
    'apps/web.yaml': 'a\n',
    'apps.yaml': 'beside the folder, which sorts as apps/\n',
    'apps-old/x.yaml': 'x\n',
    'deep/er/still/y.yaml': 'y\n',
    'run.sh': { text: '#!/bin/sh\n', executable: true },
    'ünï cödé/é.yaml': 'accents\n',
  });
  folder = await cloneInto(forge.root, forge.cloneUrl(repository), tokens.bot);
  checkout = await openCheckout({ folder }, { environment: process.env, token: tokens.bot, base: null });
});
afterAll(() => stopTestForge(forge));

/** The tree that git itself makes of the same change, in an index of its own. */
const listed = (tree: string) => git(folder, ['-c', 'core.quotePath=false', 'ls-tree', '-r', tree]);

describe('the tree of a commit', () => {
  it('is the base with the changed files in it, modes kept, and git finds no fault with it', async () => {
    const before = await listed('HEAD');
    const tree = await checkout.writeTree([
      { path: 'apps/web.yaml', text: 'b\r\nno end of line' },
      { path: 'run.sh', text: '#!/bin/sh\nexit\n' },
      { path: 'ünï cödé/é.yaml', text: '\uFEFFchanged\n' },
      { path: 'new/folder/z.yaml', text: 'z\n' },
    ]);
    const after = await listed(tree);
    const changed = (text: string) =>
      new Map(text.split('\n').map((line) => line.split('\t').toReversed() as [string, string]));
    const old = changed(before);
    const differing = [...changed(after)]
      .filter(([path, entry]) => old.get(path) !== entry)
      .map(([path]) => path);
    expect(differing).toEqual(['apps/web.yaml', 'new/folder/z.yaml', 'run.sh', 'ünï cödé/é.yaml']);
    expect(after).toMatch(/^100755 blob \w+\trun\.sh$/m);
    expect(await git(folder, ['cat-file', 'blob', `${tree}:apps/web.yaml`])).toBe('b\r\nno end of line');
    expect(await git(folder, ['fsck', '--strict', '--no-dangling', tree])).toBe('');
  });

  it('is the base itself when nothing differs', async () => {
    expect(await checkout.writeTree([{ path: 'apps/web.yaml', text: 'a\n' }])).toBe(
      checkout.base.commit.tree,
    );
  });

  it('loses a folder with its last file', async () => {
    const tree = await checkout.writeTree([{ path: 'deep/er/still/y.yaml', text: null }]);
    expect(await listed(tree)).not.toContain('deep');
  });

  it('never holds a path that leads out of it or into git', async () => {
    for (const path of ['../x', 'a/../b', '.git/hooks/x', 'a/.GIT/config', '/etc/x', ''])
      await expect(checkout.writeTree([{ path, text: 'x' }])).rejects.toThrow('is no path that git can hold');
  });
});

describe('a commit', () => {
  it('is the same whenever it is made, with one identity and no date of its own', async () => {
    const tree = await checkout.writeTree([{ path: 'apps/web.yaml', text: 'b\n' }]);
    const identity = { name: 'Backup Bot', email: 'bot@acme.test' };
    const first = await checkout.writeCommit(tree, 'Subject\n\nTrailer: x\n', identity);
    expect(await checkout.writeCommit(tree, 'Subject\n\nTrailer: x\n', identity)).toBe(first);
    expect(await git(folder, ['log', '-1', '--format=%an <%ae> %cn <%ce> %at %ct %P', first])).toBe(
      `Backup Bot <bot@acme.test> Backup Bot <bot@acme.test> 1700000000 1700000000 ${checkout.base.commit.sha}`,
    );
  });
});

describe('the branches of a remote', () => {
  it('are listed by prefix', async () => {
    await checkout.push('holdfast/main--apps', checkout.base.commit.sha, null);
    await checkout.push('holdfast/main--jobs', checkout.base.commit.sha, null);
    expect(await checkout.listBranches('holdfast/main--')).toEqual([
      'holdfast/main--apps',
      'holdfast/main--jobs',
    ]);
    expect(await checkout.listBranches('other/')).toEqual([]);
  });
});
