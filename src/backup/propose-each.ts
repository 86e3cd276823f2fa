import {
  branchName,
  findOpenBranches,
  groupPrefix,
  type Proposal,
  readGroup,
  type Target,
} from '../forge/index.ts';
import { assembleChangeSet, type ChangeSet } from '../plan/index.ts';
import type { Digest } from '../reference/index.ts';
import type { ProposalFinding, Report } from '../report/index.ts';
import type { Part, ProposeWork } from './change-sets.ts';

/** What became of the requests, and the groups whose turn comes when another request is merged or closed. */
export interface EachProposal {
  readonly findings: readonly ProposalFinding[];
  readonly waiting: readonly string[];
}

/**
 * One after the other; requests that no longer change anything are closed, but not because copies failed: an outage
 * is no reason.
 */
export async function proposeEach<D extends Digest>(
  parts: ReadonlyMap<string | null, Part<D>>,
  { copies }: Pick<Report, 'copies'>,
  target: Target,
  options: ProposeWork,
  proposeOne: (set: ChangeSet<D>, group: string | null) => Promise<Proposal>,
): Promise<EachProposal> {
  const { checkout } = target;
  const { group, branchPrefix = 'holdfast', maxRequests = null } = options;
  const base = checkout.base.branch;
  const prefix = groupPrefix(branchPrefix, base);
  const findings: ProposalFinding[] = [];
  const failed = copies.some(({ status, error }) => status === 'failed' && !lasting.has(error?.code ?? ''));
  const add = async (set: ChangeSet<D>, name: string | null): Promise<Proposal | null> => {
    const isEmpty = set.files.length === 0;
    if (isEmpty && failed) return null;
    const proposal = await proposeOne(set, name);
    if (isEmpty && proposal.operation === 'none' && findings.length > 0) return proposal;
    findings.push(toFinding(proposal, isEmpty ? null : set));
    return proposal;
  };

  const branches = new Map([...parts.keys()].map((name) => [name, branchName(branchPrefix, base, name)]));
  const open = maxRequests === null ? null : await findOpen(target, prefix);
  let count = [...branches.values()].filter((branch) => open?.has(branch)).length;
  const waiting: string[] = [];
  for (const [name, { set }] of parts) {
    const isNew = set.files.length > 0 && open?.has(branches.get(name) ?? '') === false;
    if (isNew && maxRequests !== null && count >= maxRequests) {
      waiting.push(name ?? '.');
      continue;
    }
    const proposal = await add(set, name);
    if (isNew && (proposal?.operation === 'created' || proposal?.operation === 'pushed')) count += 1;
  }

  const known = new Set(branches.values());
  const nothing = assembleChangeSet<D>({ ...empty, copies: [], rewrites: [] });
  for (const branch of await checkout.listBranches(prefix))
    if (!known.has(branch)) await add(nothing, readGroup(branch, prefix));
  if (group === 'directory') await add(nothing, null);
  return { findings, waiting };
}

/** Branches with an open request; where there is no GitHub to say so, all that are there. */
async function findOpen({ checkout, github }: Target, prefix: string): Promise<ReadonlySet<string>> {
  const base = checkout.base.branch;
  return github === null ? new Set(await checkout.listBranches(prefix)) : findOpenBranches(github, base);
}

/** Failures that say what an image is, not how its registry fares today. */
const lasting: ReadonlySet<string> = new Set([
  'not-found',
  'unsupported',
  'platform-missing',
  'conflict',
  'invalid',
]);

const empty = { files: [], others: [], title: '', body: '' };

function toFinding(proposal: Proposal, set: ChangeSet<Digest> | null): ProposalFinding {
  const { group, operation, branch, commit, verified, warnings } = proposal;
  return {
    group,
    operation,
    branch,
    commit,
    verified,
    warnings,
    number: 'number' in proposal ? proposal.number : null,
    url: 'url' in proposal ? proposal.url : 'compareUrl' in proposal ? proposal.compareUrl : null,
    explanation: 'explanation' in proposal ? proposal.explanation : null,
    title: set?.title ?? null,
    body: set?.body ?? null,
  };
}
