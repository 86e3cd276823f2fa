import type { ImageUse, TextEdit } from '../manifests/index.ts';
import { editedFile } from '../plan/index.ts';
import type { Problem } from './problems.ts';
import type { Report } from './types.ts';

/** Lines of a pull request and what they shall become, as a comment that GitHub can apply. */
export interface SuggestedLines {
  readonly path: string;
  /** 1-based, the first of several; null where `line` is the only one. */
  readonly startLine: number | null;
  readonly line: number;
  readonly body: string;
}

export interface SuggestionOptions {
  /** Whether one comment can be on all lines of a file from the first to the last. */
  readonly fits: (path: string, from: number, to: number) => boolean;
  /** Whether Pods need a pull secret besides. */
  readonly needsSecret: boolean;
}

/** GitHub takes 65,536 characters. */
const longestBody = 60_000;

/**
 * Suggestions for the images of these problems. Each brings the whole of an edit, or is not made: half of one would
 * name an image that nobody has proven. Edits whose lines overlap come in one.
 */
export function renderSuggestions(
  problems: readonly Problem[],
  { changes, edits, images }: Pick<Report, 'changes' | 'edits' | 'images'>,
  { fits, needsSecret }: SuggestionOptions,
): readonly SuggestedLines[] {
  const wanted = new Set(problems.flatMap(({ use }) => use ?? []));
  const files = new Set([...wanted].map(editedFile));
  return changes
    .filter(({ path }) => files.has(path))
    .flatMap(({ path, before }) => {
      const inFile = edits.filter(({ file }) => file === path);
      const places = new Map(inFile.map((edit, index) => [edit, index]));
      const inOrder = (some: Iterable<TextEdit>): readonly TextEdit[] =>
        [...some].toSorted((a, b) => (places.get(a) ?? 0) - (places.get(b) ?? 0));
      const uses = images.flatMap(({ use }) => (editedFile(use) === path ? [use] : []));
      return mergeOverlapping(listBlocks(before, inFile, uses).filter(({ from, to }) => fits(path, from, to)))
        .filter((block) => block.uses.some((use) => wanted.has(use)))
        .map((block) => ({
          path,
          startLine: block.from === block.to ? null : block.from,
          line: block.to,
          body: formatSuggestion(applyEdits(before, inOrder(block.edits)), block.uses, needsSecret),
        }))
        .filter(({ body }) => body.length <= longestBody);
    });
}

/** Edits that are made together or not at all, the images that they move, and the lines that they stand in. */
interface Block {
  readonly edits: ReadonlySet<TextEdit>;
  readonly uses: readonly ImageUse[];
  readonly from: number;
  readonly to: number;
}

/**
 * All edits of one image. An edit that is of no image (a switch of the chart) goes with every image that stands in
 * several keys, as its chart may refuse the one without the other.
 */
function listBlocks(text: string, inFile: readonly TextEdit[], uses: readonly ImageUse[]): readonly Block[] {
  const edits = inFile.filter(({ pullSecret }) => !pullSecret);
  const blockOf = new Map<TextEdit, Pick<Block, 'edits' | 'uses'>>();
  const join = (some: readonly TextEdit[], use: readonly ImageUse[]): void => {
    const known = new Set(some.flatMap((edit) => blockOf.get(edit) ?? []));
    const block = {
      edits: new Set([...[...known].flatMap((one) => [...one.edits]), ...some]),
      uses: [...[...known].flatMap((one) => one.uses), ...use],
    };
    for (const edit of block.edits) blockOf.set(edit, block);
  };
  const split = new Set<TextEdit>();
  const findEdits = indexEdits(edits);
  for (const use of uses) {
    const own = findEdits(use);
    join(own, [use]);
    if (use.parts?.kind === 'split') for (const edit of own) split.add(edit);
  }
  const others = edits.filter((edit) => !blockOf.has(edit));
  if (others.length > 0 && split.size > 0) join([...split, ...others], []);
  return [...new Set(blockOf.values())].flatMap((block) => locate(text, block));
}

