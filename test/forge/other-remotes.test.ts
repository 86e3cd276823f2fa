import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { githubAddress, openCheckout, openGitHub, parseRemoteUrl, propose } from '../../src/forge/index.ts';
import { sampleChangeSet } from '../support/git-change-set.ts';
import { cloneInto, git } from '../support/git-checkout.ts';
import { startTestForge, stopTestForge, tokens } from '../support/github.ts';
import { plainOptions } from '../support/github-options.ts';

const web = 'image: nginx:1.25\n';
const nginx = { file: 'web.yaml', before: web, image: 'nginx:1.25' };

let root: string;

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'holdfast-remotes-'));
});
afterAll(() => rm(root, { recursive: true, force: true }));

/** A bare repository with one commit, and a clone whose remote is `address` of it. */
async function start(name: string, address: (bare: string) => string) {
  const bare = join(root, `${name}.git`);
  const folder = join(root, name);
  await git(root, ['init', '--quiet', '--bare', '--initial-branch=main', bare]);
  await git(bare, ['config', 'core.logAllRefUpdates', 'always']);
  await git(root, ['clone', '--quiet', bare, folder]);
  await writeFile(join(folder, 'web.yaml'), web);
  await git(folder, ['add', 'web.yaml']);
  await git(folder, ['commit', '--quiet', '-m', 'First']);
  await git(folder, ['push', '--quiet', 'origin', 'HEAD:main']);
  await git(folder, ['remote', 'set-url', 'origin', address(bare)]);
  return { bare, folder };
}

