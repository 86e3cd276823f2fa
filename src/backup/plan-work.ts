import { HoldfastError } from '../error.ts';
import {
  type CopyPlan,
  type CopyPolicy,
  type CopyStep,
  compileJudge,
  type JudgedUse,
  mergeSteps,
  parseBackupPrefix,
  parseNaming,
  planCopies,
} from '../plan/index.ts';
import type { Survey } from './survey.ts';
import type { Work } from './work.ts';

/** What each use is, without asking where its copy would go: `scan` needs no backup. */
export function judgeUses(survey: Survey, work: Work): readonly JudgedUse[] {
  const { backup, exclude, includeOther } = work.config;
  const prefix = backup === null ? null : demand(parseBackupPrefix(backup));
  const judge = compileJudge({ backup: prefix, exclude, includeOther, ...placesIn(survey) });
  return survey.scan.uses.map((use) => ({ use, verdict: judge(use) }));
}

function placesIn({ namespaces }: Survey): Pick<CopyPolicy, 'placesOf'> {
  if (!namespaces) return {};
  return { placesOf: ({ file, document, workload }) => namespaces.of(file, document, workload) };
}

/** Every decision that names alone allow; the lock file comes before what runs. Throws `config` without a backup. */
export function planWork(survey: Survey, work: Work): CopyPlan {
  const known = new Set(survey.lock.entries.map(({ source }) => source));
  const entries = [...survey.lock.entries];
  for (const entry of work.running ?? []) {
    if (known.has(entry.source)) continue;
    known.add(entry.source);
    entries.push(entry);
  }
  const plan = planCopies(survey.scan.uses, { ...policyOf(work), ...placesIn(survey) }, { entries });
  const { only } = work;
  if (only === undefined) return plan;
  return { ...plan, steps: plan.steps.filter(({ canonical }) => only.has(canonical)) };
}

export function policyOf({ config }: Work): CopyPolicy {
  if (config.backup === null)
    throw new HoldfastError(
      'config',
      'No backup registry is given: write --backup REGISTRY/PREFIX (such as ghcr.io/acme/backup), ' +
        'or `backup: …` in .holdfast.yaml.',
    );
  return {
    backup: demand(parseBackupPrefix(config.backup)),
    naming: demand(parseNaming(config.naming)),
    exclude: config.exclude,
    includeOther: config.includeOther,
  };
}

/** Candidates, and what names a backup already: a copy that was lost is made again, a moved tag is told. */
export function stepsOf(plan: CopyPlan): readonly CopyStep[] {
  return mergeSteps([...plan.steps, ...plan.backups.flatMap(({ step }) => (step === null ? [] : [step]))]);
}

function demand<T>(parsed: { ok: true; value: T } | { ok: false; problem: string }): T {
  if (parsed.ok) return parsed.value;
  throw new HoldfastError('config', `${parsed.problem}.`);
}
