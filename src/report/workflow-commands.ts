import { formatCount } from './amounts.ts';
import { findProblems, type Problem } from './problems.ts';
import type { Report } from './types.ts';

/**
 * GitHub shows ten annotations of a level for a step and drops the rest without a word: one is kept for the count, and
 * the others for what the step says of itself, which is one error, or three warnings.
 */
const shown = { error: 8, warning: 6 } as const;

/** Annotations as workflow commands, for the log of a GitHub workflow. */
export function renderWorkflowCommands(report: Report): string {
  return formatAnnotations(findProblems(report));
}

/** The same for chosen problems, the most telling first. */
export function formatAnnotations(problems: readonly Problem[]): string {
  const lines = (['error', 'warning'] as const).flatMap((level) => {
    const all = problems.filter((problem) => problem.level === level);
    const more = all.length - shown[level];
    const rest =
      more > 0 ? [`::${level} title=holdfast::${formatCount(more, 'more problem')} not shown here`] : [];
    return [...all.slice(0, shown[level]).map(formatCommand), ...rest];
  });
  return lines.map((line) => `${line}\n`).join('');
}

function formatCommand({ level, file, line, column, message }: Problem): string {
  const place = [
    `file=${escapeProperty(file)}`,
    `line=${line}`,
    ...(column === null ? [] : [`col=${column}`]),
  ];
  return `::${level} ${place.join(',')},title=holdfast::${escapeMessage(message)}`;
}

function escapeMessage(text: string): string {
  return text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
}

function escapeProperty(text: string): string {
  return escapeMessage(text).replaceAll(':', '%3A').replaceAll(',', '%2C');
}
