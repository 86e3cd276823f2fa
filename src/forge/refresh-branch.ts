import { HoldfastError } from '../error.ts';
import { commitThroughApi, isVerified, moveBranchThroughApi } from './api-commit.ts';
import { formatCommitMessage, readCommitMark } from './commit-message.ts';
import { type ProposedFile, type Situation, take } from './situation.ts';
import { defaultIdentity } from './types.ts';

/** The branch after `refreshBranch`. `commit` is null in a dry run that would have made one. */
export interface Branch {
  readonly commit: string | null;
  readonly pushed: boolean;
  readonly verified: boolean | null;
}

/** One commit on the base's head; nothing is pushed when the branch is that already. */
export async function refreshBranch(
  situation: Situation,
  files: readonly ProposedFile[],
  tree: string,
): Promise<Branch> {
  const { head, checkout, changeSet, branch, options, github } = situation;
  const base = checkout.base.commit.sha;
  const mark = head && readCommitMark(head);
  if (head && mark?.tree === tree && mark.base === base && mark.fingerprint === changeSet.fingerprint) {
    const asks = options.commitVia === 'api' && github !== null;
    return { commit: head.sha, pushed: false, verified: asks ? await isVerified(github, head.sha) : null };
  }

  const message = formatCommitMessage(changeSet.title, { fingerprint: changeSet.fingerprint, base, tree });
  const commit = await take(
    situation,
    'write-commit',
    `write a commit of ${files.length} files on ${base.slice(0, 12)}`,
    () => writeCommit(situation, files, tree, message),
  );
  const before = head?.sha ?? null;
  const how = before === null ? 'create' : 'replace';
  await take(situation, 'push', `${how} the branch ${branch} at ${checkout.remote.url}`, async () => {
    if (commit === null) return;
    if (options.commitVia === 'git' || situation.github === null)
      return checkout.push(branch, commit.sha, before);
    const now = (await checkout.findBranch(branch))?.sha ?? null;
    if (now !== before)
      throw new HoldfastError(
        'conflict',
        `The branch ${branch} changed while holdfast worked: nothing was pushed. Run it again.`,
      );
    await moveBranchThroughApi(situation.github, branch, commit.sha, before);
  });
  return { commit: commit?.sha ?? null, pushed: true, verified: commit?.verified ?? null };
}

async function writeCommit(
  { github, checkout, options }: Situation,
  files: readonly ProposedFile[],
  tree: string,
  message: string,
): Promise<{ readonly sha: string; readonly verified: boolean | null }> {
  if (options.commitVia === 'api' && github !== null)
    return commitThroughApi(github, checkout.base, files, tree, message);
  const sha = await checkout.writeCommit(tree, message, options.author ?? defaultIdentity);
  return { sha, verified: null };
}
