import { type Document, LineCounter, parseDocument } from 'yaml';

/** One YAML document of a file: its text alone, and where that starts in the file (UTF-16 offset). */
export interface DocumentPart {
  readonly index: number;
  readonly offset: number;
  readonly text: string;
}

/**
 * Splits at every `---` and `...` at column 0. YAML ends a document there even inside a block scalar (1.2.2
 * § 9.1.1, `c-forbidden`), so that one broken document cannot hide the others. Directives, comments and blank
 * lines before a `---` belong to the document that it opens, so that indexes are those of every other reader.
 */
export function splitDocuments(text: string): DocumentPart[] {
  const parts: DocumentPart[] = [];
  let start = 0;
  let opened = false;
  const close = (end: number) => {
    parts.push({ index: parts.length, offset: start, text: text.slice(start, end) });
  };
  for (const marker of findMarkers(text)) {
    const held = opened || !isPrologue(text, start, marker);
    if (text[marker] === '-') {
      if (held) {
        close(marker);
        start = marker;
      }
      opened = true;
    } else if (held) {
      close(marker);
      start = marker + 3;
      opened = false;
    }
  }
  if (parts.length === 0 || opened || !isPrologue(text, start, text.length)) close(text.length);
  return parts;
}

/** Offsets of the `---` and `...` that stand alone or before white space at column 0 (after a BOM, too). */
function* findMarkers(text: string): Generator<number> {
  const first = text.charCodeAt(0) === 0xfeff ? 1 : 0;
  if (isMarker(text, first)) yield first;
  for (let at = text.indexOf('\n'); at !== -1; at = text.indexOf('\n', at + 1)) {
    const code = text.charCodeAt(at + 1);
    if ((code === 0x2d || code === 0x2e) && isMarker(text, at + 1)) yield at + 1;
  }
}

function isMarker(text: string, at: number): boolean {
  if (!text.startsWith('---', at) && !text.startsWith('...', at)) return false;
  const after = text[at + 3];
  return after === undefined || after === ' ' || after === '\t' || after === '\r' || after === '\n';
}

/** Nothing but blank lines, comments and directives: no document has begun. */
function isPrologue(text: string, start: number, end: number): boolean {
  let at = text.charCodeAt(start) === 0xfeff ? start + 1 : start;
  while (at < end) {
    const code = text.charCodeAt(at);
    if (code === 0x23 || (code === 0x25 && (at === start || text[at - 1] === '\n'))) {
      const newline = text.indexOf('\n', at);
      if (newline === -1) return true;
      at = newline;
    } else if (code !== 0x20 && code !== 0x09 && code !== 0x0a && code !== 0x0d) {
      return false;
    }
    at++;
  }
  return true;
}

/**
 * The text that is parsed. Files put one behind the other have a BOM before later documents, too, which libyaml skips;
 * an empty line in its place keeps every offset.
 */
export function withoutMark({ text }: DocumentPart): string {
  const mark = text.indexOf('\ufeff', 1);
  if (mark === -1) return text;
  const marker = text.charCodeAt(0) === 0xfeff ? 1 : 0;
  if (!isPrologue(text, isMarker(text, marker) ? marker + 3 : 0, mark)) return text;
  return `${text.slice(0, mark)}\n${text.slice(mark + 1)}`;
}

/** Strings stay strings (`tag: 1.20`), duplicate keys are our own check, and nothing is printed. */
export function parsePart(part: DocumentPart): { document: Document.Parsed; lines: LineCounter } {
  const lines = new LineCounter();
  const document = parseDocument(withoutMark(part), {
    keepSourceTokens: true,
    schema: 'failsafe',
    merge: true,
    uniqueKeys: false,
    strict: false,
    prettyErrors: false,
    logLevel: 'silent',
    lineCounter: lines,
  });
  return { document, lines };
}
