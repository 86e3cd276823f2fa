import { HoldfastError } from '../error.ts';
import { markAbandoned, unmarkAbandoned } from './abandon.ts';
import type { GitHub } from './github.ts';
import type { PullRequest } from './pull-requests.ts';
import { sayOnce } from './say-once.ts';
import type { Situation } from './situation.ts';
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
  return {
    group,
    branch,
    commit: head?.sha ?? null,
    verified: null,
    warnings:
      reason === 'person-committed' && request !== null && github !== null
        ? await tell(situation, github, request, explanation)
        : [],
    operation: 'held',
    reason,
    explanation,
    number: request?.number ?? null,
    url: request?.url ?? null,
  };
}

/** A word that cannot be left there is no reason to fail: the run says it, too. */
async function tell(
  situation: Situation,
  github: GitHub,
  request: PullRequest,
  explanation: string,
): Promise<readonly string[]> {
  const isAbandoned = situation.changeSet.files.length === 0;
  // One for each time that the branch was taken over, however many commits come after the first.
  const mark = `${isAbandoned ? 'abandoned' : 'held'} ${request.remembered?.commit ?? ''}`;
  const warnings: (string | null)[] = [];
  try {
    if (!isAbandoned) warnings.push(await unmarkAbandoned(situation, github, request));
    await sayOnce(
      situation,
      github,
      request,
      { mark, text: explanation, why: 'it is left alone' },
      async () => {
        if (isAbandoned) warnings.push(await markAbandoned(situation, github, request));
      },
    );
  } catch (error) {
    if (!(error instanceof HoldfastError)) throw error;
    warnings.push(`Pull request #${request.number}: could not say why it is left alone. ${error.message}`);
  }
  return warnings.filter((warning) => warning !== null);
}

function explain(
  { branch, head, changeSet }: Situation,
  reason: Reason,
  request: PullRequest | null,
): string {
  switch (reason) {
    case 'person-committed': {
      const theirs = `the branch ${branch} has commits that are not holdfast's (head ${head?.sha.slice(0, 12)})`;
      return changeSet.files.length === 0
        ? `Nothing is left to change here, but ${theirs}, so the request is not closed. Merge it or close it; or tick the box in its description, and holdfast closes it and deletes the branch.`
        : `${theirs.replace(/^t/, 'T')}, so it is left as it is and no longer refreshed. Merge it as it is; or tick the box in the description of the request, and holdfast writes the branch anew without them.`;
    }
    case 'person-closed':
      return `Pull request #${request?.number} with the same content was closed by a person, so it is not opened again. It will be when the content differs, or with --recreate-closed always.`;
    case 'branch-taken':
      return `The branch ${branch} holds something that is not holdfast's, so it is left as it is. Delete or rename it, and holdfast goes on.`;
  }
}
