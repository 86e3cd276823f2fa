import { HoldfastError } from '../error.ts';
import { baseFiles } from './base-files.ts';
import { type DiffLines, readDiffLines } from './diff-lines.ts';
import { type Git, type GitAccess, openGit } from './git.ts';
import type { GitHub } from './github.ts';
import { parseCommit } from './remote-branches.ts';
import { parseRemoteUrl } from './remote-url.ts';
import type { Checkout, CommitFacts } from './types.ts';

/** What a pull request, a merge queue or a push changes: the commit that is checked out against its base. */
export interface Change {
  /** Writes the files of the base commit, as in `Checkout`. */
  readonly writeBase: Checkout['writeBase'];
  /** Paths that differ, those that came or went included; sorted. */
  readonly paths: readonly string[];
  readonly lines: DiffLines;
  /** Of these paths those whose text is the same in `head`: of a merge commit some are merged with the base. */
  findSameInHead(paths: readonly string[]): Promise<ReadonlySet<string>>;
}

/**
 * Opens the change in a checkout, a shallow one too: what is missing of the base is fetched. `base`, `head`: as the
 * event names them. GitHub's merge commit is compared with its first parent, so that only the request's own changes
 * count; any other head with the commit that it left the base at. Throws `conflict` when the base is gone, as the
 * commit of before a force-push may be.
 */
export async function openChange(
  folder: string,
  { base, head }: { readonly base: string; readonly head: string },
  { github, ...access }: GitAccess & { readonly github: GitHub | null },
): Promise<Change> {
  const plain = openGit(folder, access, null);
  const url = await plain.attempt(['remote', 'get-url', '--', 'origin']);
  const remote = url === null ? null : parseRemoteUrl(url);
  const git = openGit(folder, access, remote);
  const current = await readCommit(git, 'HEAD');
  if (current === null)
    throw new HoldfastError(
      'usage',
      'There is no commit checked out here: put actions/checkout before this step.',
    );
  const from = await findBase({ git, github, base, head, current });
  const commit = await ensureCommit(git, remote?.url ?? null, from);
  const differing = await listDifferences(git, commit.sha, current.sha);
  const lines = await readDiffLines(git, { from: commit.sha, to: current.sha });
  return {
    writeBase: baseFiles(git, commit).writeBase,
    paths: differing.toSorted(),
    lines,
    async findSameInHead(paths) {
      if (current.sha === head) return new Set(paths);
      const tip = await ensureCommit(git, remote?.url ?? null, head);
      const other = new Set(await listDifferences(git, tip.sha, current.sha));
      return new Set(paths.filter((path) => !other.has(path)));
    },
  };
}

async function findBase(parts: {
  readonly git: Git;
  readonly github: GitHub | null;
  readonly base: string;
  readonly head: string;
  readonly current: CommitFacts;
}): Promise<string> {
  const { git, github, base, head, current } = parts;
  const [first, second] = current.parents;
  if (first !== undefined && second === head) return first;
  const local = await git.attempt(['merge-base', base, current.sha]);
  if (local !== null && local !== '') return local;
  if (github === null) return base;
  try {
    const { data } = await github.rest.repos.compareCommitsWithBasehead({
      ...github.at,
      basehead: `${base}...${current.sha}`,
    });
    return data.merge_base_commit.sha;
  } catch {
    // Not worth a failure: the base itself only shows what else changed there meanwhile.
    return base;
  }
}

async function readCommit(git: Git, name: string): Promise<CommitFacts | null> {
  const sha = await git.attempt(['rev-parse', '--verify', '--quiet', '--end-of-options', `${name}^{commit}`]);
  const raw = sha && (await git.attempt(['cat-file', 'commit', sha]));
  return sha && raw ? parseCommit(sha, raw) : null;
}

async function ensureCommit(git: Git, url: string | null, sha: string): Promise<CommitFacts> {
  const known = await readCommit(git, sha);
  if (known !== null) return known;
  if (url === null)
    throw new HoldfastError('usage', 'This checkout has no remote "origin" to read the base commit from.');
  const shallow = (await git.run(['rev-parse', '--is-shallow-repository'])) === 'true';
  const depth = shallow ? ['--depth=1'] : [];
  await git.run(['fetch', '--quiet', '--no-tags', '--no-write-fetch-head', ...depth, '--', url, sha]);
  const fetched = await readCommit(git, sha);
  if (fetched !== null) return fetched;
  throw new HoldfastError('environment', `${url} does not give the commit ${sha}: run the workflow again.`);
}

async function listDifferences(git: Git, from: string, to: string): Promise<readonly string[]> {
  const listed = await git.run(['diff-tree', '-r', '-z', '--no-renames', '--name-only', from, to]);
  return listed.split('\0').filter((path) => path !== '');
}
