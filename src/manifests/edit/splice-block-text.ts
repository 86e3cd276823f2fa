import { refuse, type Splice } from './splice.ts';

/** The text in a literal block scalar as YAML reads it, and the way between its offsets and those of the source. */
export interface BlockText {
  readonly ok: true;
  /** Without indentation, lines ending in LF, all line ends kept. */
  readonly text: string;
  /** Null where the offset is in the header or the indentation. */
  readonly toInner: (offset: number) => number | null;
  /** Splices of the text as splices of the source: new lines get the block's indentation and line end. */
  readonly toOuter: (splices: readonly Splice[]) => Splice[];
}

interface Line {
  readonly inner: number;
  readonly outer: number;
  readonly length: number;
}

/**
 * Opens a literal block scalar (`|`), so that the manifest inside can be edited like any other. Folded (`>`) and
 * quoted text is refused: there lines of the text are not lines of the value.
 */
export function openBlockText(
  source: string,
  [start, end]: readonly [start: number, end: number],
): BlockText | ReturnType<typeof refuse> {
  const header = /^\|([-+0-9]*)[ \t]*(?:#[^\r\n]*)?(\r?\n)/.exec(
    source.slice(start, Math.min(end, start + 1000)),
  );
  if (!header) return refuse(start, 'the text is not in a literal block (|)');
  const eol = header[2] ?? '\n';
  const from = start + header[0].length;
  const raw = source.slice(from, end).split('\n');
  const indent = indentOf(header[1] ?? '', raw);
  if (indent === null)
    return refuse(start, 'the block says how deep it is indented itself (an indentation indicator)');
  const lines: Line[] = [];
  const texts: string[] = [];
  let [inner, outer] = [0, from];
  for (const [index, whole] of raw.entries()) {
    const last = index === raw.length - 1;
    if (last && whole === '') break;
    const line = whole.endsWith('\r') && !last ? whole.slice(0, -1) : whole;
    const text = line.slice(indent);
    lines.push({ inner, outer: outer + Math.min(indent, line.length), length: text.length });
    texts.push(text, last ? '' : '\n');
    inner += text.length + 1;
    outer += whole.length + 1;
  }
  const text = texts.join('');
  const blank = ' '.repeat(indent);

  const toInner = (offset: number): number | null => {
    const line = lines.findLast((candidate) => candidate.outer <= offset);
    if (!line) return null;
    return offset - line.outer <= line.length ? line.inner + offset - line.outer : null;
  };
  const place = (offset: number): { at: number; indent: string } => {
    const line = lines.findLast((candidate) => candidate.inner <= offset);
    if (!line || offset - line.inner > line.length) return { at: end, indent: blank };
    // An empty line may lack the indentation that text on it needs.
    const missing = line.length === 0 ? indent - columnOf(source, line.outer) : 0;
    return { at: line.outer + offset - line.inner, indent: ' '.repeat(Math.max(0, missing)) };
  };
  const toOuter = (splices: readonly Splice[]): Splice[] =>
    splices.map((splice) => {
      const [first, last] = [place(splice.start), place(splice.end)];
      const atEnd = first.at === end && splice.text.endsWith('\n');
      const body = atEnd ? splice.text.slice(0, -1) : splice.text;
      const indented = first.indent + body.replaceAll('\n', eol + blank) + (atEnd ? eol : '');
      return { start: first.at, end: last.at, text: indented };
    });
  return { ok: true, text, toInner, toOuter };
}

/** Spaces before the first line that says something; null where a digit in the header sets it. */
function indentOf(header: string, lines: readonly string[]): number | null {
  if (/\d/.test(header)) return null;
  const first = lines.find((line) => line.trim() !== '');
  return first === undefined ? 0 : first.search(/[^ ]/);
}

function columnOf(source: string, offset: number): number {
  return offset - (source.lastIndexOf('\n', offset - 1) + 1);
}
