import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { HoldfastError } from '../error.ts';
import { type Git, type GitAccess, openGit } from './git.ts';
import { parseRemoteUrl, type RemoteUrl } from './remote-url.ts';
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

/** All branches and tags of one repository, with their history. */
export interface History {
  /** Its address without credentials, or its folder. */
  readonly name: string;
  /** The checkout's root, where a folder was given; null for a URL. */
  readonly folder: string | null;
  /** Every state that the files of this name ever had. */
  listVersions(fileName: string): Promise<readonly DatedVersion[]>;
  /**
   * Visits every state of every wanted file that a branch has now or had since then, that a tag made since then has,
   * or that is staged in the folder; each once, in no order. Larger ones than 100 MB are left out.
   */
  eachFile(since: Date, wanted: (path: string) => boolean, visit: (file: FileVersion) => void): Promise<void>;
  close(): Promise<void>;
}

/** `place`: a URL, or a folder in a checkout. A folder counts with its own branches and those of its remote. */
export async function openHistory(place: string, access: GitAccess): Promise<History> {
  const isFolder = parseRemoteUrl(place).scheme === 'file' && !/^file:/i.test(place);
  const own = await mkdtemp(join(tmpdir(), 'holdfast-history-'));
  const close = () => rm(own, { recursive: true, force: true });
  try {
    const git = openGit(own, access, null);
    await git.run(['init', '--quiet', '--bare', '.']);
    const folder = isFolder ? await addFolder(git, own, place, access) : null;
    if (folder === null) await addRemote(own, parseRemoteUrl(place), access);
    if ((await git.run(['rev-parse', '--is-shallow-repository'])) === 'true')
      throw new HoldfastError(
        'usage',
        `${folder === null ? nameOf(place) : `A remote of ${folder}`} is a shallow clone, and what its history uses cannot be seen: ` +
          'run git fetch --unshallow there, or give the URL of the repository that it was cloned from.',
      );
    if ((await listHeads(git)).length === 0)
      throw new HoldfastError('usage', `${nameOf(place)} has no branch: there is nothing to learn from it.`);
    const found = new Map<number, Promise<Places>>();
    return {
      name: folder ?? nameOf(place),
      folder,
      close,
      listVersions: (fileName) => listVersions(git, fileName),
      async eachFile(since, wanted, visit) {
        const seconds = Math.floor(since.getTime() / 1000);
        const places =
          found.get(seconds) ??
          listPlaces(git, seconds, folder === null ? null : openGit(folder, access, null));
        found.set(seconds, places);
        await visitFiles(git, await places, wanted, visit);
      },
    };
  } catch (error) {
    await close();
    throw error;
  }
}

function nameOf(place: string): string {
  return parseRemoteUrl(place).url;
}

/** Fetched into a repository of our own, which borrows the objects: nothing changes in the checkout. */
async function addFolder(git: Git, own: string, place: string, access: GitAccess): Promise<string> {
  const there = openGit(place, access, null);
  const words = [
    '--path-format=absolute',
    '--show-toplevel',
    '--is-shallow-repository',
    '--git-path',
    'objects',
  ];
  const facts = existsSync(place) ? await there.attempt(['rev-parse', ...words]) : null;
  if (facts === null)
    throw new HoldfastError(
      'usage',
      `${place} is no folder of a git checkout: give one, or the URL of the repository.`,
    );
  const [top = place, shallow, objects = ''] = facts.split('\n');
  if (shallow === 'true')
    throw new HoldfastError(
      'usage',
      `${top} is a shallow clone, and what its history uses cannot be seen: run git fetch --unshallow there, or give its URL.`,
    );
  await mkdir(join(own, 'objects/info'), { recursive: true });
  await writeFile(join(own, 'objects/info/alternates'), `${objects}\n`);
  const fetch = [
    ...fetchAll,
    '--',
    top,
    '+refs/heads/*:refs/heads/local/*',
    '+refs/tags/*:refs/tags/local/*',
  ];
  // HEAD may be at no branch, or at one that has no commit yet.
  if ((await git.attempt([...fetch, '+HEAD:refs/heads/head'])) === null) await git.run(fetch);
  const remotes = ((await there.attempt(['remote'])) ?? '').split('\n').filter((name) => name !== '');
  for (const name of remotes) {
    const url = await there.run(['remote', 'get-url', '--', name]);
    await addRemote(own, parseRemoteUrl(url), access, `${name}/`);
  }
  return top;
}

async function addRemote(own: string, remote: RemoteUrl, access: GitAccess, prefix = ''): Promise<void> {
  await openGit(own, access, remote).run([
    ...fetchAll,
    '--',
    remote.url,
    `+refs/heads/*:refs/heads/remote/${prefix}*`,
    `+refs/tags/*:refs/tags/remote/${prefix}*`,
  ]);
}

/** Of a shallow repository git would else leave out, without a word, the branches that are cut. */
const fetchAll = ['fetch', '--quiet', '--no-tags', '--update-shallow'];

async function listHeads(git: Git): Promise<readonly string[]> {
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

async function listVersions(git: Git, fileName: string): Promise<readonly DatedVersion[]> {
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
type Places = ReadonlyMap<string, ReadonlySet<string>>;

async function listPlaces(git: Git, seconds: number, folder: Git | null): Promise<Places> {
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

async function visitFiles(
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
