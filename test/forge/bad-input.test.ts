import { execFile } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openCheckout } from '../../src/forge/index.ts';
import { type SampleMove, sampleChangeSet } from '../support/git-change-set.ts';
import { cloneInto, git } from '../support/git-checkout.ts';
import { startTestForge, stopTestForge, type TestForge, tokens } from '../support/github.ts';
import { runPropose } from '../support/github-run.ts';

const web = 'image: nginx:1.25\n';
const nginx: SampleMove = { file: 'web.yaml', before: web, image: 'nginx:1.25' };
const changeSet = sampleChangeSet([nginx]);

let forge: TestForge;
let names = 0;

beforeAll(async () => {
  forge = await startTestForge();
});
afterAll(() => stopTestForge(forge));

async function start(...cloneOptions: string[]) {
  const repository = await forge.createRepository(`acme/bad-${(names += 1)}`, { 'web.yaml': web });
  const url = forge.cloneUrl(repository);
  const folder = await cloneInto(forge.root, url, tokens.bot, ...cloneOptions);
  forge.forgetRequests();
  const open = (token: string | null, base: string | null = null, at = folder) =>
    openCheckout({ folder: at }, { environment: process.env, token, base });
  return { repository, url, folder, open };
}

/** The sentence that a run ends with; nothing may have been written at the remote. */
async function sentence(run: Promise<unknown>): Promise<string> {
  const error = await run.then(
    () => null,
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof Error)) throw new Error('the run did not fail');
  if (error.name !== 'HoldfastError') throw error;
  return error.message;
}

describe('a run that cannot start gets one sentence', () => {
  it('without a token, where the remote asks for one', async () => {
    const { url, open } = await start();
    expect(await sentence(open(null))).toBe(
      `${url} asks for credentials: set GITHUB_TOKEN, or let git log in there by itself.`,
    );
  });

  it('with a token that is expired', async () => {
    const { url, folder, open } = await start();
    expect(await sentence(open(tokens.expired))).toBe(
      `${url} does not accept the token: it may be expired or revoked. Make a new one.`,
    );
    forge.intercept(() => ({ status: 401, body: { message: 'Bad credentials' } }));
    expect(await sentence(runPropose(forge, { folder, changeSet }))).toBe(
      'GitHub does not accept the token: it may be expired or revoked. Make a new one.',
    );
    forge.intercept(null);
  });

  it('with a base that is not there', async () => {
    const { url, open } = await start();
    expect(await sentence(open(tokens.bot, 'develop'))).toBe(
      `The base branch "develop" is not at ${url}: push it, or name another one.`,
    );
  });

  it.each(['-x', 'a..b', 'a b', 'x.lock', '@{-1}'])(
    'with a base that cannot be a branch (%j)',
    async (base) => {
      const { open } = await start();
      expect(await sentence(open(tokens.bot, base))).toBe(
        `"${base}" cannot be the name of a branch: choose another one.`,
      );
    },
  );

  it('on a branch of its own', async () => {
    const { folder, open } = await start();
    await git(folder, ['checkout', '--quiet', '-b', 'holdfast/main']);
    expect(await sentence(open(tokens.bot))).toContain('is a branch that holdfast makes itself');
  });

  it('at a tag without a base; with one it works', async () => {
    const { folder, open } = await start();
    await git(folder, ['tag', 'v1']);
    await git(folder, ['checkout', '--quiet', 'v1']);
    expect(await sentence(open(tokens.bot))).toContain(
      'name the branch that the pull request is for with --base',
    );
    expect((await open(tokens.bot, 'main')).base.branch).toBe('main');
  });

  it('in a dirty checkout; untracked files are none of it', async () => {
    const { folder, open } = await start();
    await writeFile(join(folder, 'report.json'), '{}');
    expect((await open(tokens.bot)).base.branch).toBe('main');
    await writeFile(join(folder, 'web.yaml'), 'image: mine\n');
    expect(await sentence(open(tokens.bot))).toBe(
      'The checkout has changes that are not committed (web.yaml): commit or stash them.',
    );
  });

  it('in a folder that is no checkout, and in one without a remote', async () => {
    const { open } = await start();
    const folder = join(forge.root, 'plain');
    await mkdir(folder, { recursive: true });
    expect(await sentence(open(tokens.bot, null, folder))).toContain('not a git checkout');
    await promisify(execFile)('git', ['init', '--quiet', folder]);
    expect(await sentence(open(tokens.bot, 'main', folder))).toContain('has no remote "origin"');
  });

  it('with a token in the URL to clone, and with a transport that runs programs', async () => {
    const environment = process.env;
    const clone = (url: string) => openCheckout({ clone: url }, { environment, token: null, base: null });
    const first = await sentence(clone('https://user:hush-hush@example.com/a/b.git'));
    expect(first).toContain('holds a user name or a token');
    expect(first).not.toContain('hush');
    expect(await sentence(clone('ext::sh -c id'))).toContain('is not supported');
  });

  it('where a branch is in the way of ours', async () => {
    const { repository, url, folder } = await start();
    await forge.git(repository, ['branch', 'holdfast', 'main']);
    expect(await sentence(runPropose(forge, { folder, changeSet }))).toBe(
      `${url} has a branch named "holdfast", beside which git can hold no holdfast/…: rename that branch.`,
    );
  });

  it('with a token that may only read, before anything is made', async () => {
    const { url, open } = await start();
    const checkout = await open(tokens.reader);
    expect(await sentence(checkout.checkPush('holdfast/main'))).toBe(
      `${url} does not let this token push: give it the permission contents: write.`,
    );
    await (await open(tokens.bot)).checkPush('holdfast/main');
    expect(forge.writes()).toEqual([]);
  });

  it('in a repository that is archived', async () => {
    const { repository, folder } = await start();
    repository.archived = true;
    expect(await sentence(runPropose(forge, { folder, changeSet }))).toContain(
      `${repository.owner}/${repository.name} is archived and takes no changes`,
    );
  });

  it('in a repository that has moved', async () => {
    const { repository, url, folder } = await start();
    const old = `${repository.owner}/${repository.name}`;
    repository.formerNames.push(old);
    repository.name += '-new';
    expect(await sentence(runPropose(forge, { folder, changeSet }))).toBe(
      `${url} has moved: set the remote to its new address.`,
    );
  });

  it('when the file is not what was read', async () => {
    const { folder } = await start();
    const other = sampleChangeSet([{ ...nginx, before: 'image: nginx:1.25 # other\n' }]);
    expect(await sentence(runPropose(forge, { folder, changeSet: other }))).toBe(
      'web.yaml is not the same in the base branch main: pull it, and run again.',
    );
    expect(forge.writes()).toEqual([]);
  });
});

