import { HoldfastError } from '../error.ts';
import type { Git } from './git.ts';
import { parseTree, readObjects } from './tree.ts';

/** One state of a file. */
export interface FileVersion {
  readonly path: string;
  readonly bytes: Buffer;
}

/** With the first and the last commit that has to do with it; seconds since 1970. */
export interface DatedVersion extends FileVersion {
  readonly committed: number;
  readonly lastCommitted: number;
}

/** The commits that branches are at. */
export async function listHeads(git: Git): Promise<readonly string[]> {
  const listed = await git.run(['for-each-ref', '--format=%(objectname)', 'refs/heads']);
  return [...new Set(listed.split('\n').filter((line) => line !== ''))];
}

/** Commits of tags that were made since then; one without a message has the date of its commit. */
async function listTags(git: Git, seconds: number): Promise<readonly string[]> {
  const format = '%(creatordate:unix) %(objecttype) %(objectname) %(*objecttype) %(*objectname)';
  const listed = await git.run(['for-each-ref', `--format=${format}`, 'refs/tags']);
  return listed.split('\n').flatMap((line) => {
    const [made, type, name = '', innerType, inner = ''] = line.split(' ');
    if (Number(made) < seconds) return [];
    if (type === 'commit') return [name];
    return innerType === 'commit' ? [inner] : [];
  });
}

/** A file of some commit. */
interface Place {
  readonly path: string;
  readonly sha: string;
}

/** What each of these commits changed: both sides, so that what was there before counts, too. */
async function listChanges(
  git: Git,
  commits: readonly string[],
  paths: readonly string[] = [],
): Promise<readonly (Place & { readonly commit: string })[]> {
  if (commits.length === 0) return [];
  const raw = await git.run(
    ['diff-tree', '--stdin', '-m', '-r', '-z', '--root', '--no-renames', '--full-index', '--', ...paths],
    { input: Buffer.from(`${commits.join('\n')}\n`) },
  );
  const changes: (Place & { readonly commit: string })[] = [];
  const words = raw.split('\0');
  let commit = '';
  for (let at = 0; at < words.length; at += 1) {
    const word = (words[at] ?? '').trimStart();
    const [, oldMode, newMode, oldSha, newSha] =
      /^:(\d{6}) (\d{6}) ([0-9a-f]{40,64}) ([0-9a-f]{40,64}) [A-Z]/.exec(word) ?? [];
    if (oldSha === undefined || newSha === undefined) {
      commit = word;
      continue;
    }
    at += 1;
    const path = words[at] ?? '';
    if (isRegular(newMode)) changes.push({ path, sha: newSha, commit });
    if (isRegular(oldMode)) changes.push({ path, sha: oldSha, commit });
  }
  return changes;
}

function isRegular(mode: string | undefined): boolean {
  return mode?.startsWith('100') === true;
}

/** Every state that the files of this name ever had. */
export async function listVersions(git: Git, fileName: string): Promise<readonly DatedVersion[]> {
  const paths = [`:(glob)**/${fileName}`];
  const listed = await git.run(['rev-list', '--all', '--timestamp', '--full-history', '--', ...paths]);
  const moments = new Map<string, number>();
  for (const line of listed.split('\n')) {
    const [seconds = '', commit = ''] = line.split(' ');
    if (commit !== '') moments.set(commit, Number(seconds));
  }
  const dated = new Map<string, Omit<DatedVersion, 'bytes'>>();
  for (const { path, sha, commit } of await listChanges(git, [...moments.keys()], paths)) {
    const moment = moments.get(commit) ?? 0;
    const known = dated.get(sha);
    dated.set(sha, {
      path,
      committed: Math.min(known?.committed ?? moment, moment),
      lastCommitted: Math.max(known?.lastCommitted ?? moment, moment),
    });
  }
  const versions: DatedVersion[] = [];
  await readBlobs(git, [...dated.keys()], (sha, bytes) => {
    const known = dated.get(sha);
    if (known !== undefined) versions.push({ ...known, bytes });
  });
  return versions;
}

