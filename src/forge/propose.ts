import { HoldfastError } from '../error.ts';
import type { ChangeSet } from '../plan/index.ts';
import type { Digest } from '../reference/index.ts';
import { asksForRewrite } from './body-state.ts';
import { branchName } from './branch-name.ts';
import { closeRequest } from './close-request.ts';
import { readCommitMark } from './commit-message.ts';
import { hold } from './hold.ts';
import { checkRepository, findPullRequests, type PullRequest } from './pull-requests.ts';
import { refreshBranch } from './refresh-branch.ts';
import { refreshRequest } from './refresh-request.ts';
import type { ProposedFile, Situation } from './situation.ts';
import type { CommitFacts, Proposal, ProposeOptions, Target } from './types.ts';

/**
 * Brings the branch and the pull request of one group to what `changeSet` says: creates, updates, leaves or closes.
 * Everything is looked at before anything is written; killed at any point, the next run ends in the same state.
 */
export async function propose(
  changeSet: ChangeSet,
  target: Target,
  options: ProposeOptions,
  group?: string | null,
): Promise<Proposal>;
/** A dry run takes a preview, too: nothing of it is written. */
export async function propose(
  changeSet: ChangeSet<Digest>,
  target: Target,
  options: ProposeOptions & { readonly dryRun: true },
  group?: string | null,
): Promise<Proposal>;
export async function propose(
  changeSet: ChangeSet<Digest>,
  target: Target,
  options: ProposeOptions,
  group: string | null = null,
): Promise<Proposal> {
  const situation = await look(changeSet, target, options, group);
  const { checkout, head, open, past } = situation;
  const files = await withModes(changeSet, target);
  const tree = changeSet.files.length === 0 ? null : await checkout.writeTree(files);
  if (tree === null || tree === checkout.base.commit.tree) return closeRequest(situation);
  if (open === null && options.recreateClosed !== 'always') {
    const refused = past.find(
      (request) =>
        request.state === 'closed' &&
        request.remembered !== null &&
        request.remembered.phase !== 'closed' &&
        (options.recreateClosed === 'never' || request.remembered.fingerprint === changeSet.fingerprint),
    );
    if (refused) return hold(situation, 'person-closed', refused);
  }
  if (head !== null && !situation.ours)
    return hold(situation, open ? 'person-committed' : 'branch-taken', open);
  const branch = await refreshBranch(situation, files, tree);
  return refreshRequest(situation, branch);
}

async function look(
  changeSet: ChangeSet<Digest>,
  target: Target,
  options: ProposeOptions,
  group: string | null,
): Promise<Situation> {
  const { checkout, github } = target;
  const branch = branchName(options.branchPrefix ?? 'holdfast', checkout.base.branch, group);
  const webUrl = github && (await checkRepository(github));
  const requests = github ? await findPullRequests(github, branch, checkout.base.branch) : [];
  const head = await checkout.findBranch(branch);
  const open = requests.find((request) => request.state === 'open') ?? null;
  const past = requests.filter((request) => request !== open);
  const ours =
    head === null ||
    isOurs(head, checkout.base.commit.sha, requests) ||
    (open !== null && asksForRewrite(open.body));
  return { changeSet, checkout, github, options, group, branch, webUrl, head, open, past, ours };
}

/** Ours to overwrite: a commit of ours, one that we recorded, the base itself, or what was merged already. */
function isOurs(head: CommitFacts, base: string, requests: readonly PullRequest[]): boolean {
  if (head.sha === base || readCommitMark(head) !== null) return true;
  return requests.some(
    (request) =>
      request.remembered?.commit === head.sha || (request.state === 'merged' && request.head === head.sha),
  );
}

/** The files with the modes that they have in the base, after making sure that they are what was read. */
async function withModes(changeSet: ChangeSet<Digest>, target: Target): Promise<ProposedFile[]> {
  if (changeSet.files.length === 0) return [];
  const entries = new Map((await target.checkout.listFiles()).map((entry) => [entry.path, entry]));
  const known = changeSet.files.flatMap((file) => entries.get(file.path) ?? []);
  const contents = await target.checkout.readFiles(known);
  const texts = new Map(known.map((entry, index) => [entry.path, contents[index]]));
  return changeSet.files.map(({ path, before, after }) => {
    const there = texts.get(path);
    const same = before === null ? there === undefined : there?.equals(Buffer.from(before)) === true;
    if (!same)
      throw new HoldfastError(
        'conflict',
        `${path} is not the same in the base branch ${target.checkout.base.branch}: pull it, and run again.`,
      );
    return { path, text: after, mode: entries.get(path)?.mode ?? '100644' };
  });
}
