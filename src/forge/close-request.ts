import { replaceOwnPart, withoutBodyState, writeBodyState } from './body-state.ts';
import { hold } from './hold.ts';
import { type PullRequest, updatePullRequest } from './pull-requests.ts';
import { sayOnce } from './say-once.ts';
import { type Situation, take } from './situation.ts';
import type { Proposal } from './types.ts';

const done =
  'Closed: nothing is left to change. Every image that this request was about is backed up and named on the base branch, or is gone from it.';

/** Nothing is left to propose: the open request of ours is closed with the reason, and its branch goes. */
export async function closeRequest(situation: Situation): Promise<Proposal> {
  const { branch, group, open, past, ours } = situation;
  const same = { group, branch, commit: null, verified: null, warnings: [] };
  if (open !== null) {
    if (!ours) return hold(situation, 'person-committed', open);
    await close(situation, open);
    return { ...same, operation: 'closed', number: open.number, url: open.url };
  }
  // A run that was stopped half-way may have left the rest of a closing.
  const last = past[0];
  if (last?.remembered?.phase === 'closed' && situation.head?.sha === last.remembered.commit)
    await close(situation, last);
  return { ...same, operation: 'none' };
}

async function close(situation: Situation, request: PullRequest): Promise<void> {
  const { github, checkout, head, branch } = situation;
  if (github === null) return;
  const commit = head?.sha ?? request.head;
  if (request.state === 'open') {
    const body = writeBodyState(withoutBodyState(request.body), {
      fingerprint: request.remembered?.fingerprint ?? situation.changeSet.fingerprint,
      commit,
      phase: 'closed',
    });
    await take(
      situation,
      'close',
      `close pull request #${request.number}, because nothing is left to change`,
      () =>
        updatePullRequest(github, request.number, {
          body: replaceOwnPart(request.body, body),
          state: 'closed',
        }),
    );
  }
  const text = (await situation.options.explainClosing?.()) ?? done;
  await sayOnce(situation, github, request, { mark: `closed ${commit}`, text, why: 'it is closed' });
  if (head !== null)
    await take(situation, 'delete-branch', `delete the branch ${branch}`, () =>
      checkout.deleteBranch(branch, head.sha),
    );
}