/** Paths by object id. */
export type Places = ReadonlyMap<string, ReadonlySet<string>>;

/**
 * Where files of branches, of tags since then, of what changed since then and of the folder's index stand. `seconds`:
 * since 1970.
 */
export async function listPlaces(git: Git, seconds: number, folder: Git | null): Promise<Places> {
  const places = new Map<string, Set<string>>();
  const add = ({ path, sha }: Place): void => {
    const paths = places.get(sha) ?? new Set();
    places.set(sha, paths.add(path));
  };
  const tips = new Set([...(await listHeads(git)), ...(await listTags(git, seconds))]);
  await listTrees(git, [...tips], add);
  const recent = await git.run(['rev-list', '--all', `--max-age=${seconds}`]);
  for (const change of await listChanges(
    git,
    recent.split('\n').filter((line) => line !== ''),
  ))
    add(change);
  for (const line of (await folder?.run(['ls-files', '-z', '--stage']))?.split('\0') ?? []) {
    const [, mode, sha = '', path = ''] = /^(\d{6}) ([0-9a-f]{40,64}) \d\t(.*)$/s.exec(line) ?? [];
    if (isRegular(mode)) add({ path, sha });
  }
  return places;
}

/** Reads what is wanted at these places; what stands in several is visited for each. */
export async function visitFiles(
  git: Git,
  places: Places,
  wanted: (path: string) => boolean,
  visit: (file: FileVersion) => void,
): Promise<void> {
  const chosen = [...places].flatMap(([sha, paths]) => ([...paths].some(wanted) ? [sha] : []));
  await readBlobs(git, chosen, (sha, bytes) => {
    for (const path of places.get(sha) ?? []) if (wanted(path)) visit({ path, bytes });
  });
}

/** The files of many commits that share most: a folder that was seen is not read again. */
async function listTrees(git: Git, commits: readonly string[], add: (place: Place) => void): Promise<void> {
  const seen = new Set<string>();
  const roots = await git.run(['rev-parse', ...commits.map((commit) => `${commit}^{tree}`)]);
  let folders: Place[] = roots.split('\n').map((sha) => ({ path: '', sha }));
  while (folders.length > 0) {
    const fresh = folders.filter(({ path, sha }) => {
      const key = `${sha} ${path}`;
      return !seen.has(key) && seen.add(key);
    });
    const trees = await readObjects(
      git,
      fresh.map(({ sha }) => sha),
    );
    folders = [];
    for (const [index, folder] of fresh.entries())
      for (const line of parseTree(trees[index] ?? Buffer.alloc(0), folder.sha.length / 2)) {
        const name = Buffer.from(line.name, 'latin1').toString('utf8');
        const path = folder.path === '' ? name : `${folder.path}/${name}`;
        if (line.mode === '040000') folders.push({ path, sha: line.sha });
        else if (isRegular(line.mode)) add({ path, sha: line.sha });
      }
  }
}

/** What GitHub takes. */
const largestFile = 100_000_000;
const largestBatch = 32_000_000;

async function readBlobs(
  git: Git,
  ids: readonly string[],
  visit: (sha: string, bytes: Buffer) => void,
): Promise<void> {
  if (ids.length === 0) return;
  const listed = await git.run(['cat-file', '--batch-check'], { input: Buffer.from(`${ids.join('\n')}\n`) });
  const flush = async (batch: readonly string[]): Promise<void> => {
    const objects = await readObjects(git, batch);
    for (const [index, sha] of batch.entries()) visit(sha, objects[index] ?? Buffer.alloc(0));
  };
  let batch: string[] = [];
  let bytes = 0;
  for (const line of listed.split('\n')) {
    const [sha = '', kind, size = '0'] = line.split(' ');
    if (kind === 'missing')
      throw new HoldfastError('environment', `The git object ${sha} is not there: fetch the whole history.`);
    if (kind !== 'blob' || Number(size) > largestFile) continue;
    batch.push(sha);
    bytes += Number(size);
    if (bytes < largestBatch) continue;
    await flush(batch);
    batch = [];
    bytes = 0;
  }
  await flush(batch);
}