describe('a run that cannot go on gets one sentence, and a rerun goes on', () => {
  it('with a token that may not push', async () => {
    const { repository, url, folder } = await start();
    expect(await sentence(runPropose(forge, { folder, changeSet, token: tokens.reader }))).toBe(
      `${url} does not let this token push: give it the permission contents: write.`,
    );
    expect(repository.pulls).toEqual([]);
  });

  it('with a token that may push, but not create pull requests', async () => {
    const { folder } = await start();
    const proposal = await runPropose(forge, { folder, changeSet, token: tokens.gitOnly });
    expect(proposal).toMatchObject({
      operation: 'pushed',
      explanation: expect.stringContaining('give it the permission pull-requests: write'),
    });
    expect(await runPropose(forge, { folder, changeSet })).toMatchObject({ operation: 'created' });
  });

  it("with a token that may not comment, when the branch is a person's now: it is left alone all the same", async () => {
    const { url, folder } = await start();
    await runPropose(forge, { folder, changeSet });
    const other = await cloneInto(forge.root, url, tokens.person, '--branch', 'holdfast/main');
    await git(other, ['commit', '--quiet', '--allow-empty', '-m', 'Mine']);
    await git(other, ['push', '--quiet'], tokens.person);
    forge.intercept(({ method, path }) =>
      method === 'POST' && path.endsWith('/comments')
        ? { status: 403, body: { message: 'Resource not accessible by integration' } }
        : null,
    );
    const held = await runPropose(forge, { folder, changeSet });
    forge.intercept(null);
    expect(held).toMatchObject({ operation: 'held', reason: 'person-committed', number: 1 });
    expect(held.warnings).toEqual([
      expect.stringContaining(
        'Pull request #1: could not say why it is left alone. The token is not allowed',
      ),
    ]);
  });

  it('at a protected branch', async () => {
    const { repository, url, folder } = await start();
    const hook = join(repository.folder, 'hooks', 'pre-receive');
    await mkdir(join(repository.folder, 'hooks'), { recursive: true });
    await writeFile(hook, '#!/bin/sh\necho "error: GH006: Protected branch update failed" >&2\nexit 1\n', {
      mode: 0o755,
    });
    expect(await sentence(runPropose(forge, { folder, changeSet }))).toContain(`${url} protects the branch`);
    await writeFile(hook, '#!/bin/sh\nexit 0\n');
    expect(await runPropose(forge, { folder, changeSet })).toMatchObject({ operation: 'created' });
  });

  it('at a branch that a rule protects, when the commit is made through the API', async () => {
    const { folder } = await start();
    forge.intercept(({ method, path }) =>
      method === 'POST' && path.endsWith('/git/refs')
        ? {
            status: 422,
            body: {
              message: 'Repository rule violations found',
              documentation_url: 'https://docs.github.com/rest',
            },
          }
        : null,
    );
    const options = { commitVia: 'api' } as const;
    expect(await sentence(runPropose(forge, { folder, changeSet, options }))).toContain(
      'protects the branch',
    );
    forge.intercept(null);
    expect(await runPropose(forge, { folder, changeSet, options })).toMatchObject({ operation: 'created' });
  });

  it.each([
    ['GET', /pulls/, 'created'],
    ['POST', /pulls$/, 'created'],
    ['POST', /labels$/, 'unchanged'],
    ['PATCH', /pulls\/1$/, 'unchanged'],
  ])('when GitHub goes down at %s %s', async (method, path, operation) => {
    const { repository, folder } = await start();
    let down = false;
    forge.intercept((call) => {
      down ||= call.method === method && path.test(call.path);
      return down ? { status: 502, body: { message: 'Bad Gateway' } } : null;
    });
    const run = () => runPropose(forge, { folder, changeSet, options: { labels: ['images'] } });
    expect(await sentence(run())).toContain('GitHub cannot be reached');
    forge.intercept(null);
    expect(await run()).toMatchObject({ operation, number: 1, warnings: [] });
    expect(repository.pulls).toMatchObject([{ state: 'open', labels: ['images'] }]);
    expect(await run()).toMatchObject({ operation: 'unchanged' });
  });

  it('when the branch moves between the look and the push', async () => {
    const { url, folder } = await start();
    const run = runPropose(forge, {
      folder,
      changeSet,
      options: {
        async onStep({ kind }) {
          if (kind !== 'push') return;
          const other = await cloneInto(forge.root, url, tokens.person);
          await git(other, ['push', '--quiet', 'origin', 'HEAD:refs/heads/holdfast/main'], tokens.person);
        },
      },
    });
    expect(await sentence(run)).toContain('changed while holdfast worked: nothing was pushed');
  });
});

