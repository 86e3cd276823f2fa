import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describeImage } from '../copy/index.ts';
import {
  branchName,
  groupOf,
  groupPrefix,
  type Proposal,
  type ProposeOptions,
  propose,
  readGroup,
  type Target,
} from '../forge/index.ts';
import {
  assembleChangeSet,
  type ChangedFile,
  type ChangeSet,
  type CopyPlan,
  type FilePlan,
  formatLock,
  type KnownCopy,
  type LockEntry,
  mergeLock,
  parseLock,
  type Rewrite,
} from '../plan/index.ts';
import { canonicalName, type Digest } from '../reference/index.ts';
import { type ProposalFinding, type Report, renderPullRequest } from '../report/index.ts';
import { copySteps, expectedOf, provenOf } from './copy.ts';
import { toCopyFinding, toImageFinding } from './findings.ts';
import { applyEdits, type Edits, planEdits } from './plan-edits.ts';
import { blank, reported } from './reporting.ts';
import { planWork, type Survey, stepsOf, surveyWork } from './survey.ts';
import type { Work } from './work.ts';

/** How a request is made, and whether one is made for each directory. */
export type ProposeWork = ProposeOptions & { readonly group: 'repository' | 'directory' };

/**
 * `rewrite` on the head of the base branch, proposed as a pull request. Everything is computed first; the checkout's
 * own files are neither read nor touched. A dry run copies nothing, and says every step that it would take.
 */
