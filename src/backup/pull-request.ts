import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  branchName,
  checkRepository,
  groupPrefix,
  type Proposal,
  propose,
  type Target,
} from '../forge/index.ts';
import { type ChangeSet, type CopyPlan, type KnownCopy, type LockEntry, parseLock } from '../plan/index.ts';
import { canonicalName, type Digest } from '../reference/index.ts';
import { formatCount, type Report } from '../report/index.ts';
import { assembleParts, editFor, type Findings, type Part, type ProposeWork } from './change-sets.ts';
import { copySteps, expectedOf, provenOf } from './copy.ts';
import { explainClosing } from './explain-closing.ts';
import { toImageFinding } from './findings.ts';
import type { Edits } from './plan-edits.ts';
import { planWork, stepsOf } from './plan-work.ts';
import { type EachProposal, proposeEach } from './propose-each.ts';
import { blank, reported } from './reporting.ts';
import { toCopyFindings } from './strayed.ts';
import { surveyWork } from './survey-work.ts';
import type { Work } from './work.ts';

export type { ProposeWork } from './change-sets.ts';

/**
 * `rewrite` on the head of the base branch, proposed as a pull request. Everything is computed first; the checkout's
 * own files are neither read nor touched. A dry run copies nothing, and says every step that it would take.
 */
export async function proposeBackup(work: Work, target: Target, options: ProposeWork): Promise<Report> {
  // Hours of copying are no use where nothing can be proposed.
  if (target.github !== null) await checkRepository(target.github);
  const folder = await mkdtemp(join(tmpdir(), 'holdfast-base-'));
  try {
    await target.checkout.writeBase(folder);
    // A token that may push may not change workflows, and images there are no cluster's.
    await rm(join(folder, '.github/workflows'), { recursive: true, force: true });
    return await proposeFrom({ ...work, cwd: folder, paths: [] }, target, options);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function proposeFrom(work: Work, target: Target, options: ProposeWork): Promise<Report> {
  const survey = await surveyWork(work);
  // What is proposed already keeps its digest, so that all who propose to one repository agree.
  const proposed = await readProposed(survey.lockFile.name, target, options);
  const planned = planWork(survey, { ...work, running: [...proposed, ...(work.running ?? [])] });
  const { dryRun } = options;
  if (!dryRun && stepsOf(planned).length > 0) await checkPush(target, options);
  const outcomes = await copySteps(stepsOf(planned), work, { dryRun, describe: !dryRun });
  const found = (edits: Edits, notes: readonly string[]): Report => ({
    ...blank('pr', survey),
    images: planned.verdicts.map(toImageFinding),
    ...reported(survey, toCopyFindings(survey, planned, outcomes), edits, [
      ...notes,
      ...unexplained(planned, work),
    ]),
  });
  const run = async <D extends Digest>(
    copies: readonly KnownCopy<D>[],
    proposeOne: (set: ChangeSet<D>, options: ProposeWork, group: string | null) => Promise<Proposal>,
  ): Promise<Report> => {
    const findings: Findings<D> = { survey, planned, copies, work };
    const edited = editFor(findings, copies);
    const report = found(edited.edits, edited.notes);
    const parts = await assembleParts(findings, edited, report, options);
    const facts = { work, survey, report, parts, target, options };
    const each = await proposeEach(parts, report, target, options, (set, group) =>
      proposeOne(set, { ...options, explainClosing: explainClosing(group, facts) }, group),
    );
    return withProposals(report, [...parts.values()], each, options);
  };
  return options.dryRun
    ? run(expectedOf(outcomes), (set, how, group) => propose(set, target, { ...how, dryRun: true }, group))
    : run(provenOf(outcomes), (set, how, group) => propose(set, target, how, group));
}

/** The same token makes the commit by API and opens the remote by HTTP; over ssh git has a key of its own. */
async function checkPush({ checkout, github }: Target, options: ProposeWork): Promise<void> {
  const { commitVia, branchPrefix = 'holdfast' } = options;
  if (commitVia === 'git' || github === null || checkout.remote.scheme.startsWith('http'))
    await checkout.checkPush(branchName(branchPrefix, checkout.base.branch, null));
}

/** The lock file of each branch that we propose from; one that cannot be read says nothing. */
async function readProposed(
  lockFile: string,
  { checkout }: Target,
  { branchPrefix = 'holdfast' }: ProposeWork,
): Promise<readonly LockEntry[]> {
  const base = checkout.base.branch;
  const grouped = await checkout.listBranches(groupPrefix(branchPrefix, base));
  const entries: LockEntry[] = [];
  for (const branch of [branchName(branchPrefix, base, null), ...grouped]) {
    const head = await checkout.findBranch(branch);
    const bytes = head && (await checkout.readAt(head, lockFile));
    const parsed = bytes ? parseLock(bytes.toString('utf8')) : null;
    if (parsed?.ok) entries.push(...parsed.value.entries);
  }
  return entries;
}

/** Images that run, but that no file of the repository names. */
function unexplained({ verdicts, backups }: CopyPlan, { elsewhere }: Work): readonly string[] {
  const named = new Set([
    ...verdicts.flatMap(({ verdict }) =>
      verdict.reference === null ? [] : [canonicalName(verdict.reference)],
    ),
    ...backups.flatMap(({ step, locked }) => [step?.canonical ?? '', locked?.source ?? '']),
  ]);
  return elsewhere?.(named) ?? [];
}

/** The report with what was proposed, and only that, as its changes. */
function withProposals(
  report: Report,
  parts: readonly Part<Digest>[],
  { findings, waiting }: EachProposal,
  { maxRequests }: ProposeWork,
): Report {
  const stopped = findings.some(({ operation }) => operation === 'held' || operation === 'pushed');
  const late = (what: 'images' | 'files'): number => parts.reduce((sum, part) => sum + part.waiting[what], 0);
  const notes = [...report.notes];
  if (late('images') + late('files') > 0)
    notes.push(
      `Until what is proposed is merged, ${formatCount(late('images'), 'image')} and ${formatCount(late('files'), 'manifest')} wait: --max-images and --max-files-per-pr limit one request.`,
    );
  if (waiting.length > 0)
    notes.push(
      `No request yet for ${waiting.join(', ')}: --max-prs lets ${maxRequests} be open at a time. Merge or close one, and run again.`,
    );
  return {
    ...report,
    changes: parts.flatMap(({ changes }) => changes).toSorted((a, b) => (a.path < b.path ? -1 : 1)),
    edits: parts.flatMap(({ edits }) => edits),
    notes,
    proposals: findings,
    attention: report.attention || stopped,
  };
}
