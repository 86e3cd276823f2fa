import type { SourceFile } from '../types.ts';

/** Turns offsets of a text into lines and columns, both 1-based. Lines end at LF; a lone CR is no line end. */
export class Lines {
  readonly #text: string;
  #starts: readonly number[] | null = null;

  constructor(text: string) {
    this.#text = text;
  }

  at(offset: number): { readonly line: number; readonly column: number } {
    // Most files are never asked.
    this.#starts ??= findLineStarts(this.#text);
    let low = 0;
    let high = this.#starts.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((this.#starts[middle] ?? 0) <= offset) low = middle;
      else high = middle - 1;
    }
    const start = this.#starts[low] ?? 0;
    // A BOM is no column.
    const first = start === 0 && this.#text.charCodeAt(0) === 0xfeff && offset > 0 ? 1 : 0;
    return { line: low + 1, column: offset - start - first + 1 };
  }

  /** The text from `offset` to the end of its line. */
  restOfLine(offset: number): string {
    const end = this.#text.indexOf('\n', offset);
    return this.#text.slice(offset, end === -1 ? undefined : end);
  }
}

function findLineStarts(text: string): number[] {
  const starts = [0];
  for (let at = text.indexOf('\n'); at !== -1; at = text.indexOf('\n', at + 1)) starts.push(at + 1);
  return starts;
}

/** The lines of the file at a path. */
export type LinesOf = (path: string) => Lines;

/** Each file's lines are found when somebody asks for them. */
export function openLines(files: readonly SourceFile[]): LinesOf {
  const texts = new Map(files.map(({ path, text }) => [path, text]));
  const known = new Map<string, Lines>();
  return (path) => {
    const lines = known.get(path) ?? new Lines(texts.get(path) ?? '');
    known.set(path, lines);
    return lines;
  };
}
