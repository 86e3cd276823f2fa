import type { Report } from '../report/index.ts';
import { copySteps, provenOf } from './copy.ts';
import { toImageFinding } from './findings.ts';
import { planWork, stepsOf } from './plan-work.ts';
import { blank, nothing, reported } from './reporting.ts';
import { inShard } from './sharding.ts';
import { toCopyFindings, withoutStrayed } from './strayed.ts';
import { surveyWork } from './survey-work.ts';
import type { Work } from './work.ts';
import { hasLock, writeLock } from './write-back.ts';

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
