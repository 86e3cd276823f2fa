import { mkdtemp, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openCheckout } from '../../src/forge/index.ts';
import { type SampleMove, sampleChangeSet } from '../support/git-change-set.ts';
import { cloneInto, git } from '../support/git-checkout.ts';
import { startTestForge, stopTestForge, type TestForge, tokens } from '../support/github.ts';
import { bundleChild, runInChild, runPropose } from '../support/github-run.ts';
import { sampleWhile, slowPushes } from '../support/sample-processes.ts';

const web = 'image: nginx:1.25\n';
const moves: readonly SampleMove[] = [{ file: 'web.yaml', before: web, image: 'nginx:1.25' }];

let forge: TestForge;

beforeAll(async () => {
  forge = await startTestForge();
});
afterAll(() => stopTestForge(forge));

/** The token as it is, and as it stands in a header. */
function faces(token: string): readonly string[] {
  return [token, Buffer.from(`x-access-token:${token}`).toString('base64')];
}

describe('the token', () => {
  it.skipIf(process.platform !== 'linux')(
    'is in no argument, file or output, with all debug output on (skipped where there is no /proc)',
    async () => {
      const repository = await forge.createRepository('acme/secret', { 'web.yaml': web });
      await slowPushes(repository);
      const folder = await cloneInto(forge.root, forge.cloneUrl(repository), tokens.bot);
      const program = await bundleChild(forge);
      const task = {
        folder,
        apiUrl: forge.apiUrl,
        moves,
        labels: [],
        commitVia: 'git' as const,
        killBefore: null,
      };
      const {
        result: { code, output },
        sampled: { lines: argv },
      } = await sampleWhile(runInChild(program, task, tokens.bot, { DEBUG: '*' }));
      expect(code).toBe(0);
      expect(
        [...argv].filter((line) => line.includes('push')),
        'a push was sampled',
      ).not.toEqual([]);
      expect(output).toContain('simple-git');
      const written = await readFolder(folder);
      for (const secret of faces(tokens.bot)) {
        expect([...argv].filter((line) => line.includes(secret))).toEqual([]);
        expect(output).not.toContain(secret);
        expect(written).not.toContain(secret);
        for (const { body, answer } of forge.requests)
          expect(JSON.stringify([body, answer])).not.toContain(secret);
      }
    },
    60_000,
  );

  it.each(['in its configuration', 'in a file that its configuration includes'])(
    'is sent once, in place of the header that actions/checkout left %s',
    async (where) => {
      const repository = await forge.createRepository(`acme/leftover-${where.length}`, { 'web.yaml': web });
      const folder = await checkOutAsActions(forge.cloneUrl(repository));
      const left = `AUTHORIZATION: basic ${faces(tokens.expired)[1]}`;
      const key = `http.${forge.url}/.extraheader`;
      if (where === 'in its configuration') await git(folder, ['config', key, left]);
      else {
        const file = join(forge.root, 'git-credentials.config');
        await git(folder, ['config', '--file', file, key, left]);
        await git(folder, ['config', `includeIf.gitdir:${folder}/.git.path`, file]);
      }
      forge.forgetRequests();
      const changeSet = sampleChangeSet(moves);
      expect(await runPropose(forge, { folder, changeSet })).toMatchObject({ operation: 'created' });
      const sent = forge.requests.filter(({ kind }) => kind === 'git');
      expect(sent.some(({ path }) => path.endsWith('/git-receive-pack'))).toBe(true);
      for (const { authorization } of sent) expect(authorization).toEqual([`basic ${faces(tokens.bot)[1]}`]);
      expect(await git(folder, ['config', key])).toBe(left);
      expect(await readFolder(folder)).not.toContain(faces(tokens.bot)[1]);
    },
  );

  it('is not sent to a host that is no GitHub', async () => {
    const repository = await forge.createRepository('acme/elsewhere', { 'web.yaml': web });
    const folder = await cloneInto(forge.root, forge.cloneUrl(repository), tokens.bot);
    forge.forgetRequests();
    const opened = openCheckout(
      { folder },
      { environment: process.env, token: tokens.bot, base: 'main', takesToken: () => false },
    );
    await expect(opened).rejects.toThrow('asks for credentials');
    expect(forge.requests.map(({ authorization }) => authorization)).toEqual([[]]);
  });

  it('stays out of errors, those that git words included', async () => {
    const folder = await cloneInto(
      forge.root,
      forge.cloneUrl(await forge.createRepository('acme/errors', { 'web.yaml': web })),
      tokens.bot,
    );
    const secret = 'password-in-the-remote-url';
    const url = `http://someone:${secret}@127.0.0.1:1/acme/errors.git`;
    await git(folder, ['remote', 'set-url', 'origin', url]);
    const failure = await openCheckout(
      { folder },
      { environment: process.env, token: null, base: 'main' },
    ).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(Error);
    const { message, stack, cause } = failure as Error;
    expect(message).toBe(
      'http://127.0.0.1:1/acme/errors.git cannot be reached, or broke off: run it again when it answers.',
    );
    expect(`${stack}${String(cause)}${JSON.stringify(failure)}`).not.toContain(secret);
  });
});

/** The commands of actions/checkout: one commit, no clone, a branch of its own. */
async function checkOutAsActions(url: string): Promise<string> {
  const folder = await mkdtemp(join(forge.root, 'workspace-'));
  await git(folder, ['init', '--quiet', '--initial-branch=main', '.']);
  await git(folder, ['remote', 'add', 'origin', url]);
  const commit = '+refs/heads/main:refs/remotes/origin/main';
  await git(folder, ['fetch', '--quiet', '--no-tags', '--prune', '--depth=1', 'origin', commit], tokens.bot);
  await git(folder, ['checkout', '--quiet', '--force', '-B', 'main', 'refs/remotes/origin/main']);
  return folder;
}

/** Every byte of a folder, git's own files included. */
async function readFolder(folder: string): Promise<string> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile());
  const contents = await Promise.all(
    files.map((entry) => readFile(join(entry.parentPath, entry.name), 'latin1')),
  );
  return contents.join('\n');
}
