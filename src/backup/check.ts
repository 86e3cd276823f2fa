import { isUnbacked, type Report } from '../report/index.ts';
import { toImageFinding } from './findings.ts';
import { lookUpBackups } from './look-up-backups.ts';
import { planWork } from './plan-work.ts';
import { blank, nothing, reported } from './reporting.ts';
import { surveyWork } from './survey-work.ts';
import type { Work } from './work.ts';

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
