import type { TextEdit } from '../types.ts';
import { Lines } from '../yaml/lines.ts';
import type { Splice } from './splice.ts';
import { endOfLine, startOfLine } from './splice-layout.ts';

/** Longest line that is shown as a whole; of a longer one (minified JSON) what stands around the edit. */
const longest = 2000;

/** The splices as whole lines for people, each as if it were the only one. */
export function describeSplices(
  path: string,
  text: string,
  ordered: readonly (Splice & { readonly document: number })[],
): TextEdit[] {
  const lines = new Lines(text);
  return ordered.map((splice) => {
    const { document, map, pullSecret } = splice;
    const edit = {
      file: path,
      range: [splice.start, splice.end] as const,
      text: splice.text,
      ...(pullSecret && { pullSecret }),
      ...(map !== undefined && { keyOf: { document, map } }),
    };
    const added = describeAddedLines(text, splice);
    if (added !== null) {
      const below = splice.text.startsWith('\n') || splice.text.startsWith('\r\n') ? 1 : 0;
      return { ...edit, line: lines.at(splice.start).line + below, before: '', after: added };
    }
    const from = startNear(text, splice.start);
    const to = endNear(text, splice.end);
    const after = text.slice(from, splice.start) + splice.text + text.slice(splice.end, to);
    return {
      ...edit,
      line: lines.at(splice.start).line,
      before: unify(text.slice(from, to)),
      after: unify(after),
    };
  });
}

/** The lines that an insertion adds between others; null when it changes a line that is there. */
function describeAddedLines(text: string, { start, end, text: added }: Splice): string | null {
  if (start !== end) return null;
  const above = /^\r?\n/.test(added) && endNear(text, start) === start;
  const below = added.endsWith('\n') && startNear(text, start) === start;
  if (!above && !below) return null;
  return unify(above ? added.replace(/^\r?\n/, '') : added.replace(/\r?\n$/, ''));
}

function startNear(text: string, offset: number): number {
  const floor = Math.max(0, offset - longest);
  return floor + startOfLine(text.slice(floor, offset), offset - floor);
}

function endNear(text: string, offset: number): number {
  return offset + endOfLine(text.slice(offset, offset + longest), 0);
}

/** Lines for people end in LF alone. */
function unify(lines: string): string {
  return lines.replaceAll('\r\n', '\n');
}
