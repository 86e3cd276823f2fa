import { describePull } from './describe-pull.ts';
import { invalid, notFound, refuse } from './refusals.ts';
import { findCommit, findPull, type Operation, page, type Room } from './room.ts';
import type { ForgeAnswer, Pull } from './types.ts';

const pulls = '/repos/{owner}/{repo}/pulls';

export const pullOperations: readonly Operation[] = [
  { method: 'GET', path: pulls, needs: ['pullRequests', 'read'], answer: list },
  { method: 'POST', path: pulls, needs: ['pullRequests', 'write'], answer: create },
  { method: 'GET', path: `${pulls}/{pull_number}`, needs: ['pullRequests', 'read'], answer: show },
  { method: 'PATCH', path: `${pulls}/{pull_number}`, needs: ['pullRequests', 'write'], answer: update },
  { method: 'PUT', path: `${pulls}/{pull_number}/merge`, needs: ['contents', 'write'], answer: merge },
  {
    method: 'POST',
    path: `${pulls}/{pull_number}/requested_reviewers`,
    needs: ['pullRequests', 'write'],
    answer: requestReviewers,
  },
];

async function list(room: Room): Promise<ForgeAnswer> {
  const state = room.query.get('state') ?? 'open';
  const head = room.query.get('head');
  const base = room.query.get('base');
  // GitHub ignores a head without its owner.
  const branch = head?.includes(':') ? head.slice(head.indexOf(':') + 1) : null;
  const chosen = room.repository.pulls
    .filter((pull) => state === 'all' || pull.state === state)
    .filter(
      (pull) => branch === null || (pull.branch === branch && head?.startsWith(`${room.repository.owner}:`)),
    )
    .filter((pull) => base === null || pull.base === base)
    .toSorted((a, b) => b.number - a.number);
  const described = await Promise.all(
    chosen.map(async (pull) => describePull(room, pull, await baseOf(room, pull), null)),
  );
  return page(room, `/repos/${room.repository.owner}/${room.repository.name}/pulls`, described);
}

async function create(room: Room): Promise<ForgeAnswer> {
  const { repository, user, body } = room;
  if (!user.mayCreatePulls)
    return refuse(403, 'GitHub Actions is not permitted to create or approve pull requests.');
  const branch = String(body['head']).replace(`${repository.owner}:`, '');
  const base = String(body['base']);
  const head = await findCommit(room, `refs/heads/${branch}`);
  const onto = await findCommit(room, `refs/heads/${base}`);
  if (head === null) return invalid('PullRequest', { field: 'head' });
  if (onto === null) return invalid('PullRequest', { field: 'base' });
  if ((await room.git(['rev-list', '--count', `${onto}..${head}`])) === '0')
    return invalid('PullRequest', { message: `No commits between ${base} and ${branch}` });
  // Nothing is waited for from here on, so that of two who ask at once one is refused.
  if (repository.pulls.some((pull) => pull.state === 'open' && pull.branch === branch && pull.base === base))
    return invalid('PullRequest', {
      message: `A pull request already exists for ${repository.owner}:${branch}.`,
    });
  if (body['draft'] === true && !repository.offersDrafts)
    return refuse(422, 'Draft pull requests are not supported in this repository.');
  const tooLong = refuseLong(body);
  if (tooLong !== null) return tooLong;
  const now = new Date().toISOString();
  const pull: Pull = {
    number: repository.pulls.length + 1,
    author: user,
    title: String(body['title']),
    body: typeof body['body'] === 'string' ? body['body'] : null,
    state: 'open',
    branch,
    base,
    head,
    draft: body['draft'] === true,
    merged: null,
    mergeCommit: null,
    closed: null,
    created: now,
    updated: now,
    labels: [],
    assignees: [],
    reviewers: [],
    teams: [],
    milestone: null,
    comments: [],
    reviews: [],
  };
  repository.pulls.push(pull);
  return { status: 201, body: await whole(room, pull) };
}

