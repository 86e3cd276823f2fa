import { mkdir, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { HoldfastError } from '../error.ts';
import { baseFiles } from './base-files.ts';
import { type Git, type GitAccess, openGit } from './git.ts';
import { checkPush, remoteBranches } from './remote-branches.ts';
import { parseRemoteUrl, type RemoteUrl } from './remote-url.ts';
import type { Checkout } from './types.ts';
import { commitWriter } from './write-commit.ts';

/**
 * `folder`: inside of an existing checkout; `clone`: a URL, cloned without files and history into a folder of ours, or
 * into `cache`, which is kept, so that the next time only what is new is fetched.
 */
export type CheckoutPlace = { readonly folder: string } | { readonly clone: string; readonly cache?: string };

export interface CheckoutOptions extends GitAccess {
  /** The branch that the pull request is for. Null: the branch that is checked out, or the clone's default. */
  readonly base: string | null;
  /** Name of the remote of an existing checkout. */
  readonly remoteName?: string;
  /** Whether the token is one for this remote; for any other git has to log in by itself. Absent: it is. */
  readonly takesToken?: (remote: RemoteUrl) => boolean;
  /** Branches below this prefix are our own, and no base. */
  readonly branchPrefix?: string;
}

/** Opens the repository at the remote's head of the base branch. Throws `HoldfastError` when that cannot be. */
export async function openCheckout(place: CheckoutPlace, options: CheckoutOptions): Promise<Checkout> {
  return 'clone' in place
    ? openClone(place.clone, place.cache ?? null, options)
    : openFolder(place.folder, options);
}

async function openFolder(folder: string, options: CheckoutOptions): Promise<Checkout> {
  const [top = folder, shallow] = (
    await openGit(folder, options, null).run(['rev-parse', '--show-toplevel', '--is-shallow-repository'])
  ).split('\n');
  const remoteName = options.remoteName ?? 'origin';
  const url = await openGit(top, options, null).attempt(['remote', 'get-url', '--', remoteName]);
  if (url === null)
    throw new HoldfastError('usage', `This checkout has no remote "${remoteName}" to push to: add one.`);
  const remote = parseRemoteUrl(url);
  const git = openGit(top, accessTo(remote, options), remote);
  await refuseDirty(git);
  // Empty at a detached HEAD.
  const head = await git.attempt(['symbolic-ref', '--short', '-q', 'HEAD']);
  const branch = options.base ?? (head === '' ? null : head);
  if (branch === null)
    throw new HoldfastError(
      'usage',
      'The checkout is at a tag or a commit, not on a branch: name the branch that the pull request is for with --base.',
    );
  return finish({
    git,
    remote,
    branch,
    shallow: shallow === 'true',
    isOurs: false,
    options,
    close: async () => {},
  });
}

async function openClone(address: string, cache: string | null, options: CheckoutOptions): Promise<Checkout> {
  const remote = parseRemoteUrl(address);
  if (remote.userInfo !== null)
    throw new HoldfastError(
      'usage',
      'The URL to clone holds a user name or a token: take it out, and set GITHUB_TOKEN or let git log in by itself.',
    );
  const folder = cache ?? (await mkdtemp(join(tmpdir(), 'holdfast-clone-')));
  if (cache !== null) await mkdir(cache, { recursive: true });
  const remove = () => rm(folder, { recursive: true, force: true });
  const close = cache === null ? remove : async () => {};
  try {
    if ((await countFetches(folder)) > mostFetches) {
      await remove();
      await mkdir(folder);
    }
    const git = openGit(folder, accessTo(remote, options), remote);
    await git.run(['init', '--quiet', '--bare', '.']);
    const branch = options.base ?? (await defaultBranch(git, remote));
    return await finish({ git, remote, branch, shallow: true, isOurs: true, options, close });
  } catch (error) {
    // A cache may be what is broken: the next time begins with a new one.
    await remove();
    throw error;
  }
}

/** A clone that is kept grows with each, as nothing is collected there: after so many it is begun anew. */
const mostFetches = 50;

/** git notes each commit that it was sent without the ones before it (gitformat-shallow). */
async function countFetches(folder: string): Promise<number> {
  const text = await readFile(join(folder, 'shallow'), 'utf8').catch(() => '');
  return text.split('\n').length - 1;
}

function accessTo(remote: RemoteUrl, { takesToken, ...access }: CheckoutOptions): GitAccess {
  return takesToken?.(remote) === false ? { ...access, token: null } : access;
}

async function finish(parts: {
  readonly git: Git;
  readonly remote: RemoteUrl;
  readonly branch: string;
  readonly shallow: boolean;
  readonly isOurs: boolean;
  readonly options: CheckoutOptions;
  readonly close: () => Promise<void>;
}): Promise<Checkout> {
  const { git, remote, branch, shallow, isOurs, options, close } = parts;
  const prefix = options.branchPrefix ?? 'holdfast';
  if (branch.startsWith(`${prefix}/`))
    throw new HoldfastError(
      'usage',
      `"${branch}" is a branch that holdfast makes itself: name the branch that the pull request is for with --base.`,
    );
  const branches = remoteBranches(git, remote, shallow, isOurs);
  const commit = await branches.findBranch(branch);
  if (commit === null)
    throw new HoldfastError(
      'usage',
      `The base branch "${branch}" is not at ${remote.url}: push it, or name another one.`,
    );
  const base = { branch, commit };
  return {
    remote,
    base,
    ...baseFiles(git, commit),
    ...branches,
    ...commitWriter(git, base),
    checkPush: (wanted) => checkPush(git, remote, commit.sha, wanted),
    close,
  };
}

/** Untracked files are no part of the base; changed ones would silently be left out of the pull request. */
async function refuseDirty(git: Git): Promise<void> {
  const status = await git.run([
    'status',
    '--porcelain',
    '--untracked-files=no',
    '--ignore-submodules=dirty',
  ]);
  if (status === '') return;
  const first = status.split('\n')[0]?.slice(3) ?? '';
  const more = status.split('\n').length - 1;
  throw new HoldfastError(
    'usage',
    `The checkout has changes that are not committed (${first}${more > 0 ? ` and ${more} more` : ''}): commit or stash them.`,
  );
}

async function defaultBranch(git: Git, remote: RemoteUrl): Promise<string> {
  const answer = await git.run(['ls-remote', '--symref', '--', remote.url, 'HEAD']);
  const branch = /^ref: refs\/heads\/(\S+)\tHEAD$/m.exec(answer)?.[1];
  if (branch === undefined)
    throw new HoldfastError('usage', `${remote.url} has no default branch: name the base with --base.`);
  return branch;
}
