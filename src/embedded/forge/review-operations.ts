import { describeCommit } from './describe-commit.ts';
import { describeCheckRun, describeReview, describeReviewComment } from './describe-review.ts';
import { readDiff } from './diff-lines.ts';
import { notFound, refuse } from './refusals.ts';
import { findCommit, findPull, type Operation, page, type Room } from './room.ts';
import type { Annotation, CheckRun, ForgeAnswer, Pull, Review, ReviewComment } from './types.ts';

const repo = '/repos/{owner}/{repo}';
const pull = `${repo}/pulls/{pull_number}`;

/** What reviewing a pull request needs. */
export const reviewOperations: readonly Operation[] = [
  { method: 'GET', path: `${pull}/files`, needs: ['pullRequests', 'read'], answer: listFiles },
  { method: 'GET', path: `${pull}/commits`, needs: ['pullRequests', 'read'], answer: listCommits },
  { method: 'GET', path: `${pull}/comments`, needs: ['pullRequests', 'read'], answer: listComments },
  {
    method: 'DELETE',
    path: `${repo}/pulls/comments/{comment_id}`,
    needs: ['pullRequests', 'write'],
    answer: deleteComment,
  },
  { method: 'GET', path: `${pull}/reviews`, needs: ['pullRequests', 'read'], answer: listReviews },
  { method: 'POST', path: `${pull}/reviews`, needs: ['pullRequests', 'write'], answer: createReview },
  { method: 'GET', path: `${repo}/contents/{path...}`, needs: ['contents', 'read'], answer: getContents },
  { method: 'POST', path: `${repo}/check-runs`, needs: ['checks', 'write'], answer: createCheckRun },
  {
    method: 'PATCH',
    path: `${repo}/check-runs/{check_run_id}`,
    needs: ['checks', 'write'],
    answer: updateCheckRun,
  },
];

function pathOf({ repository }: Room, found: Pull, rest: string): string {
  return `/repos/${repository.owner}/${repository.name}/pulls/${found.number}/${rest}`;
}

async function listFiles(room: Room): Promise<ForgeAnswer> {
  const found = findPull(room);
  if (!found) return notFound();
  const web = `${room.url}/${room.repository.owner}/${room.repository.name}`;
  const api = `${room.url}/api/v3/repos/${room.repository.owner}/${room.repository.name}`;
  const files = (await readDiff(room, found)).map(({ path, status, patch }) => {
    const count = (sign: string) => patch.split('\n').filter((line) => line.startsWith(sign)).length;
    const at = `${found.head}/${path.split('/').map(encodeURIComponent).join('/')}`;
    return {
      sha: found.head,
      filename: path,
      status,
      additions: count('+'),
      deletions: count('-'),
      changes: count('+') + count('-'),
      blob_url: `${web}/blob/${at}`,
      raw_url: `${web}/raw/${at}`,
      contents_url: `${api}/contents/${path}?ref=${found.head}`,
      patch,
    };
  });
  return page(room, pathOf(room, found, 'files'), files);
}

async function listCommits(room: Room): Promise<ForgeAnswer> {
  const found = findPull(room);
  if (!found) return notFound();
  const listed = await room.git(['rev-list', '--reverse', `refs/heads/${found.base}..${found.head}`]);
  const commits = listed === '' ? [] : listed.split('\n');
  const described = await Promise.all(commits.map((sha) => describeCommit(room, sha)));
  return page(room, pathOf(room, found, 'commits'), described);
}

async function listComments(room: Room): Promise<ForgeAnswer> {
  const found = findPull(room);
  if (!found) return notFound();
  const comments: object[] = [];
  for (const review of found.reviews)
    for (const comment of review.comments) {
      const line = (await isOutdated(room, found, comment)) ? null : comment.line;
      comments.push(describeReviewComment(room, found, review, { ...comment, line }));
    }
  return page(room, pathOf(room, found, 'comments'), comments);
}

/** Whether its lines say something else since. Those that only moved are taken for such, too. */
async function isOutdated(
  room: Room,
  { head }: Pull,
  { commit, path, startLine, line }: ReviewComment,
): Promise<boolean> {
  if (commit === head) return false;
  const textIn = async (at: string): Promise<string> =>
    (await room.git(['cat-file', 'blob', `${at}:${path}`]).catch(() => ''))
      .split('\n')
      .slice((startLine ?? line) - 1, line)
      .join('\n');
  return (await textIn(commit)) !== (await textIn(head));
}

function deleteComment(room: Room): ForgeAnswer {
  const id = Number(room.parameters['comment_id']);
  for (const { comments } of room.repository.pulls.flatMap(({ reviews }) => reviews)) {
    const index = comments.findIndex((comment) => comment.id === id);
    if (index === -1) continue;
    comments.splice(index, 1);
    return { status: 204 };
  }
  return notFound();
}

function listReviews(room: Room): ForgeAnswer {
  const found = findPull(room);
  if (!found) return notFound();
  const reviews = found.reviews.map((review) => describeReview(room, found, review));
  return page(room, pathOf(room, found, 'reviews'), reviews);
}

