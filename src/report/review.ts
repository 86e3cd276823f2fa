import { formatCount } from './amounts.ts';
import { escapeText, formatCode } from './markdown.ts';
import type { Problem } from './problems.ts';

/** GitHub takes 65,536 characters. */
const commentLimit = 60_000;

export interface ReviewComment {
  readonly body: string;
  /** What it becomes when all is well again. */
  readonly resolved: string;
}

/** The one comment of a review: what the change adds that is not backed up, and the way out. Rows are dropped, never cut. */
export function renderReviewComment(problems: readonly Problem[]): ReviewComment {
  const head = [
    `**holdfast** found ${formatCount(problems.length, 'problem')} in this pull request.`,
    '',
    '| Where | Image | What |',
    '|---|---|---|',
  ].join('\n');
  const tail = [
    '',
    'Until a manifest names a copy in the backup registry, the cluster depends on an upstream that may take the image away. ' +
      'Run `holdfast rewrite` on this branch, or exclude the image in `.holdfast.yaml`; with `copy-on-pr: true` the check itself makes the copies of those it trusts, and suggests them.',
  ].join('\n');
  let room = commentLimit - head.length - tail.length - 100;
  const rows: string[] = [];
  for (const { file, line, subject, message } of problems) {
    const row = `| ${formatCode(`${file}:${line}`)} | ${formatCode(subject)} | ${escapeText(message)} |`;
    if (row.length + 1 > room) break;
    room -= row.length + 1;
    rows.push(row);
  }
  const dropped = problems.length - rows.length;
  const more =
    dropped === 0 ? [] : ['', `and ${formatCount(dropped, 'more problem')}: the job summary has them.`];
  return {
    body: `${[head, ...rows, ...more, tail].join('\n')}\n`,
    resolved: '**holdfast**: every image that this pull request adds is backed up.\n',
  };
}
