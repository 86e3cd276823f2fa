import { explainGitHub } from './explain-github.ts';
import type { GitHub } from './github.ts';
import { onceSettled } from './pull-requests.ts';
import type { ProposeOptions, ProposeStep } from './types.ts';

type Wanted = Pick<ProposeOptions, 'labels' | 'reviewers' | 'teamReviewers' | 'assignees' | 'milestone'>;

export interface Attachment {
  readonly kind: ProposeStep['kind'];
  readonly doing: string;
  readonly set: (number: number) => Promise<unknown>;
}

/** Labels, reviewers, teams, assignees and milestone: each its own call, so that one that fails spoils no other. */
export function planAttachments(github: GitHub, wanted: Wanted): readonly Attachment[] {
  const { at, rest } = github;
  const { labels, reviewers, teamReviewers, assignees, milestone } = wanted;
  const attachments: Attachment[] = [];
  const attach = (kind: Attachment['kind'], doing: string, set: Attachment['set']) =>
    attachments.push({ kind, doing, set });
  if (labels.length > 0)
    attach('label', `set the labels ${labels.join(', ')}`, (number) =>
      rest.issues.addLabels({ ...at, issue_number: number, labels: [...labels] }),
    );
  if (reviewers.length > 0)
    attach('review', `ask ${reviewers.join(', ')} for a review`, (number) =>
      rest.pulls.requestReviewers({ ...at, pull_number: number, reviewers: [...reviewers] }),
    );
  if (teamReviewers.length > 0)
    attach('review', `ask the teams ${teamReviewers.join(', ')} for a review`, (number) =>
      rest.pulls.requestReviewers({ ...at, pull_number: number, team_reviewers: [...teamReviewers] }),
    );
  if (assignees.length > 0)
    attach('assign', `assign ${assignees.join(', ')}`, (number) =>
      rest.issues.addAssignees({ ...at, issue_number: number, assignees: [...assignees] }),
    );
  if (milestone !== null)
    attach('milestone', `set the milestone ${milestone}`, (number) =>
      rest.issues.update({ ...at, issue_number: number, milestone }),
    );
  return attachments;
}

/** A warning when it could not be set, null when it was. */
export async function attachTo(
  github: GitHub,
  number: number,
  attachment: Attachment,
): Promise<string | null> {
  try {
    await onceSettled(github, () => attachment.set(number));
    return null;
  } catch (error) {
    const why = explainGitHub(error, attachment.doing, github.address);
    return `Pull request #${number}: could not ${attachment.doing}. ${why.message}`;
  }
}
