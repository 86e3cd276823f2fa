import { execFile, execFileSync } from 'node:child_process';
import { promisify } from 'node:util';
import { parseAllDocuments } from 'yaml';
import { parseImageReference } from '../../src/reference/index.ts';

const run = promisify(execFile);

/** Whether a kubectl with kustomize 5 is on this machine: Debian's has 2, which knows no components. */
export const hasKubectl = ((): boolean => {
  try {
    const said = execFileSync('kubectl', ['version', '--client'], { stdio: ['ignore', 'pipe', 'ignore'] });
    return /^Kustomize Version: v[5-9]/m.test(said.toString());
  } catch {
    return false;
  }
})();

/**
 * The objects that `kubectl kustomize` makes of a folder; null where it cannot. Nothing is fetched: git is not found,
 * and every proxy refuses.
 */
export async function buildFolder(folder: string): Promise<readonly unknown[] | null> {
  const refused = 'http://127.0.0.1:1';
  const env = { PATH: '/usr/bin-without-git', HOME: folder, HTTPS_PROXY: refused, HTTP_PROXY: refused };
  try {
    const { stdout } = await run(kubectlPath(), ['kustomize', folder], {
      env,
      maxBuffer: 1 << 28,
      timeout: 20_000,
    });
    return parseAllDocuments(stdout, { schema: 'failsafe' }).map((document) => document.toJS() as unknown);
  } catch {
    return null;
  }
}

let found: string | null = null;

function kubectlPath(): string {
  found ??= execFileSync('sh', ['-c', 'command -v kubectl'], { encoding: 'utf8' }).trim();
  return found;
}

/** Every leaf in which two lists of objects differ: its path, what it was and what it is. */
export function compareObjects(
  before: unknown,
  after: unknown,
  path = '',
): readonly { readonly path: string; readonly before: unknown; readonly after: unknown }[] {
  if (isTree(before) && isTree(after) && Array.isArray(before) === Array.isArray(after)) {
    const keys = new Set([...Object.keys(before), ...Object.keys(after)]);
    return [...keys].flatMap((key) => compareObjects(before[key], after[key], `${path}/${key}`));
  }
  return before === after ? [] : [{ path, before, after }];
}

/** Whether a text names in the backup the very image that another one names, with the same tag or the same digest. */
export function isBackupOf(was: unknown, is: unknown, backup: string): boolean {
  if (typeof was !== 'string' || typeof is !== 'string') return false;
  const [one, other] = [parseImageReference(was), parseImageReference(is)];
  if (!one.ok || !other.ok) return false;
  const { registry, repository, tag, digest } = one.value;
  const host = registry.replaceAll(/[:[\]]/g, '_');
  return (
    other.value.registry === backup &&
    other.value.repository === `${host}/${repository}` &&
    other.value.tag === (tag ?? (digest === null ? 'latest' : null)) &&
    (digest === null || digest === other.value.digest)
  );
}

/** Whether a difference is a pull secret that was added: to a list, or as the first of one. */
export function isPullSecret(path: string, was: unknown, is: unknown, name: string): boolean {
  if (was !== undefined) return false;
  const added = JSON.stringify(is);
  if (path.endsWith('/imagePullSecrets')) return added === JSON.stringify([{ name }]);
  return /\/imagePullSecrets\/\d+$/.test(path) && added === JSON.stringify({ name });
}

/** The pull secrets of every pod spec that runs an image of the backup. */
export function listBackedPods(tree: unknown, backup: string): readonly (readonly unknown[])[] {
  if (!isTree(tree)) return [];
  const containers = [tree['containers'], tree['initContainers']].flat().filter(isTree);
  const runs = containers.some(({ image }) => typeof image === 'string' && image.startsWith(`${backup}/`));
  const below = Object.values(tree).flatMap((value) => listBackedPods(value, backup));
  if (!runs) return below;
  const secrets = [tree['imagePullSecrets'] ?? []].flat().filter(isTree);
  return [secrets.map(({ name }) => name), ...below];
}

function isTree(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}
