import { type BodyState, readBodyState } from './body-state.ts';
import { explainGitHub, explainMoved, readRefusal } from './explain-github.ts';
import type { GitHub } from './github.ts';

/** A pull request of one branch of ours. */
export interface PullRequest {
  readonly number: number;
  readonly url: string;
  readonly state: 'open' | 'closed' | 'merged';
  readonly title: string;
  readonly body: string | null;
  /** Head commit; of a closed request, the one it had when it was closed. */
  readonly head: string;
  readonly labels: readonly string[];
  readonly remembered: BodyState | null;
}

/** Refuses what cannot work before anything is touched; the web address of the repository. */
export async function checkRepository(github: GitHub): Promise<string> {
  const { data } = await github.ask('read the repository', () => github.rest.repos.get(github.at));
  const { owner, repo } = github.at;
  if (data.full_name.toLowerCase() !== `${owner}/${repo}`.toLowerCase())
    throw explainMoved(github.address, data.full_name);
  if (data.archived)
    throw explainGitHub(Object.assign(new Error('archived'), { status: 403 }), '', github.address);
  return data.html_url;
}

/** All pull requests of the branch, the newest first. The head needs its owner, or GitHub ignores it (P13). */
export async function findPullRequests(github: GitHub, branch: string, base: string): Promise<PullRequest[]> {
  const found = await github.ask('list pull requests', () =>
    github.paginate(github.rest.pulls.list, {
      ...github.at,
      head: `${github.at.owner}:${branch}`,
      base,
      state: 'all',
      per_page: 100,
    }),
  );
  return found
    .filter((pull) => pull.head.ref === branch)
    .map((pull) => toPullRequest(pull))
    .toSorted((a, b) => b.number - a.number);
}

export type Creation =
  | { readonly ok: true; readonly request: PullRequest }
  | { readonly ok: false; readonly why: 'exists' }
  | { readonly ok: false; readonly why: 'no-drafts' }
  | { readonly ok: false; readonly why: 'forbidden'; readonly said: string };

export async function createPullRequest(
  github: GitHub,
  wanted: {
    readonly branch: string;
    readonly base: string;
    readonly title: string;
    readonly body: string;
    readonly draft: boolean;
  },
): Promise<Creation> {
  const { branch, ...rest } = wanted;
  for (let attempt = 1; ; attempt += 1) {
    try {
      const { data } = await github.rest.pulls.create({ ...github.at, ...rest, head: branch });
      return { ok: true, request: toPullRequest(data) };
    } catch (error) {
      const refusal = readRefusal(error);
      if (refusal?.status === 422 && /already exists/i.test(refusal.said))
        return { ok: false, why: 'exists' };
      // Private repositories have none in GitHub's free plan.
      if (wanted.draft && refusal?.status === 422 && /draft/i.test(refusal.said))
        return { ok: false, why: 'no-drafts' };
      if (refusal?.status === 403 && /not permitted to create|not accessible by/i.test(refusal.said))
        return { ok: false, why: 'forbidden', said: refusal.said };
      // The branch was pushed a moment ago, and not every machine of GitHub knows it yet.
      const unsettled = refusal?.status === 422 && /head|could not resolve/i.test(refusal.said);
      if (!unsettled || attempt > 3) throw explainGitHub(error, 'open a pull request', github.address);
      await github.settle(attempt);
    }
  }
}

/** Retries what is refused only because GitHub cannot find a pull request that it has just made (P14). */
export async function onceSettled<T>(github: GitHub, call: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await call();
    } catch (error) {
      const refusal = readRefusal(error);
      const unsettled =
        refusal?.status === 404 ||
        (refusal?.status === 422 && /could not resolve to a node/i.test(refusal.said));
      if (!unsettled || attempt > 3) throw error;
      await github.settle(attempt);
    }
  }
}

export async function updatePullRequest(
  github: GitHub,
  number: number,
  change: { readonly title?: string; readonly body?: string; readonly state?: 'closed' },
): Promise<void> {
  await github.ask('update the pull request', () =>
    onceSettled(github, () => github.rest.pulls.update({ ...github.at, pull_number: number, ...change })),
  );
}

/** Whether we commented with this mark before, on whatever page that stands. */
export async function hasComment(github: GitHub, number: number, mark: string): Promise<boolean> {
  const issue = { ...github.at, issue_number: number };
  const comments = await github.ask('read the comments of the pull request', () =>
    github.paginate(github.rest.issues.listComments, { ...issue, per_page: 100 }),
  );
  return comments.some((comment) => comment.body?.includes(hidden(mark)));
}

export async function addComment(github: GitHub, number: number, mark: string, text: string): Promise<void> {
  const body = `${text}\n\n${hidden(mark)}\n`;
  await github.ask('comment on the pull request', () =>
    github.rest.issues.createComment({ ...github.at, issue_number: number, body }),
  );
}

function hidden(mark: string): string {
  return `<!-- holdfast ${mark} -->`;
}

/** Labels have no case on GitHub. */
export function isLabelled({ labels }: PullRequest, label: string): boolean {
  return labels.some((name) => name.toLowerCase() === label);
}

/** The branches that have an open request into `base`. */
export async function findOpenBranches(github: GitHub, base: string): Promise<ReadonlySet<string>> {
  const open = await github.ask('list pull requests', () =>
    github.paginate(github.rest.pulls.list, { ...github.at, base, state: 'open', per_page: 100 }),
  );
  const { owner } = github.at;
  const own = open.filter(({ head }) => head.user?.login.toLowerCase() === owner.toLowerCase());
  return new Set(own.map(({ head }) => head.ref));
}

function toPullRequest(pull: {
  number: number;
  html_url: string;
  state: string;
  merged_at: string | null;
  title: string;
  body: string | null;
  head: { sha: string };
  labels: readonly { name: string }[];
}): PullRequest {
  return {
    number: pull.number,
    url: pull.html_url,
    state: pull.merged_at !== null ? 'merged' : pull.state === 'open' ? 'open' : 'closed',
    title: pull.title,
    body: pull.body,
    head: pull.head.sha,
    labels: pull.labels.map(({ name }) => name),
    remembered: readBodyState(pull.body),
  };
}