export async function proposeBackup(work: Work, target: Target, options: ProposeWork): Promise<Report> {
  const folder = await mkdtemp(join(tmpdir(), 'holdfast-base-'));
  try {
    await target.checkout.writeBase(folder);
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
  const outcomes = await copySteps(stepsOf(planned), work, { dryRun, describe: !dryRun });
  const found = (edits: Edits, notes: readonly string[]): Report => ({
    ...blank('pr', survey),
    images: planned.verdicts.map(toImageFinding),
    ...reported(survey, outcomes.map(toCopyFinding), edits, [...notes, ...unexplained(planned, work)]),
  });

  if (options.dryRun) {
    const copies = expectedOf(outcomes);
    const { rewrites, files, notes } = planEdits(survey, planned, copies, work);
    const edits = applyEdits(survey.files, files);
    const report = found(edits, notes);
    const sets = await assemble({ survey, copies, rewrites, files, edits, report, work, options });
    const proposals = await each(sets, report, target, options, (set, group) =>
      propose(set, target, { ...options, dryRun: true }, group),
    );
    return withProposals(report, proposals);
  }
  const copies = provenOf(outcomes);
  const { rewrites, files, notes } = planEdits(survey, planned, copies, work);
  const edits = applyEdits(survey.files, files);
  const report = found(edits, notes);
  const sets = await assemble({ survey, copies, rewrites, files, edits, report, work, options });
  const proposals = await each(sets, report, target, options, (set, group) =>
    propose(set, target, options, group),
  );
  return withProposals(report, proposals);
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
function unexplained({ verdicts, backups }: CopyPlan, { elsewhere = [] }: Work): readonly string[] {
  const named = new Set([
    ...verdicts.flatMap(({ verdict }) =>
      verdict.reference === null ? [] : [canonicalName(verdict.reference)],
    ),
    ...backups.flatMap(({ step, locked }) => [step?.canonical ?? '', locked?.source ?? '']),
  ]);
  return elsewhere.flatMap(({ canonical, sentence }) => (named.has(canonical) ? [] : [sentence]));
}

function withProposals(report: Report, proposals: readonly ProposalFinding[]): Report {
  const stopped = proposals.some(({ operation }) => operation === 'held' || operation === 'pushed');
  return { ...report, proposals, attention: report.attention || stopped };
}

interface Parts<D extends Digest> {
  readonly survey: Survey;
  readonly copies: readonly KnownCopy<D>[];
  readonly rewrites: readonly Rewrite<D>[];
  readonly files: readonly FilePlan[];
  readonly edits: Edits;
  readonly report: Report;
  readonly work: Work;
  readonly options: ProposeWork;
}

/** One change set for the repository, or one for each directory that changes; by group. */
async function assemble<D extends Digest>(
  parts: Parts<D>,
): Promise<ReadonlyMap<string | null, ChangeSet<D>>> {
  const { edits, options } = parts;
  if (options.group === 'repository') return new Map([[null, await assembleOne(parts)]]);
  const sets = new Map<string | null, ChangeSet<D>>();
  for (const group of [...new Set(edits.changes.map(({ path }) => groupOf(path)))].toSorted())
    sets.set(group, await assembleOne(restrict(parts, group)));
  return sets;
}

function restrict<D extends Digest>(parts: Parts<D>, group: string): Parts<D> {
  const inside = (path: string): boolean => groupOf(path) === group;
  const { edits, report } = parts;
  const changes = edits.changes.filter(({ path }) => inside(path));
  const sources = new Set(
    report.images.filter(({ use }) => inside(use.file)).map(({ canonical }) => canonical),
  );
  return {
    ...parts,
    copies: parts.copies.filter(({ step }) => sources.has(step.canonical)),
    rewrites: parts.rewrites.filter(({ use }) => inside(use.file)),
    edits: { ...edits, changes },
    report: {
      ...report,
      changes,
      images: report.images.filter(({ use }) => inside(use.file)),
      copies: report.copies.filter(({ source }) => sources.has(source)),
      skipped: report.skipped.filter(({ file }) => inside(file)),
    },
  };
}

async function assembleOne<D extends Digest>(parts: Parts<D>): Promise<ChangeSet<D>> {
  const { survey, copies, edits, report, work, options } = parts;
  // An image of a file that was refused is not pointed at its backup, and so is no part of the evidence.
  const changed = new Set(edits.changes.map(({ path }) => path));
  const rewrites = parts.rewrites.filter(({ use }) => changed.has(use.file));
  const moved = new Set(rewrites.map(({ use }) => use));
  const named = copies.filter(({ step }) => step.uses.some((use) => moved.has(use)));
  const lock: ChangedFile = {
    path: survey.lockFile.name,
    before: survey.lockFile.text,
    after: formatLock(mergeLock(survey.lock, named)),
  };
  // The lock alone is no reason for a request.
  const files = edits.changes.length === 0 ? [] : [...edits.changes, lock];
  return assembleChangeSet({
    files,
    copies,
    rewrites,
    others: [
      lock.path,
      ...parts.files.filter(({ change }) => change.images.length === 0).map(({ file }) => file),
    ],
    ...renderPullRequest({
      report,
      pullSecret: work.config.pullSecret?.name ?? null,
      sizes: options.dryRun ? new Map() : await measure(named, work),
    }),
  });
}

/** Bytes of each image, from the backup: what a copy had to move differs from run to run. */
async function measure(
  copies: readonly KnownCopy<Digest>[],
  { registries, signal }: Work,
): Promise<ReadonlyMap<string, number>> {
  const sizes = new Map<string, number>();
  for (const { step, digest } of copies) {
    const registry = registries.open(step.backup.registry, 'push');
    const { bytes } = await describeImage(registry, step.backup.repository, digest, signal);
    sizes.set(step.canonical, bytes);
  }
  return sizes;
}

/**
 * One after the other; requests that no longer change anything are closed, but not because copies failed: an outage
 * is no reason.
 */
async function each<D extends Digest>(
  sets: ReadonlyMap<string | null, ChangeSet<D>>,
  report: Report,
  { checkout }: Target,
  { group, branchPrefix = 'holdfast' }: ProposeWork,
  proposeOne: (set: ChangeSet<D>, group: string | null) => Promise<Proposal>,
): Promise<readonly ProposalFinding[]> {
  const findings: ProposalFinding[] = [];
  const failed = report.copies.some(
    ({ status, error }) => status === 'failed' && !lasting.has(error?.code ?? ''),
  );
  const add = async (set: ChangeSet<D>, name: string | null): Promise<void> => {
    const isEmpty = set.files.length === 0;
    if (isEmpty && failed) return;
    const proposal = await proposeOne(set, name);
    if (isEmpty && proposal.operation === 'none' && findings.length > 0) return;
    findings.push(toFinding(proposal, isEmpty ? null : set));
  };
  for (const [name, set] of sets) await add(set, name);
  const prefix = groupPrefix(branchPrefix, checkout.base.branch);
  const known = new Set(findings.map(({ branch }) => branch));
  const nothing = assembleChangeSet<D>({ ...empty, copies: [], rewrites: [] });
  for (const branch of await checkout.listBranches(prefix))
    if (!known.has(branch)) await add(nothing, readGroup(branch, prefix));
  if (group === 'directory') await add(nothing, null);
  return findings;
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
