import { describeUser } from './describe-repository.ts';
import type { Room } from './room.ts';
import type { CheckRun, Pull, Review, ReviewComment } from './types.ts';

function places(room: Room, pull: Pull) {
  const name = `${room.repository.owner}/${room.repository.name}`;
  return {
    api: `${room.url}/api/v3/repos/${name}`,
    pull: `${room.url}/api/v3/repos/${name}/pulls/${pull.number}`,
    web: `${room.url}/${name}/pull/${pull.number}`,
  };
}

export function describeReview(room: Room, pull: Pull, review: Review): object {
  const at = places(room, pull);
  const html = `${at.web}#pullrequestreview-${review.id}`;
  return {
    id: review.id,
    node_id: `PRR_${review.id}`,
    user: describeUser(room.url, review.author),
    body: review.body,
    state: review.state,
    commit_id: review.commit,
    html_url: html,
    pull_request_url: at.pull,
    submitted_at: review.created,
    author_association: 'CONTRIBUTOR',
    _links: { html: { href: html }, pull_request: { href: at.pull } },
  };
}

export function describeReviewComment(
  room: Room,
  pull: Pull,
  review: Review,
  comment: Omit<ReviewComment, 'line'> & { readonly line: number | null },
): object {
  const at = places(room, pull);
  const html = `${at.web}#discussion_r${comment.id}`;
  const self = `${at.api}/pulls/comments/${comment.id}`;
  return {
    url: self,
    id: comment.id,
    node_id: `PRRC_${comment.id}`,
    pull_request_review_id: review.id,
    diff_hunk: '@@',
    path: comment.path,
    // GitHub says null of a line that is gone; its description does not know that.
    ...(comment.line !== null && { line: comment.line }),
    original_line: comment.line ?? 1,
    start_line: comment.startLine,
    original_start_line: comment.startLine,
    side: 'RIGHT',
    commit_id: comment.commit,
    original_commit_id: comment.commit,
    user: describeUser(room.url, comment.author),
    body: comment.body,
    ...(comment.replyTo !== null && { in_reply_to_id: comment.replyTo }),
    created_at: comment.created,
    updated_at: comment.created,
    html_url: html,
    pull_request_url: at.pull,
    author_association: 'CONTRIBUTOR',
    _links: { self: { href: self }, html: { href: html }, pull_request: { href: at.pull } },
  };
}

export function describeCheckRun(room: Room, run: CheckRun): object {
  const name = `${room.repository.owner}/${room.repository.name}`;
  const api = `${room.url}/api/v3/repos/${name}/check-runs/${run.id}`;
  return {
    id: run.id,
    node_id: `CR_${run.id}`,
    head_sha: run.head,
    name: run.name,
    external_id: '',
    url: api,
    html_url: `${room.url}/${name}/runs/${run.id}`,
    details_url: null,
    status: run.status,
    conclusion: run.conclusion,
    started_at: run.started,
    completed_at: run.status === 'completed' ? run.started : null,
    check_suite: { id: 1 },
    output: {
      title: run.title,
      summary: run.summary,
      text: null,
      annotations_count: run.annotations.length,
      annotations_url: `${api}/annotations`,
    },
    app: null,
    pull_requests: [],
  };
}
