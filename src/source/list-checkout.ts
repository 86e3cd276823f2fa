import { spawn } from 'node:child_process';
import { HoldfastError } from '../error.ts';
import { isForeignFolder, isManifestName } from './manifest-name.ts';

/**
 * The manifests below a folder of a git checkout, tracked and untracked, without those that git ignores; paths
 * relative to the folder. Null when git is absent, does not trust the checkout, or ignores the folder itself:
 * then the tree is what there is.
 */
export async function listCheckout(folder: string, signal?: AbortSignal): Promise<readonly string[] | null> {
  const [listed, ignored] = await Promise.all([
    runGit(folder, ['ls-files', '-z', '--cached', '--others', '--exclude-standard'], signal),
    runGit(folder, ['check-ignore', '--quiet', '.'], signal),
  ]);
  if (listed.code !== 0 || ignored.code === 0) return null;
  const paths = new Set(listed.output.split('\0'));
  return [...paths].filter((path) => isManifestName(path) && !path.split('/').some(isForeignFolder));
}

/**
 * What the folder of a checkout holds beside its commits and its index: files that were changed, that are new, and
 * that git ignores; paths relative to it. Throws when git does not tell.
 */
export async function listUncommitted(folder: string, signal?: AbortSignal): Promise<readonly string[]> {
  const { code, output } = await runGit(folder, ['ls-files', '-z', '--modified', '--others'], signal);
  if (code !== 0) throw new HoldfastError('environment', `git does not list the files of ${folder}.`);
  return [...new Set(output.split('\0'))].filter(
    (path) => path !== '' && !path.endsWith('/') && !path.split('/').some(isForeignFolder),
  );
}

/** The code is null when git could not be run. Nothing that a checkout configures is run by it. */
function runGit(
  folder: string,
  words: readonly string[],
  signal: AbortSignal | undefined,
): Promise<{ code: number | null; output: string }> {
  return new Promise((resolve, reject) => {
    const git = spawn('git', ['-c', 'core.fsmonitor=false', '-C', folder, ...words], {
      stdio: ['ignore', 'pipe', 'ignore'],
      ...(signal && { signal }),
    });
    const chunks: Buffer[] = [];
    git.stdout.on('data', (chunk: Buffer) => chunks.push(chunk));
    git.on('error', () => {
      if (signal?.aborted === true) reject(signal.reason as Error);
      else resolve({ code: null, output: '' });
    });
    git.on('close', (code) => resolve({ code, output: Buffer.concat(chunks).toString('utf8') }));
  });
}
