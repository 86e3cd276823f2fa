import { commentOnce, type PullRequest } from './pull-requests.ts';
import { type Situation, take } from './situation.ts';
import type { Proposal } from './types.ts';

type Reason = Extract<Proposal, { operation: 'held' }>['reason'];

/** Leaves everything as it is, for a person's sake; says so once where that person looks. */
export async function hold(
  situation: Situation,
  reason: Reason,
  request: PullRequest | null,
): Promise<Proposal> {
  const { branch, group, head, github } = situation;
  const explanation = explain(situation, reason, request);
  if (reason === 'person-committed' && request !== null && github !== null)
    await take(situation, 'comment', `say on pull request #${request.number} why it is left alone`, () =>
      commentOnce(github, request.number, `held ${head?.sha}`, explanation),
    );
  return {
    group,
    branch,
    commit: head?.sha ?? null,
    verified: null,
    warnings: [],
    operation: 'held',
    reason,
    explanation,
    number: request?.number ?? null,
    url: request?.url ?? null,
  };
}

function explain({ branch, head }: Situation, reason: Reason, request: PullRequest | null): string {
  switch (reason) {
    case 'person-committed':
      return `The branch ${branch} has commits that are not holdfast's (head ${head?.sha.slice(0, 12)}), so it is left as it is. Take them off, or delete the branch, and holdfast goes on.`;
    case 'person-closed':
      return `Pull request #${request?.number} with the same content was closed by a person, so it is not opened again. It will be when the content differs, or with --recreate-closed always.`;
    case 'branch-taken':
      return `The branch ${branch} holds something that is not holdfast's, so it is left as it is. Delete or rename it, or choose another prefix for holdfast's branches.`;
  }
}
