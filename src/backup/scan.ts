import type { Report } from '../report/index.ts';
import { toImageFinding } from './findings.ts';
import { judgeUses } from './plan-work.ts';
import { blank } from './reporting.ts';
import { surveyWork } from './survey-work.ts';
import type { Work } from './work.ts';

/** Every image reference, and what names alone tell of it. Offline. */
export async function scan(work: Work): Promise<Report> {
  const survey = await surveyWork(work);
  return { ...blank('scan', survey), images: judgeUses(survey, work).map(toImageFinding) };
}
