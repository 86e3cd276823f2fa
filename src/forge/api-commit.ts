import { HoldfastError } from '../error.ts';
import { explainGitHub, readRefusal } from './explain-github.ts';
import type { GitHub } from './github.ts';
import type { Checkout } from './types.ts';

/** A commit that GitHub made, and whether it vouches for it. */
export interface ApiCommit {
  readonly sha: string;
  readonly verified: boolean;
}

/**
 * The same commit through the Git Data API: GitHub signs it for a bot's token, which it does only when no author is
 * given. `base_tree` and inline contents: only what changes is sent, and modes are kept by naming them (P19).
 */
export async function commitThroughApi(
  github: GitHub,
  base: Checkout['base'],
  files: readonly { readonly path: string; readonly mode: string; readonly text: string | null }[],
  expectedTree: string,
  message: string,
): Promise<ApiCommit> {
  const tree = await github.ask('write the files', () =>
    github.rest.git.createTree({
      ...github.at,
      base_tree: base.commit.tree,
      tree: files.map(({ path, mode, text }) => ({
        path,
        mode: mode as '100644',
        type: 'blob' as const,
        ...(text === null ? { sha: null } : { content: text }),
      })),
    }),
  );
  if (tree.data.sha !== expectedTree)
    throw new HoldfastError('conflict', 'GitHub wrote other files than were sent: use --commit-via git.');
  const { data } = await github.ask('make the commit', () =>
    github.rest.git.createCommit({ ...github.at, message, tree: expectedTree, parents: [base.commit.sha] }),
  );
  return { sha: data.sha, verified: data.verification.verified };
}

/** Whether GitHub vouches for a commit of before; null where it does not say. */
export async function isVerified({ rest, at }: GitHub, sha: string): Promise<boolean | null> {
  try {
    const { data } = await rest.git.getCommit({ ...at, commit_sha: sha });
    return data.verification.verified;
  } catch {
    // Nothing but an answer to a question of somebody else depends on it.
    return null;
  }
}

/** Sets the branch. `expected`: what it was when it was last looked at; the caller has just looked again. */
export async function moveBranchThroughApi(
  github: GitHub,
  branch: string,
  commit: string,
  expected: string | null,
): Promise<void> {
  try {
    if (expected === null)
      await github.rest.git.createRef({ ...github.at, ref: `refs/heads/${branch}`, sha: commit });
    else await github.rest.git.updateRef({ ...github.at, ref: `heads/${branch}`, sha: commit, force: true });
  } catch (error) {
    if (readRefusal(error)?.status === 422 && /already exists/i.test(readRefusal(error)?.said ?? ''))
      throw new HoldfastError(
        'conflict',
        `The branch ${branch} appeared while holdfast worked: nothing was changed. Run it again.`,
      );
    throw explainGitHub(error, `push to the branch ${branch}`, github.address);
  }
}
