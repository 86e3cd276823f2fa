import type { TextEdit } from '../manifests/index.ts';
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

/** A line of a pull request and what it shall become, as a comment that GitHub can apply. */
export interface SuggestedLine {
  readonly path: string;
  readonly line: number;
  readonly body: string;
}

/**
 * Suggestions for the lines of these problems. Only whole single lines that hold one edit each: what adds lines (pull
 * secrets) is for the job summary, and two edits of one line would undo each other.
 */
export function renderSuggestions(
  problems: readonly Problem[],
  edits: readonly TextEdit[],
): readonly SuggestedLine[] {
  const keyOf = (file: string, line: number): string => JSON.stringify([file, line]);
  const editsAt = new Map<string, TextEdit[]>();
  for (const edit of edits) {
    const key = keyOf(edit.file, edit.line);
    editsAt.set(key, [...(editsAt.get(key) ?? []), edit]);
  }
  const wanted = new Set(problems.map(({ file, line }) => keyOf(file, line)));
  return [...wanted].flatMap((key): SuggestedLine[] => {
    const [edit, other] = editsAt.get(key) ?? [];
    if (edit === undefined || other !== undefined || edit.before === '') return [];
    if (`${edit.before}${edit.after}`.includes('\n')) return [];
    const isAlone = !edits.some(({ file, before }) => file === edit.file && before === '');
    return [{ path: edit.file, line: edit.line, body: formatSuggestion(edit, isAlone) }];
  });
}

/** `isAlone`: the file takes no line that a suggestion cannot bring. */
function formatSuggestion({ after }: TextEdit, isAlone: boolean): string {
  const longest = Math.max(2, ...[...after.matchAll(/`{3,}/g)].map(([ticks]) => ticks.length));
  const fence = '`'.repeat(longest + 1);
  const more = isAlone
    ? ''
    : ' Pods of this file also need the pull secret, which no suggestion can add: `holdfast rewrite` does.';
  return `holdfast: the backup of this image is there, proven by digest.${more}\n\n${fence}suggestion\n${after}\n${fence}\n`;
}
