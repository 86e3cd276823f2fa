import { HoldfastError } from '../error.ts';
import type { Git } from './git.ts';
import type { RemoteUrl } from './remote-url.ts';
import type { Checkout, CommitFacts } from './types.ts';

type Branches = Pick<Checkout, 'findBranch' | 'listBranches' | 'push' | 'deleteBranch'>;

/**
 * Branches at the remote, always asked by URL: no local branch, remote-tracking branch or FETCH_HEAD changes. In a clone
 * of our own (`isOurs`) what was fetched gets a ref: by those alone git tells the remote what it need not send again.
 */
export function remoteBranches(git: Git, remote: RemoteUrl, shallow: boolean, isOurs: boolean): Branches {
  // A depth makes a repository shallow that was not; where it is already, it saves fetching all of the history.
  const depth = shallow ? ['--depth=1'] : [];

  return {
    async findBranch(branch) {
      requireBranchName(branch);
      const listed = await git.run(['ls-remote', '--', remote.url, `refs/heads/${branch}`]);
      const sha = listed
        .split('\n')
        .find((line) => line.endsWith(`\trefs/heads/${branch}`))
        ?.split('\t')[0];
      if (sha === undefined) return null;
      const known = await git.attempt(['cat-file', 'commit', sha]);
      if (known !== null) return parseCommit(sha, known);
      const wanted = isOurs
        ? `+refs/heads/${branch}:refs/holdfast/${branch.replaceAll('/', '-')}`
        : `refs/heads/${branch}`;
      await git.run([
        'fetch',
        '--quiet',
        '--no-tags',
        '--no-write-fetch-head',
        ...depth,
        '--',
        remote.url,
        wanted,
      ]);
      return parseCommit(sha, await git.run(['cat-file', 'commit', sha]));
    },
    async listBranches(prefix) {
      requireBranchName(`${prefix}x`);
      const listed = await git.run(['ls-remote', '--', remote.url, `refs/heads/${prefix}*`]);
      return listed
        .split('\n')
        .flatMap((line) => /\trefs\/heads\/(.+)$/.exec(line)?.[1] ?? [])
        .toSorted();
    },
    async push(branch, commit, expected) {
      requireBranchName(branch);
      await pushTo(git, remote, `${commit}:refs/heads/${branch}`, branch, expected ?? '');
    },
    async deleteBranch(branch, expected) {
      requireBranchName(branch);
      await pushTo(git, remote, `:refs/heads/${branch}`, branch, expected);
    },
  };
}

/**
 * git asks for the remote's refs as one who pushes, which a token that may only read is refused. The API would not
 * tell: `permissions` of GET /repos says of every App's token, and so of GITHUB_TOKEN, that it may not push.
 */
export async function checkPush(git: Git, remote: RemoteUrl, commit: string, branch: string): Promise<void> {
  requireBranchName(branch);
  const spec = `${commit}:refs/heads/${branch}`;
  await git.run(['push', '--quiet', '--dry-run', '--no-verify', '--force', '--', remote.url, spec]);
}

async function pushTo(
  git: Git,
  remote: RemoteUrl,
  spec: string,
  branch: string,
  expected: string,
): Promise<void> {
  await git.run([
    'push',
    '--quiet',
    '--porcelain',
    '--no-verify',
    `--force-with-lease=refs/heads/${branch}:${expected}`,
    '--',
    remote.url,
    spec,
  ]);
}

/** git-check-ref-format(1), so that a name from a configuration can be no option and no pattern. */
function requireBranchName(branch: string): void {
  const wrong =
    branch === '' ||
    // oxlint-disable-next-line no-control-regex -- git forbids exactly these
    /[\0-\x20\x7F~^:?*[\\]|\.\.|@\{|\/\/|^[-/]|\/\.|^\.|[/.]$|\.lock(?:\/|$)/.test(branch);
  if (wrong)
    throw new HoldfastError('usage', `"${branch}" cannot be the name of a branch: choose another one.`);
}

/** The raw text of a commit object. */
export function parseCommit(sha: string, raw: string): CommitFacts {
  const end = raw.indexOf('\n\n');
  const head = raw.slice(0, end);
  const parents = [...head.matchAll(/^parent ([0-9a-f]+)$/gm)].map((match) => match[1] ?? '');
  return {
    sha,
    tree: /^tree ([0-9a-f]+)$/m.exec(head)?.[1] ?? '',
    parents,
    message: raw.slice(end + 2),
    committed: /^committer .*> (\d+ [+-]\d{4})$/m.exec(head)?.[1] ?? '0 +0000',
  };
}
