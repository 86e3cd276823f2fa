import { execFile } from 'node:child_process';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

/** git as a person would run it, with an identity and without the machine's configuration. */
export async function git(folder: string, args: readonly string[], token?: string): Promise<string> {
  const header = `Authorization: basic ${Buffer.from(`x-access-token:${token ?? ''}`).toString('base64')}`;
  const { stdout } = await promisify(execFile)('git', [...args], {
    cwd: folder,
    env: {
      PATH: process.env['PATH'],
      HOME: folder,
      GIT_CONFIG_NOSYSTEM: '1',
      GIT_AUTHOR_NAME: 'Jane Doe',
      GIT_AUTHOR_EMAIL: 'jane@example.com',
      GIT_COMMITTER_NAME: 'Jane Doe',
      GIT_COMMITTER_EMAIL: 'jane@example.com',
      GIT_TERMINAL_PROMPT: '0',
      ...(token !== undefined && {
        GIT_CONFIG_COUNT: '1',
        GIT_CONFIG_KEY_0: 'http.extraHeader',
        GIT_CONFIG_VALUE_0: header,
      }),
    },
  });
  return stdout.trim();
}

/** A folder below `root` with a clone in it. */
export async function cloneInto(
  root: string,
  url: string,
  token: string,
  ...options: string[]
): Promise<string> {
  const folder = await mkdtemp(join(root, 'checkout-'));
  await git(tmpdir(), ['clone', '--quiet', ...options, url, folder], token);
  return folder;
}
