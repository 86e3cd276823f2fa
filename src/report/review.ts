import type { ImageUse, TextEdit } from '../manifests/index.ts';
import { formatCount } from './amounts.ts';
import { escapeText, formatCode } from './markdown.ts';
import type { Problem } from './problems.ts';
import type { Report } from './types.ts';

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
 * Suggestions for the lines of these problems. Only whole single lines that hold one edit each, and one that is all that
 * its images need: half of an edit would name an image that nobody has proven.
 */
export function renderSuggestions(
  problems: readonly Problem[],
  { edits, images }: Pick<Report, 'edits' | 'images'>,
): readonly SuggestedLine[] {
  const keyOf = (file: string, line: number): string => JSON.stringify([file, line]);
  const editsAt = groupBy(edits, ({ file, line }) => keyOf(file, line));
  const editsOf = groupBy(edits, ({ file }) => file);
  const usesOf = groupBy(
    images.map(({ use }) => use),
    ({ file }) => file,
  );
  const wanted = new Set(problems.map(({ file, line }) => keyOf(file, line)));
  return [...wanted].flatMap((key): SuggestedLine[] => {
    const [edit, other] = editsAt.get(key) ?? [];
    if (edit === undefined || other !== undefined || edit.before === '') return [];
    if (`${edit.before}${edit.after}`.includes('\n')) return [];
    const inFile = editsOf.get(edit.file) ?? [];
    if (!isWhole(edit, inFile, usesOf.get(edit.file) ?? [])) return [];
    const isAlone = !inFile.some(({ pullSecret }) => pullSecret);
    return [{ path: edit.file, line: edit.line, body: formatSuggestion(edit, isAlone) }];
  });
}

/**
 * Whether this edit alone makes its images what they shall be. Of an image in several keys it must be the only edit, and
 * no edit of the file may be one that stands in no image (an added digest, a switch of the chart).
 */
function isWhole(edit: TextEdit, inFile: readonly TextEdit[], uses: readonly ImageUse[]): boolean {
  const touched = uses.filter((use) => isEditOf(edit, use));
  if (touched.length === 0) return false;
  if (touched.every(({ parts }) => parts === undefined || parts.kind === 'override')) return true;
  return inFile.every(
    (one) =>
      one === edit ||
      one.pullSecret ||
      (!touched.some((use) => isEditOf(one, use)) && uses.some((use) => isEditOf(one, use))),
  );
}

/** Whether it replaces a scalar of the image; what is added is nobody's. */
function isEditOf({ range: [start, end], before }: TextEdit, { range, parts }: ImageUse): boolean {
  if (before === '' || parts?.kind === 'entry') return false;
  const ranges =
    parts?.kind === 'split'
      ? [parts.registry, parts.repository, parts.tag, parts.digest].map((part) => part?.range)
      : [range];
  return ranges.some((one) => one && start >= one[0] && start < one[1] && end <= one[1]);
}

function groupBy<T>(items: readonly T[], keyOf: (item: T) => string): ReadonlyMap<string, readonly T[]> {
  const groups = new Map<string, T[]>();
  for (const item of items) {
    const key = keyOf(item);
    const group = groups.get(key);
    if (group) group.push(item);
    else groups.set(key, [item]);
  }
  return groups;
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
