import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openCheckout } from '../../src/forge/index.ts';
import type { SampleMove } from '../support/git-change-set.ts';
import { cloneInto, git } from '../support/git-checkout.ts';
import { startTestForge, stopTestForge, type TestForge, tokens } from '../support/github.ts';
import { runInChild } from '../support/github-run.ts';

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
      const folder = await cloneInto(forge.root, forge.cloneUrl(repository), tokens.bot);
      const task = {
        folder,
        apiUrl: forge.apiUrl,
        moves,
        labels: [],
        commitVia: 'git' as const,
        killBefore: null,
      };
      const argv = new Set<string>();
      let running = true;
      const sampling = sampleArguments(argv, () => running);
      const { code, output } = await runInChild(task, tokens.bot, { DEBUG: '*' });
      running = false;
      await sampling;
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

  it('is sent once, in place of the header that actions/checkout left', async () => {
    const repository = await forge.createRepository('acme/leftover', { 'web.yaml': web });
    const folder = await cloneInto(forge.root, forge.cloneUrl(repository), tokens.bot);
    const left = `AUTHORIZATION: basic ${Buffer.from(`x-access-token:${tokens.expired}`).toString('base64')}`;
    await git(folder, ['config', `http.${forge.url}/.extraheader`, left]);
    forge.forgetRequests();
    await openCheckout({ folder }, { environment: process.env, token: tokens.bot, base: 'main' });
    const sent = forge.requests.map(({ authorization }) => authorization);
    expect(sent.length).toBeGreaterThan(0);
    for (const headers of sent) expect(headers).toEqual([`basic ${faces(tokens.bot)[1]}`]);
    expect(await git(folder, ['config', `http.${forge.url}/.extraheader`])).toBe(left);
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

async function sampleArguments(into: Set<string>, going: () => boolean): Promise<void> {
  while (going()) {
    const processes = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
    const lines = await Promise.all(
      processes.map((name) => readFile(`/proc/${name}/cmdline`, 'utf8').catch(() => '')),
    );
    for (const line of lines) if (line.includes('git')) into.add(line.replaceAll('\0', ' '));
  }
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
