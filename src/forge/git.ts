import { simpleGit } from 'simple-git';
import { HoldfastError } from '../error.ts';
import { explainGit } from './explain-git.ts';
import { gitEnvironment, guardedNames } from './git-environment.ts';
import type { RemoteUrl } from './remote-url.ts';
import { redact } from './secret.ts';

/** git in one folder, towards one remote. Each call is one child process. */
export interface Git {
  /** Standard output without its last line end. Throws `HoldfastError` with a sentence for what git said. */
  run(args: readonly string[], options?: GitCall): Promise<string>;
  /** What `git cat-file --batch` says of these objects. */
  catFiles(ids: readonly string[]): Promise<Buffer>;
  /** Null in place of an error. */
  attempt(args: readonly string[]): Promise<string | null>;
}

interface GitCall {
  readonly input?: Buffer;
  readonly environment?: Readonly<Record<string, string>>;
}

export interface GitAccess {
  /** Of the face: git needs PATH, HOME, proxies and the ssh agent. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly token: string | null;
  /** Ends the child that runs, and lets no other begin. */
  readonly signal?: AbortSignal;
}

/**
 * What simple-git refuses unless it is named. It guards programs that pass on what others typed; our arguments are
 * our own, and these are the settings in `git-environment.ts`. Alias and pager: a host of that name looks like one.
 */
const unsafe = {
  allowUnsafeConfigEnvCount: true,
  allowUnsafeConfigPaths: true,
  allowUnsafeHooksPath: true,
  allowUnsafeFsMonitor: true,
  allowUnsafeSshCommand: true,
  allowUnsafeAskPass: true,
  allowUnsafeAlias: true,
  allowUnsafePager: true,
};

/** ssh ends by itself when a server is silent: git's end does not reach it, and nobody else would ever end it. */
const patientSsh = 'ssh -o ConnectTimeout=30 -o ServerAliveInterval=15 -o ServerAliveCountMax=4';

export function openGit(directory: string, access: GitAccess, remote: RemoteUrl | null): Git {
  const header = remote && authorization(remote, access.token);
  const credential =
    remote && header !== null ? { url: remote.url, header: `Authorization: ${header}` } : null;
  const secrets = [access.token, remote?.userInfo, header?.replace(/^basic /, '')].filter(
    (secret) => typeof secret === 'string',
  );
  const start = (options: GitCall, more: Readonly<Record<string, string>> = {}) => {
    const environment = gitEnvironment(access.environment, credential, { ...more, ...options.environment });
    return simpleGit({
      baseDir: directory,
      unsafe,
      allowEnvironment: guardedNames(environment),
      ...(options.input && { input: () => options.input }),
      ...(access.signal && { abort: access.signal }),
    }).env(environment);
  };
  // A command of the user's own counts, and GIT_SSH_COMMAND would outrank one in git's settings.
  const { GIT_SSH, GIT_SSH_COMMAND } = access.environment;
  let patience: Promise<Readonly<Record<string, string>>> | null =
    remote?.scheme !== 'ssh' || GIT_SSH || GIT_SSH_COMMAND ? Promise.resolve({}) : null;
  const findPatience = async () => {
    const own = await start({}).raw(['config', '--default', '', '--get', 'core.sshCommand']);
    return own.trim() === '' ? { GIT_SSH_COMMAND: patientSsh } : {};
  };
  const explained = async <T>(command: () => PromiseLike<T>): Promise<T> => {
    try {
      return await untilStopped(command, access.signal);
    } catch (error) {
      if (access.signal?.aborted === true)
        throw new HoldfastError('interrupted', 'git was stopped.', { cause: error });
      const said = redact(error instanceof Error ? error.message : String(error), secrets);
      throw explainGit(said, remote, credential !== null);
    }
  };
  return {
    run: async (args, options = {}) =>
      (
        await explained(async () => {
          patience ??= findPatience();
          return start(options, await patience).raw([...args]);
        })
      ).replace(/\n$/, ''),
    catFiles: (ids) =>
      // What a partial clone lacks is fetched for it.
      explained(async () => {
        patience ??= findPatience();
        const input = Buffer.from(`${ids.join('\n')}\n`);
        return start({ input }, await patience).binaryCatFile(['--batch']);
      }),
    async attempt(args) {
      try {
        return (await untilStopped(() => start({}).raw([...args]), access.signal)).replace(/\n$/, '');
      } catch {
        return null;
      }
    },
  };
}

/** git's own children hold its output open for as long as they wait for a server, after git itself was ended. */
async function untilStopped<T>(command: () => PromiseLike<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return command();
  signal.throwIfAborted();
  let stop = (): void => {};
  const stopped = new Promise<never>((_, reject) => {
    stop = () => reject(signal.reason as Error);
    signal.addEventListener('abort', stop, { once: true });
  });
  try {
    return await Promise.race([command(), stopped]);
  } finally {
    signal.removeEventListener('abort', stop);
  }
}

function authorization(remote: RemoteUrl, token: string | null): string | null {
  if (remote.scheme !== 'https' && remote.scheme !== 'http') return null;
  const userInfo = token === null ? remote.userInfo : `x-access-token:${token}`;
  if (userInfo === null) return null;
  if (/[\r\n]/.test(userInfo))
    throw new HoldfastError('usage', 'The token for git holds a line end: set it anew.');
  return `basic ${Buffer.from(userInfo).toString('base64')}`;
}