/** The limits that GitHub has for what a request says, in characters. */
function refuseLong(asked: Readonly<Record<string, unknown>>): ForgeAnswer | null {
  for (const [field, most] of [
    ['title', 256],
    ['body', 65_536],
  ] as const) {
    const text = asked[field];
    if (typeof text === 'string' && text.length > most)
      return invalid('PullRequest', { message: `${field} is too long (maximum is ${most} characters)` });
  }
  return null;
}

async function show(room: Room): Promise<ForgeAnswer> {
  const pull = findPull(room);
  return pull ? { status: 200, body: await whole(room, pull) } : notFound();
}

async function update(room: Room): Promise<ForgeAnswer> {
  const pull = findPull(room);
  if (!pull) return notFound();
  const { title, body, state, base } = room.body;
  const tooLong = refuseLong(room.body);
  if (tooLong !== null) return tooLong;
  if (state === 'open' && pull.state === 'closed') {
    if ((await findCommit(room, `refs/heads/${pull.branch}`)) !== pull.head || pull.merged !== null)
      return invalid('PullRequest', {
        message: 'state cannot be changed. The branch was force-pushed or recreated.',
      });
    pull.closed = null;
  }
  if (state === 'closed' && pull.state === 'open') pull.closed = new Date().toISOString();
  if (state === 'open' || state === 'closed') pull.state = state;
  if (typeof title === 'string') pull.title = title;
  if (typeof body === 'string') pull.body = body;
  if (typeof base === 'string') pull.base = base;
  pull.updated = new Date().toISOString();
  return { status: 200, body: await whole(room, pull) };
}

async function merge(room: Room): Promise<ForgeAnswer> {
  const pull = findPull(room);
  if (!pull) return notFound();
  if (pull.state !== 'open') return refuse(405, 'Pull Request is not mergeable');
  const onto = await baseOf(room, pull);
  const parents = room.body['merge_method'] === 'squash' ? [onto] : [onto, pull.head];
  // Merges in these repositories have no conflicts: the request's one commit stands on the base.
  const tree = await room.git(['rev-parse', `${pull.head}^{tree}`]);
  const commit = await room.git(
    ['commit-tree', ...parents.flatMap((parent) => ['-p', parent]), '-F', '-', tree],
    { input: `${pull.title} (#${pull.number})` },
  );
  await room.git(['update-ref', `refs/heads/${pull.base}`, commit, onto]);
  const now = new Date().toISOString();
  Object.assign(pull, { state: 'closed', merged: now, closed: now, updated: now, mergeCommit: commit });
  return { status: 200, body: { sha: commit, merged: true, message: 'Pull Request successfully merged' } };
}

async function requestReviewers(room: Room): Promise<ForgeAnswer> {
  const pull = findPull(room);
  if (!pull) return notFound();
  const { people, teams } = room.repository;
  const reviewers = strings(room.body['reviewers']);
  const slugs = strings(room.body['team_reviewers']);
  const stranger = [
    ...reviewers.filter((name) => !people.includes(name)),
    ...slugs.filter((name) => !teams.includes(name)),
  ];
  if (stranger.length > 0)
    return refuse(
      422,
      `Reviews may only be requested from collaborators. One or more of the users or teams you specified is not a collaborator of the ${room.repository.owner}/${room.repository.name} repository.`,
    );
  pull.reviewers = [...new Set([...pull.reviewers, ...reviewers])];
  pull.teams = [...new Set([...pull.teams, ...slugs])];
  return { status: 201, body: describePull(room, pull, await baseOf(room, pull), null) };
}

function strings(value: unknown): string[] {
  return Array.isArray(value) ? value.filter((item) => typeof item === 'string') : [];
}

async function baseOf(room: Room, pull: Pull): Promise<string> {
  return (await findCommit(room, `refs/heads/${pull.base}`)) ?? pull.head;
}

async function whole(room: Room, pull: Pull): Promise<object> {
  const base = await baseOf(room, pull);
  const commits = Number(await room.git(['rev-list', '--count', `${base}..${pull.head}`]));
  const files = await room.git(['diff', '--name-only', `${base}...${pull.head}`]);
  const changedFiles = files === '' ? 0 : files.split('\n').length;
  return describePull(room, pull, base, { commits, changedFiles });
}
