import type { Report } from '../report/index.ts';
import { copySteps, provenOf } from './copy.ts';
import { toImageFinding } from './findings.ts';
import { applyEdits, planEdits } from './plan-edits.ts';
import { planWork, stepsOf } from './plan-work.ts';
import { blank, reported } from './reporting.ts';
import { toCopyFindings, withoutStrayed } from './strayed.ts';
import { surveyWork } from './survey-work.ts';
import type { Work } from './work.ts';
import { writeEdits, writeLock } from './write-back.ts';

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