describe('a checkout', () => {
  it('is read at the head of the remote base, however old and shallow it is, and stays as it was', async () => {
    const { repository, url, folder, open } = await start('--depth=1');
    const other = await cloneInto(forge.root, url, tokens.person);
    await writeFile(join(other, 'web.yaml'), 'image: nginx:1.27\n');
    await git(other, ['commit', '--quiet', '-a', '-m', 'Newer']);
    await git(other, ['push', '--quiet'], tokens.person);
    const before = await git(folder, ['for-each-ref']);
    const checkout = await open(tokens.bot);
    expect(checkout.base.commit.sha).toBe(await forge.git(repository, ['rev-parse', 'main']));
    const entries = await checkout.listFiles();
    expect((await checkout.readFiles(entries)).map(String)).toEqual(['image: nginx:1.27\n']);
    const moved = sampleChangeSet([{ file: 'web.yaml', before: 'image: nginx:1.27\n', image: 'nginx:1.27' }]);
    await runPropose(forge, { folder, changeSet: moved });
    expect(await git(folder, ['status', '--porcelain'])).toBe('');
    expect(await git(folder, ['for-each-ref'])).toBe(before);
    expect(await git(folder, ['config', '--get-regexp', 'remote|branch|http'])).not.toContain('basic');
  });

  it('does not become shallow by being looked at', async () => {
    const { url, folder, open } = await start();
    const other = await cloneInto(forge.root, url, tokens.person);
    await git(other, ['commit', '--quiet', '--allow-empty', '-m', 'Newer']);
    await git(other, ['push', '--quiet'], tokens.person);
    await open(tokens.bot);
    expect(await git(folder, ['rev-parse', '--is-shallow-repository'])).toBe('false');
  });

  it('can be a clone by URL, which finds the default branch and goes away', async () => {
    const { url } = await start();
    const checkout = await openCheckout(
      { clone: url },
      { environment: process.env, token: tokens.bot, base: null },
    );
    expect(checkout.base.branch).toBe('main');
    const folder = join(forge.root, 'written');
    await checkout.writeBase(folder);
    expect((await promisify(execFile)('cat', [join(folder, 'web.yaml')])).stdout).toBe(web);
    await checkout.close();
    await expect(checkout.readFiles(await checkout.listFiles())).rejects.toThrow('is not there');
  });
});
