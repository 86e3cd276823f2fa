import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { HoldfastError } from '../error.ts';
import { type Git, type GitAccess, openGit } from './git.ts';
import {
  type DatedVersion,
  type FileVersion,
  listHeads,
  listPlaces,
  listVersions,
  type Places,
  visitFiles,
} from './history-files.ts';
import { isFolder, parseRemoteUrl, type RemoteUrl } from './remote-url.ts';

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
  const own = await mkdtemp(join(tmpdir(), 'holdfast-history-'));
  const close = () => rm(own, { recursive: true, force: true });
  try {
    const git = openGit(own, access, null);
    await git.run(['init', '--quiet', '--bare', '.']);
    const folder = isFolder(place) ? await addFolder(git, own, place, access) : null;
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
