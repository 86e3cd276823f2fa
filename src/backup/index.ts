/**
 * The use cases: what each command does, with nothing of how a face asks for it or shows it. In all of them the
 * order is the promise: read, plan, copy, prove, and only then edit.
 */
import { isUnbacked, type Report } from '../report/index.ts';
import type { RenderOptions } from '../source/index.ts';
import { copySteps, expectedOf, provenOf } from './copy.ts';
import { toImageFinding } from './findings.ts';
import { lookUpBackups } from './look-up-backups.ts';
import { applyEdits, planEdits } from './plan-edits.ts';
import { blank, nothing, reported } from './reporting.ts';
import { inShard, listShards } from './sharding.ts';
import { toCopyFindings, withoutStrayed } from './strayed.ts';
import { judgeUses, planWork, stepsOf, surveyWork } from './survey.ts';
import type { Work } from './work.ts';
import { hasLock, writeEdits, writeLock } from './write-back.ts';

export type { PruneChoice } from './prune.ts';
export type { ProposeWork } from './pull-request.ts';
export { restore } from './restore.ts';
export { type ReviewCall, type Reviewed, review } from './review.ts';
export { readShard } from './sharding.ts';
export { verify } from './verify.ts';
export type { Work } from './work.ts';
export { type SecretSource, type WrittenSecrets, writeSecrets } from './write-secrets.ts';

/** Loaded only when it is asked for, as it needs git. */
export async function prune(...call: Parameters<typeof import('./prune.ts').prune>): Promise<Report> {
  const { prune: run } = await import('./prune.ts');
  return run(...call);
}

/** `rewrite` as a pull request. Loaded only when it is asked for: git and GitHub take longer to load than the rest. */
export async function proposeBackup(
  ...call: Parameters<typeof import('./pull-request.ts').proposeBackup>
): Promise<Report> {
  const { proposeBackup: propose } = await import('./pull-request.ts');
  return propose(...call);
}

/** Every image reference, and what names alone tell of it. Offline. */
export async function scan(work: Work): Promise<Report> {
  const survey = await surveyWork(work);
  return { ...blank('scan', survey), images: judgeUses(survey, work).map(toImageFinding) };
}

export interface PlanCall {
  /** Render the charts that would change, too, with this `helm`. */
  readonly render?: Omit<RenderOptions, 'signal'> | null;
}

/** What `rewrite` would do; reads registries, writes nothing. */
export async function plan(work: Work, { render = null }: PlanCall = {}): Promise<Report> {
  const survey = await surveyWork(work);
  const planned = planWork(survey, work);
  const outcomes = await copySteps(stepsOf(planned), work, { dryRun: true });
  const copies = expectedOf(outcomes);
  const { files, notes, rewrites } = planEdits(survey, planned, copies, work);
  const edits = applyEdits(survey.files, files);
  const found = reported(survey, toCopyFindings(survey, planned, outcomes), edits, notes);
  const images = planned.verdicts.map(toImageFinding);
  if (render === null) return { ...blank('plan', survey), images, ...found };
  const { renderCharts } = await import('./render-charts.ts');
  const pullSecret = work.config.pullSecret?.name ?? null;
  const rendered = await renderCharts(
    { root: survey.root, changes: edits.changes, rewrites, copies, pullSecret },
    { ...render, ...(work.signal && { signal: work.signal }) },
  );
  return {
    ...blank('plan', survey),
    images,
    ...found,
    notes: [...found.notes, ...rendered.notes],
    attention: found.attention || rendered.attention,
  };
}

/** In how many of `count` parts the copying can be done side by side; offline. */
export async function planShards(work: Work, count: number): Promise<Report> {
  const survey = await surveyWork(work);
  const planned = planWork(survey, work);
  const shards = listShards(
    stepsOf(planned).map(({ backup }) => backup),
    count,
  );
  return { ...blank('plan', survey), images: planned.verdicts.map(toImageFinding), shards };
}

/** Brings every candidate to the backup and proves it there; manifests stay as they are. */
export async function copy(work: Work, { dryRun = false } = {}): Promise<Report> {
  const survey = await surveyWork(work);
  const planned = planWork(survey, work);
  const steps = stepsOf(planned).filter(({ backup }) => inShard(backup, work));
  // Parts that run side by side would overwrite each other's lock file; the rewrite that follows writes it.
  const locks = hasLock(survey) && !dryRun && work.shard === undefined;
  const outcomes = await copySteps(steps, work, { dryRun, describe: locks });
  if (locks) await writeLock(survey, withoutStrayed(survey, planned, provenOf(outcomes)));
  return {
    ...blank('copy', survey),
    images: planned.verdicts.map(toImageFinding),
    ...reported(survey, toCopyFindings(survey, planned, outcomes), nothing, []),
  };
}

/** The main job: copy, prove, then point the manifests at what was proven. */
export async function rewrite(work: Work): Promise<Report> {
  const survey = await surveyWork(work);
  const planned = planWork(survey, work);
  const outcomes = await copySteps(stepsOf(planned), work, { describe: true });
  const proven = provenOf(outcomes);
  const { files, notes } = planEdits(survey, planned, proven, work);
  const edits = applyEdits(survey.files, files);
  const changed = new Set(edits.changes.map(({ path }) => path));
  await writeLock(survey, withoutStrayed(survey, planned, proven, changed));
  const written = await writeEdits(survey, edits);
  return {
    ...blank('rewrite', survey),
    images: planned.verdicts.map(toImageFinding),
    ...reported(survey, toCopyFindings(survey, planned, outcomes), written, notes),
  };
}

/** The gate: every reference is excluded, or a backup that is really there. */
export async function check(work: Work): Promise<Report> {
  const survey = await surveyWork(work);
  const planned = planWork(survey, work);
  const copies = await lookUpBackups(planned.backups, work);
  const images = planned.verdicts.map(toImageFinding);
  const missing = images.some(isUnbacked);
  const found = reported(survey, copies, nothing, []);
  return { ...blank('check', survey), images, ...found, attention: found.attention || missing };
}