describe('a remote that is no GitHub', () => {
  it('over ssh gets the branch pushed once, with the ssh command of the environment', async () => {
    // What stands in for ssh runs the remote command here; its last argument is that command.
    const ssh = join(root, 'ssh.sh');
    await writeFile(ssh, '#!/bin/sh\nfor last; do :; done\nexec sh -c "$last"\n', { mode: 0o755 });
    const { bare, folder } = await start('over-ssh', (path) => `git@git.example.com:${path}`);
    const environment = { ...process.env, GIT_SSH_COMMAND: ssh };
    const run = async () => {
      const checkout = await openCheckout({ folder }, { environment, token: null, base: 'main' });
      const address = githubAddress(checkout.remote, null, { apiUrl: null, serverUrl: null });
      expect(address).toBeNull();
      return propose(sampleChangeSet([nginx]), { checkout, github: null }, plainOptions);
    };
    const first = await run();
    expect(first).toMatchObject({
      operation: 'pushed',
      branch: 'holdfast/main',
      compareUrl: null,
      explanation: expect.stringContaining('open the request to merge holdfast/main into main there'),
    });
    expect(await git(bare, ['rev-parse', 'holdfast/main'])).toBe(first.commit);
    expect(await run()).toEqual(first);
    expect((await git(bare, ['reflog', 'show', 'holdfast/main'])).split('\n')).toHaveLength(1);
  });

  it.each([
    ['gives up on a silent server', null, true],
    ['leaves the command in the settings of git alone', 'core.sshCommand', false],
  ])('over ssh %s', async (_, setting, isPatient) => {
    const name = `patient-${isPatient}`;
    const tools = join(root, name, 'bin');
    await mkdir(tools, { recursive: true });
    const ssh = join(tools, 'ssh');
    const log = join(tools, 'log');
    const script = `#!/bin/sh\necho "$@" >> ${log}\nfor last; do :; done\nexec sh -c "$last"\n`;
    await writeFile(ssh, script, { mode: 0o755 });
    const { folder } = await start(`over-${name}`, (path) => `git@git.example.com:${path}`);
    if (setting !== null) await git(folder, ['config', setting, ssh]);
    const environment = { PATH: `${tools}:${process.env['PATH']}`, HOME: folder };
    await openCheckout({ folder }, { environment, token: null, base: 'main' });
    const said = await readFile(log, 'utf8');
    expect(said).toContain('git@git.example.com');
    expect(/ConnectTimeout=\d+ .*ServerAliveInterval=\d+/.test(said)).toBe(isPatient);
  });

  it('over ssh never sees the token, which is for the API alone', async () => {
    const forge = await startTestForge();
    try {
      const repository = await forge.createRepository('acme/ssh', { 'web.yaml': web });
      const folder = await cloneInto(forge.root, forge.cloneUrl(repository), tokens.bot);
      await git(folder, ['remote', 'set-url', 'origin', `git@github.test:${repository.folder}`]);
      forge.forgetRequests();
      const log = join(root, 'ssh.log');
      const ssh = join(root, 'ssh-log.sh');
      const script = `#!/bin/sh\n{ echo "$@"; env; } >> ${log}\nfor last; do :; done\nexec sh -c "$last"\n`;
      await writeFile(ssh, script, { mode: 0o755 });
      const environment = { PATH: process.env['PATH'], HOME: folder, GIT_SSH_COMMAND: ssh };
      const checkout = await openCheckout({ folder }, { environment, token: tokens.bot, base: null });
      const address = githubAddress(checkout.remote, forge.apiUrl, { apiUrl: null, serverUrl: null });
      const github = address && openGitHub(address, { token: tokens.bot, writeInterval: 0 });
      const proposal = await propose(sampleChangeSet([nginx]), { checkout, github }, plainOptions);
      expect(proposal).toMatchObject({ operation: 'created', number: 1 });
      const seen = await readFile(log, 'utf8');
      expect(seen).toMatch(/^(?:-o \S+ )?git@github\.test git-receive-pack /m);
      expect(seen).not.toContain(tokens.bot);
      expect(seen).not.toContain(Buffer.from(`x-access-token:${tokens.bot}`).toString('base64'));
      expect(forge.requests.filter(({ kind }) => kind === 'git')).toEqual([]);
    } finally {
      await stopTestForge(forge);
    }
  });

  it('in a folder works too, and a branch of its name that is not ours is left alone', async () => {
    const { bare, folder } = await start('in-folder', (path) => path);
    await git(folder, ['commit', '--quiet', '--allow-empty', '-m', 'Mine']);
    await git(folder, ['push', '--quiet', 'origin', 'HEAD:refs/heads/holdfast/main']);
    const theirs = await git(bare, ['rev-parse', 'holdfast/main']);
    const checkout = await openCheckout({ folder }, { environment: process.env, token: null, base: 'main' });
    const proposal = await propose(sampleChangeSet([nginx]), { checkout, github: null }, plainOptions);
    expect(proposal).toMatchObject({ operation: 'held', reason: 'branch-taken' });
    expect(await git(bare, ['rev-parse', 'holdfast/main'])).toBe(theirs);
  });

  it('never runs the hooks of the checkout', async () => {
    const { folder } = await start('hooks', (path) => path);
    const mark = join(root, 'hook-ran');
    for (const hook of ['pre-push', 'pre-commit', 'reference-transaction', 'post-checkout'])
      await writeFile(join(folder, '.git', 'hooks', hook), `#!/bin/sh\ntouch ${mark}\nexit 1\n`, {
        mode: 0o755,
      });
    const checkout = await openCheckout({ folder }, { environment: process.env, token: null, base: 'main' });
    const proposal = await propose(sampleChangeSet([nginx]), { checkout, github: null }, plainOptions);
    expect(proposal.operation).toBe('pushed');
    await expect(rm(mark)).rejects.toThrow('ENOENT');
  });
});

describe('the address of a remote', () => {
  it.each([
    [
      'https://user:tok@github.com/acme/gitops.git',
      'https://github.com/acme/gitops.git',
      'https',
      'acme/gitops',
      'user:tok',
    ],
    ['http://127.0.0.1:8080/acme/gitops', 'http://127.0.0.1:8080/acme/gitops', 'http', 'acme/gitops', null],
    ['git@github.com:acme/gitops.git', 'git@github.com:acme/gitops.git', 'ssh', 'acme/gitops', null],
    [
      'ssh://git@host:2222/acme/gitops.git',
      'ssh://git@host:2222/acme/gitops.git',
      'ssh',
      'acme/gitops',
      null,
    ],
    ['/srv/git/gitops.git', '/srv/git/gitops.git', 'file', 'srv/git/gitops', null],
  ])('%s holds no secret once it is read', (text, url, scheme, path, userInfo) => {
    expect(parseRemoteUrl(text)).toMatchObject({ url, scheme, path, userInfo });
  });

  it.each(['', '-oProxyCommand=x', 'ext::sh -c id', 'git://example.com/a/b', 'fd::17'])(
    '%j is refused',
    (text) => {
      expect(() => parseRemoteUrl(text)).toThrow(/is not supported|has no address/);
    },
  );
});
