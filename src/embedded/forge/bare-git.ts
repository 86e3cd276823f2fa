import { spawn } from 'node:child_process';

type Environment = Readonly<Record<string, string | undefined>>;

/** What a bare repository is asked with: no configuration of the user's counts. */
export function bareEnvironment(around: Environment): Record<string, string> {
  return {
    PATH: around['PATH'] ?? '/usr/bin:/bin',
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_CONFIG_GLOBAL: '/dev/null',
    GIT_AUTHOR_NAME: 'forge',
    GIT_AUTHOR_EMAIL: 'noreply@forge.test',
    GIT_COMMITTER_NAME: 'forge',
    GIT_COMMITTER_EMAIL: 'noreply@forge.test',
    LC_ALL: 'C',
  };
}

/** git in a bare repository. `fails` when git exits with anything but 0. */
export async function bareGit(
  folder: string,
  around: Environment,
  args: readonly string[],
  options: {
    readonly input?: Buffer | string;
    readonly environment?: Record<string, string>;
    /** Leaves the last line end where it is. */
    readonly keepEnd?: boolean;
  } = {},
): Promise<string> {
  const child = spawn('git', [...args], {
    cwd: folder,
    env: { ...bareEnvironment(around), ...options.environment },
  });
  const out: Buffer[] = [];
  const said: Buffer[] = [];
  child.stdout.on('data', (chunk: Buffer) => out.push(chunk));
  child.stderr.on('data', (chunk: Buffer) => said.push(chunk));
  child.stdin.on('error', () => {});
  child.stdin.end(options.input ?? '');
  const code = await new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', resolve);
  });
  if (code !== 0) throw new Error(`git ${args[0]}: ${Buffer.concat(said).toString()}`);
  const text = Buffer.concat(out).toString();
  return options.keepEnd ? text : text.replace(/\n$/, '');
}
