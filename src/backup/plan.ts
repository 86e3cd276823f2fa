import type { Report } from '../report/index.ts';
import type { RenderOptions } from '../source/index.ts';
import { copySteps, expectedOf } from './copy.ts';
import { toImageFinding } from './findings.ts';
import { applyEdits, planEdits } from './plan-edits.ts';
import { planWork, stepsOf } from './plan-work.ts';
import { blank, reported } from './reporting.ts';
import { listShards, requireCount } from './sharding.ts';
import { toCopyFindings } from './strayed.ts';
import { surveyWork } from './survey-work.ts';
import type { Work } from './work.ts';

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

/** In how many of `count` parts the copying can be done side by side; offline. Throws `usage`. */
export async function planShards(work: Work, count: number): Promise<Report> {
  requireCount(count);
  const survey = await surveyWork(work);
  const planned = planWork(survey, work);
  const shards = listShards(
    stepsOf(planned).map(({ backup }) => backup),
    count,
  );
  return { ...blank('plan', survey), images: planned.verdicts.map(toImageFinding), shards };
}