/** A function that finds the edits that make an image another one. `edits` are in the order of the text. */
function indexEdits(edits: readonly TextEdit[]): (use: ImageUse) => readonly TextEdit[] {
  const added = new Map<string, TextEdit[]>();
  for (const edit of edits) {
    if (!edit.keyOf) continue;
    const key = `${edit.keyOf.document} ${edit.keyOf.map}`;
    const same = added.get(key);
    if (same) same.push(edit);
    else added.set(key, [edit]);
  }
  const replaced = edits.filter(({ keyOf }) => !keyOf);
  const findIn = ([start, end]: readonly [start: number, end: number]): readonly TextEdit[] => {
    let low = 0;
    for (let high = replaced.length; low < high; ) {
      const middle = (low + high) >> 1;
      if ((replaced[middle]?.range[0] ?? 0) < start) low = middle + 1;
      else high = middle;
    }
    let last = low;
    while (last < replaced.length && (replaced[last]?.range[0] ?? end) < end) last += 1;
    return replaced.slice(low, last).filter(({ range }) => range[1] <= end);
  };
  return ({ document, parts, nameAt, range }) => {
    // Of a tag that stands apart the name is edited.
    if (nameAt) return findIn(nameAt.range);
    if (parts?.kind === 'entry') return [];
    if (parts?.kind !== 'split') return findIn(range);
    const { registry, repository, tag, digest } = parts;
    const written = [registry, repository, tag, digest].flatMap((part) => (part?.range ? [part.range] : []));
    return [...written.flatMap(findIn), ...(added.get(`${document} ${parts.map}`) ?? [])];
  };
}

/** None where an edit stands below the last line, on which there is nothing to comment. */
function locate(text: string, block: Pick<Block, 'edits' | 'uses'>): Block[] {
  const lines = [...block.edits].map(({ range: [start, end], line, before, text: added }) => {
    const from = before === '' && /^\r?\n/.test(added) ? line - 1 : line;
    const isBelow = start === text.length && text.endsWith('\n');
    return { from, to: from + text.slice(start, end).split('\n').length - 1, isBelow };
  });
  if (lines.some(({ isBelow }) => isBelow)) return [];
  const from = Math.min(...lines.map((one) => one.from));
  return [{ ...block, from, to: Math.max(...lines.map((one) => one.to)) }];
}

/** One line can have one suggestion. */
function mergeOverlapping(blocks: readonly Block[]): readonly Block[] {
  const merged: Block[] = [];
  for (const block of blocks.toSorted((a, b) => a.from - b.from)) {
    const last = merged.at(-1);
    if (last === undefined || block.from > last.to) merged.push(block);
    else
      merged[merged.length - 1] = {
        edits: new Set([...last.edits, ...block.edits]),
        uses: [...last.uses, ...block.uses],
        from: last.from,
        to: Math.max(last.to, block.to),
      };
  }
  return merged;
}

/** The lines from the first edit to the last, with all of them made; what stands between stays as it is. */
function applyEdits(text: string, edits: readonly TextEdit[]): string {
  const [first, last] = [edits[0]?.range[0] ?? 0, edits.at(-1)?.range[1] ?? 0];
  const newline = text.indexOf('\n', last);
  const pieces: string[] = [];
  let at = text.lastIndexOf('\n', first - 1) + 1;
  for (const { range, text: added } of edits) {
    pieces.push(text.slice(at, range[0]), added);
    at = range[1];
  }
  pieces.push(text.slice(at, newline === -1 ? undefined : newline));
  return pieces.join('').replaceAll('\r\n', '\n').replace(/\r$/, '');
}

function formatSuggestion(lines: string, uses: readonly ImageUse[], needsSecret: boolean): string {
  const longest = Math.max(2, ...[...lines.matchAll(/`{3,}/g)].map(([ticks]) => ticks.length));
  const fence = '`'.repeat(longest + 1);
  const isOne = new Set(uses.map(({ written }) => written)).size === 1;
  const what = isOne ? 'the backup of this image is there' : 'the backups of these images are there';
  const more = needsSecret
    ? ' Pods that run it also need the pull secret, which no suggestion can add: `holdfast rewrite` does.'
    : '';
  return `holdfast: ${what}, proven by digest.${more}\n\n${fence}suggestion\n${lines}\n${fence}\n`;
}
