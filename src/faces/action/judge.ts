import type { Reviewed } from '../../backup/index.ts';
import { findProblems, formatCount, type Problem } from '../../report/index.ts';
import type { FailOn } from './inputs.ts';

/** A problem, whether the change adds it, and whether it fails the step. */
export interface Judged {
  readonly problem: Problem;
  readonly added: boolean;
  readonly fails: boolean;
}

/** Weighs what a review found by the input `fail-on`. */
export function judge(
  { report, isAdded }: Pick<Reviewed, 'report' | 'isAdded'>,
  failOn: FailOn,
): readonly Judged[] {
  return findProblems(report).map((problem) => {
    const added = isAdded(problem);
    return { problem, added, fails: problem.level === 'error' && failsOn(failOn, problem, added) };
  });
}

function failsOn(failOn: FailOn, problem: Problem, added: boolean): boolean {
  if (failOn === 'error') return problem.rule === 'backup-missing';
  return failOn === 'any' || (failOn === 'new' && added);
}

/** The problems as they are shown: what is new first, and an error only where the step fails for it. */
export function weigh(judged: readonly Judged[]): readonly Problem[] {
  return judged
    .toSorted((a, b) => Number(b.added) - Number(a.added))
    .map(({ problem, fails }) => ({ ...problem, level: fails ? 'error' : 'warning' }));
}

/** Why the step fails; null when it passes. */
export function explainFailure(problems: readonly Judged[]): string | null {
  const count = problems.filter(({ fails }) => fails).length;
  if (count === 0) return null;
  return `${formatCount(count, 'problem')} to mend: see the annotations and the job summary.`;
}
