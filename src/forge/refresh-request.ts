import { HoldfastError } from '../error.ts';
import { unmarkAbandoned } from './abandon.ts';
import { attachTo, planAttachments } from './attach.ts';
import { replaceOwnPart, sameBody, writeBodyState } from './body-state.ts';
import type { GitHub } from './github.ts';
import { createPullRequest, findPullRequests, type PullRequest, updatePullRequest } from './pull-requests.ts';
import type { Branch } from './refresh-branch.ts';
import { type Situation, take } from './situation.ts';
import type { Proposal } from './types.ts';

/** The pull request for a branch that is as it should be. */
export async function refreshRequest(situation: Situation, branch: Branch): Promise<Proposal> {
  const { github, open, checkout } = situation;
  const result: Result & { readonly warnings: string[] } = {
    group: situation.group,
    branch: situation.branch,
    commit: branch.commit,
    verified: branch.verified,
    // Said when it is made, and not every night again.
    warnings: branch.pushed && branch.verified === false ? [unsigned(branch)] : [],
  };
  if (github === null)
    return {
      ...result,
      operation: 'pushed',
      explanation: `${checkout.remote.url} is not known to be a GitHub: open the request to merge ${situation.branch} into ${checkout.base.branch} there.`,
      compareUrl: null,
    };
  if (open !== null) return update(situation, github, open, branch, result);

  const wanted = {
    branch: situation.branch,
    base: checkout.base.branch,
    title: situation.changeSet.title,
    body: body(situation, branch, 'new'),
    draft: situation.options.draft,
  };
  let creation = await take(
    situation,
    'create',
    `open a pull request from ${situation.branch} into ${checkout.base.branch}`,
    () => createPullRequest(github, wanted),
  );
  if (creation?.ok === false && creation.why === 'no-drafts') {
    creation = await createPullRequest(github, { ...wanted, draft: false });
    result.warnings.push(noDrafts);
  }
  if (creation === null) {
    await announceAttachments(situation, github);
    return { ...result, operation: 'created', number: null, url: null };
  }
  if (creation.ok)
    return finish(situation, github, creation.request, branch, { ...result, operation: 'created' });
  if (creation.why === 'exists')
    return update(situation, github, await found(situation, github), branch, result);
  return {
    ...result,
    operation: 'pushed',
    explanation: forbidden(creation.why === 'forbidden' ? creation.said : '', situation.branch),
    compareUrl: compareUrl(situation),
  };
}

const noDrafts =
  'GitHub offers no draft pull requests in this repository, so the request is open for review at once: leave `draft` out.';

type Result = Pick<Proposal, 'group' | 'branch' | 'commit' | 'verified' | 'warnings'>;

async function update(
  situation: Situation,
  github: GitHub,
  request: PullRequest,
  branch: Branch,
  result: Result,
): Promise<Proposal> {
  const { title } = situation.changeSet;
  const isNew = request.remembered?.phase === 'new';
  const wanted = body(situation, branch, isNew ? 'new' : 'open');
  const same = request.title === title && sameBody(request.body, wanted);
  if (!same)
    await take(situation, 'update', `update the text of pull request #${request.number}`, () =>
      updatePullRequest(github, request.number, { title, body: replaceOwnPart(request.body, wanted) }),
    );
  const unmarked = await unmarkAbandoned(situation, github, request);
  const told = { ...result, warnings: [...result.warnings, ...(unmarked === null ? [] : [unmarked])] };
  const operation = same && !branch.pushed ? ('unchanged' as const) : ('updated' as const);
  if (isNew) return finish(situation, github, request, branch, { ...told, operation });
  return { ...told, operation, number: request.number, url: request.url };
}

/** Labels and the like of a new request, once: what a person takes off later stays off. */
async function finish(
  situation: Situation,
  github: GitHub,
  request: PullRequest,
  branch: Branch,
  result: Result & { readonly operation: 'created' | 'updated' | 'unchanged' },
): Promise<Proposal> {
  const warnings = [...result.warnings];
  for (const attachment of planAttachments(github, situation.options)) {
    const warning = await take(situation, attachment.kind, attachment.doing, () =>
      attachTo(github, request.number, attachment),
    );
    if (warning !== null) warnings.push(warning);
  }
  await take(situation, 'done', `note that pull request #${request.number} is complete`, () =>
    updatePullRequest(github, request.number, {
      body: replaceOwnPart(request.body, body(situation, branch, 'open')),
    }),
  );
  return { ...result, warnings, number: request.number, url: request.url };
}

async function announceAttachments(situation: Situation, github: GitHub): Promise<void> {
  for (const { kind, doing } of planAttachments(github, situation.options))
    await take(situation, kind, doing, () => Promise.resolve());
}

/** After "a pull request already exists": another run, or a retry of ours, was faster. */
async function found(situation: Situation, github: GitHub): Promise<PullRequest> {
  const requests = await findPullRequests(github, situation.branch, situation.checkout.base.branch);
  const open = requests.find((request) => request.state === 'open');
  if (open) return open;
  throw new HoldfastError(
    'conflict',
    `GitHub has a pull request for ${situation.branch} and does not show it: run it again.`,
  );
}

function body(situation: Situation, branch: Branch, phase: 'new' | 'open'): string {
  const { changeSet, head, past, open } = situation;
  const commit = branch.commit ?? head?.sha ?? situation.checkout.base.commit.sha;
  const [before] = past.filter(({ number }) => open === null || number < open.number);
  const parts = [changeSet.body.trimEnd()];
  if (before?.state === 'closed')
    parts.push(`This comes after #${before.number}, which was closed unmerged.`);
  if (situation.options.recreateClosed !== 'always')
    parts.push('To say no, close this request: the same content is not proposed again.');
  return writeBodyState(parts.join('\n\n'), {
    fingerprint: changeSet.fingerprint,
    commit,
    phase,
  });
}

function unsigned({ commit }: Branch): string {
  return `GitHub does not vouch for the commit ${commit?.slice(0, 12)} (it is unverified): what is made through its API it signs for the token of a bot, such as GITHUB_TOKEN or that of a GitHub App, and not for a person's.`;
}

function compareUrl({ webUrl, checkout, branch }: Situation): string | null {
  const path = (name: string) => name.split('/').map(encodeURIComponent).join('/');
  return webUrl && `${webUrl}/compare/${path(checkout.base.branch)}...${path(branch)}?expand=1`;
}

function forbidden(said: string, branch: string): string {
  const open = `The branch ${branch} is pushed: open its pull request by hand.`;
  if (/not permitted to create/i.test(said))
    return `GitHub Actions is not permitted to create pull requests here: turn on "Allow GitHub Actions to create and approve pull requests" in the repository's Settings → Actions → General → Workflow permissions (the organization may have to allow it first). ${open}`;
  return `The token may not create pull requests: give it the permission pull-requests: write. ${open}`;
}