/** A comment has to be on a line of the diff's new side, and a range inside of one hunk; else all of it is refused. */
async function createReview(room: Room): Promise<ForgeAnswer> {
  const found = findPull(room);
  if (!found) return notFound();
  const diff = new Map((await readDiff(room, found)).map((file) => [file.path, file]));
  const created = new Date().toISOString();
  const commit = typeof room.body['commit_id'] === 'string' ? room.body['commit_id'] : found.head;
  const comments: ReviewComment[] = [];
  for (const wanted of objects(room.body['comments'])) {
    const path = String(wanted['path']);
    const line = Number(wanted['line']);
    const startLine = typeof wanted['start_line'] === 'number' ? wanted['start_line'] : null;
    const lines = diff.get(path)?.lines;
    if (lines === undefined) return refuse(422, 'Unprocessable Entity: Path could not be resolved');
    const hunk = lines.get(line);
    if (hunk === undefined || (startLine !== null && (lines.get(startLine) !== hunk || startLine >= line)))
      return refuse(422, 'Unprocessable Entity: Line could not be resolved');
    comments.push({
      id: room.nextId(),
      author: room.user,
      path,
      line,
      startLine,
      body: String(wanted['body']),
      commit,
      replyTo: null,
      created,
    });
  }
  const body = typeof room.body['body'] === 'string' ? room.body['body'] : '';
  if (comments.length === 0 && body === '') return refuse(422, 'Unprocessable Entity');
  const states = { APPROVE: 'APPROVED', REQUEST_CHANGES: 'CHANGES_REQUESTED', COMMENT: 'COMMENTED' } as const;
  const state = states[String(room.body['event']) as keyof typeof states] ?? 'COMMENTED';
  const review: Review = { id: room.nextId(), author: room.user, body, state, commit, comments, created };
  found.reviews.push(review);
  return { status: 200, body: describeReview(room, found, review) };
}

async function getContents(room: Room): Promise<ForgeAnswer> {
  const path = room.parameters['path'] ?? '';
  const ref = room.query.get('ref') ?? room.repository.defaultBranch;
  const commit = await findCommit(room, ref);
  const listed = commit === null ? '' : await room.git(['ls-tree', '-z', '-l', commit, '--', path]);
  const match = /^(\d+) blob (\w+) +(\d+)\t/.exec(listed);
  if (!match) return notFound();
  const sha = match[2] ?? '';
  const api = `${room.url}/api/v3/repos/${room.repository.owner}/${room.repository.name}`;
  const encoded = path.split('/').map(encodeURIComponent).join('/');
  const self = `${api}/contents/${encoded}?ref=${encodeURIComponent(ref)}`;
  const git = `${api}/git/blobs/${sha}`;
  const html = `${room.url}/${room.repository.owner}/${room.repository.name}/blob/${encodeURIComponent(ref)}/${encoded}`;
  const content = Buffer.from(await room.git(['cat-file', 'blob', sha], { keepEnd: true }));
  return {
    status: 200,
    body: {
      type: 'file',
      encoding: 'base64',
      size: Number(match[3]),
      name: path.split('/').at(-1),
      path,
      content: content.toString('base64'),
      sha,
      url: self,
      git_url: git,
      html_url: html,
      download_url: html,
      _links: { self, git, html },
    },
  };
}

async function createCheckRun(room: Room): Promise<ForgeAnswer> {
  const head = String(room.body['head_sha']);
  if ((await findCommit(room, head)) === null) return refuse(422, `No commit found for SHA: ${head}`);
  const run: CheckRun = {
    id: room.nextId(),
    name: String(room.body['name']),
    head,
    status: 'queued',
    conclusion: null,
    title: null,
    summary: null,
    annotations: [],
    started: new Date().toISOString(),
  };
  const refused = apply(run, room.body);
  if (refused) return refused;
  room.repository.checkRuns.push(run);
  return { status: 201, body: describeCheckRun(room, run) };
}

function updateCheckRun(room: Room): ForgeAnswer {
  const run = room.repository.checkRuns.find(({ id }) => id === Number(room.parameters['check_run_id']));
  if (!run) return notFound();
  return apply(run, room.body) ?? { status: 200, body: describeCheckRun(room, run) };
}

/** Annotations of one request are added to those before; more than 50, or a column over lines, refuses all of it. */
function apply(run: CheckRun, body: Room['body']): ForgeAnswer | null {
  const output = (body['output'] ?? {}) as Record<string, unknown>;
  const annotations = objects(output['annotations']) as unknown as Annotation[];
  if (annotations.length > 50)
    return refuse(422, 'Invalid request.\n\nNo more than 50 items are allowed; too many were supplied.');
  if (typeof output['summary'] === 'string' && output['summary'].length > 65_535)
    return refuse(422, 'Only 65535 characters are allowed');
  run.annotations.push(...annotations);
  if (typeof output['title'] === 'string') run.title = output['title'];
  if (typeof output['summary'] === 'string') run.summary = output['summary'];
  if (typeof body['status'] === 'string') run.status = body['status'];
  if (typeof body['conclusion'] === 'string') {
    run.conclusion = body['conclusion'];
    run.status = 'completed';
  }
  return null;
}

function objects(value: unknown): Record<string, unknown>[] {
  return Array.isArray(value) ? value.filter((item) => typeof item === 'object' && item !== null) : [];
}
