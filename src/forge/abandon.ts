import { attachTo } from './attach.ts';
import type { GitHub } from './github.ts';
import { isLabelled, type PullRequest } from './pull-requests.ts';
import { type Situation, take } from './situation.ts';

/** For a request that has nothing to change any more, and that we may not close for a person's commits. */
const label = 'abandoned';

/** Sets the label. A warning when GitHub does not let us. */
export async function markAbandoned(
  situation: Situation,
  github: GitHub,
  request: PullRequest,
): Promise<string | null> {
  if (isLabelled(request, label)) return null;
  const doing = `set the label ${label} on pull request #${request.number}`;
  return take(situation, 'label', doing, () =>
    attachTo(github, request.number, {
      kind: 'label',
      doing,
      set: (number) => github.rest.issues.addLabels({ ...github.at, issue_number: number, labels: [label] }),
    }),
  );
}

/** Takes the label off again, once there is something to change. */
export async function unmarkAbandoned(
  situation: Situation,
  github: GitHub,
  request: PullRequest,
): Promise<string | null> {
  if (!isLabelled(request, label) || situation.options.labels.includes(label)) return null;
  const labels = request.labels.filter((name) => name !== label);
  const doing = `take the label ${label} off pull request #${request.number}`;
  return take(situation, 'label', doing, () =>
    attachTo(github, request.number, {
      kind: 'label',
      doing,
      set: (number) => github.rest.issues.update({ ...github.at, issue_number: number, labels }),
    }),
  );
}
