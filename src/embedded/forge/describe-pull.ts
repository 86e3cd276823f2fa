import { describePerson, describeRepository, describeUser, idOf } from './describe-repository.ts';
import type { Comment, ForgeRepository, Pull } from './types.ts';

interface Place {
  readonly url: string;
  readonly repository: ForgeRepository;
}

function apiOf({ url, repository }: Place): string {
  return `${url}/api/v3/repos/${repository.owner}/${repository.name}`;
}

function webOf({ url, repository }: Place): string {
  return `${url}/${repository.owner}/${repository.name}`;
}

export function describeLabel(place: Place, name: string): object {
  return {
    id: idOf(name),
    node_id: `LA_${idOf(name)}`,
    url: `${apiOf(place)}/labels/${encodeURIComponent(name)}`,
    name,
    description: '',
    color: 'ededed',
    default: false,
  };
}

function describeTeam({ url, repository }: Place, slug: string): object {
  const api = `${url}/api/v3/organizations/${idOf(repository.owner)}/team/${idOf(slug)}`;
  return {
    id: idOf(slug),
    node_id: `T_${idOf(slug)}`,
    name: slug,
    slug,
    description: null,
    privacy: 'closed',
    permission: 'push',
    url: api,
    html_url: `${url}/orgs/${repository.owner}/teams/${slug}`,
    members_url: `${api}/members{/member}`,
    repositories_url: `${api}/repos`,
    type: 'organization',
    parent: null,
  };
}

function describeMilestone(place: Place, number: number): object {
  const api = `${apiOf(place)}/milestones/${number}`;
  const born = '2026-01-01T00:00:00Z';
  return {
    url: api,
    html_url: `${webOf(place)}/milestone/${number}`,
    labels_url: `${api}/labels`,
    id: number,
    node_id: `MI_${number}`,
    number,
    state: 'open',
    title: `Milestone ${number}`,
    description: null,
    creator: describePerson(place.url, place.repository.owner),
    open_issues: 1,
    closed_issues: 0,
    created_at: born,
    updated_at: born,
    closed_at: null,
    due_on: null,
  };
}

/** `pull-request-simple`, or with `counts` the whole `pull-request`. */
export function describePull(
  place: Place,
  pull: Pull,
  baseCommit: string,
  counts: { readonly commits: number; readonly changedFiles: number } | null,
): object {
  const { url, repository } = place;
  const api = `${apiOf(place)}/pulls/${pull.number}`;
  const issue = `${apiOf(place)}/issues/${pull.number}`;
  const web = `${webOf(place)}/pull/${pull.number}`;
  const statuses = `${apiOf(place)}/statuses/${pull.head}`;
  const side = (ref: string, sha: string) => ({
    label: `${repository.owner}:${ref}`,
    ref,
    sha,
    user: describePerson(url, repository.owner),
    repo: describeRepository(url, repository),
  });
  const assignees = pull.assignees.map((login) => describePerson(url, login));
  return {
    url: api,
    id: repository.id * 1000 + pull.number,
    node_id: `PR_${pull.number}`,
    html_url: web,
    diff_url: `${web}.diff`,
    patch_url: `${web}.patch`,
    issue_url: issue,
    commits_url: `${api}/commits`,
    review_comments_url: `${api}/comments`,
    review_comment_url: `${apiOf(place)}/pulls/comments{/number}`,
    comments_url: `${issue}/comments`,
    statuses_url: statuses,
    number: pull.number,
    state: pull.state,
    locked: false,
    title: pull.title,
    user: describeUser(url, pull.author),
    body: pull.body,
    labels: pull.labels.map((name) => describeLabel(place, name)),
    milestone: pull.milestone === null ? null : describeMilestone(place, pull.milestone),
    created_at: pull.created,
    updated_at: pull.updated,
    closed_at: pull.closed,
    merged_at: pull.merged,
    merge_commit_sha: pull.mergeCommit,
    assignee: assignees[0] ?? null,
    assignees,
    requested_reviewers: pull.reviewers.map((login) => describePerson(url, login)),
    requested_teams: pull.teams.map((slug) => describeTeam(place, slug)),
    head: side(pull.branch, pull.head),
    base: side(pull.base, baseCommit),
    author_association: 'CONTRIBUTOR',
    auto_merge: null,
    draft: pull.draft,
    _links: {
      self: { href: api },
      html: { href: web },
      issue: { href: issue },
      comments: { href: `${issue}/comments` },
      review_comments: { href: `${api}/comments` },
      review_comment: { href: `${apiOf(place)}/pulls/comments{/number}` },
      commits: { href: `${api}/commits` },
      statuses: { href: statuses },
    },
    ...(counts && {
      merged: pull.merged !== null,
      mergeable: true,
      rebaseable: true,
      mergeable_state: 'clean',
      merged_by: null,
      comments: pull.comments.length,
      review_comments: pull.reviews.reduce((sum, review) => sum + review.comments.length, 0),
      maintainer_can_modify: false,
      commits: counts.commits,
      additions: 0,
      deletions: 0,
      changed_files: counts.changedFiles,
    }),
  };
}

export function describeComment(place: Place, pull: Pull, comment: Comment): object {
  const api = `${apiOf(place)}/issues/comments/${comment.id}`;
  return {
    id: comment.id,
    node_id: `IC_${comment.id}`,
    url: api,
    html_url: `${webOf(place)}/pull/${pull.number}#issuecomment-${comment.id}`,
    issue_url: `${apiOf(place)}/issues/${pull.number}`,
    body: comment.body,
    user: describeUser(place.url, comment.author),
    created_at: comment.created,
    updated_at: comment.updated,
    author_association: 'CONTRIBUTOR',
    reactions: {
      url: `${api}/reactions`,
      total_count: 0,
      '+1': 0,
      '-1': 0,
      laugh: 0,
      confused: 0,
      heart: 0,
      hooray: 0,
      eyes: 0,
      rocket: 0,
    },
  };
}

/** A pull request as `issues` shows it. */
export function describeIssue(place: Place, pull: Pull): object {
  const api = `${apiOf(place)}/issues/${pull.number}`;
  const assignees = pull.assignees.map((login) => describePerson(place.url, login));
  return {
    id: place.repository.id * 1000 + pull.number,
    node_id: `PR_${pull.number}`,
    url: api,
    repository_url: apiOf(place),
    labels_url: `${api}/labels{/name}`,
    comments_url: `${api}/comments`,
    events_url: `${api}/events`,
    html_url: `${webOf(place)}/pull/${pull.number}`,
    number: pull.number,
    state: pull.state,
    title: pull.title,
    body: pull.body,
    user: describeUser(place.url, pull.author),
    labels: pull.labels.map((name) => describeLabel(place, name)),
    assignee: assignees[0] ?? null,
    assignees,
    milestone: pull.milestone === null ? null : describeMilestone(place, pull.milestone),
    locked: false,
    comments: pull.comments.length,
    closed_at: pull.closed,
    created_at: pull.created,
    updated_at: pull.updated,
    author_association: 'CONTRIBUTOR',
  };
}
