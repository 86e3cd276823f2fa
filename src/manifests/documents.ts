import { type Document, LineCounter, parseDocument } from 'yaml';

/** One YAML document of a file: its text alone, and where that starts in the file (UTF-16 offset). */
export interface DocumentPart {
  readonly index: number;
  readonly offset: number;
  readonly text: string;
}

/**
 * Splits at every `---` at column 0. YAML ends a document there even inside a block scalar (1.2.2 § 9.1.1,
 * `c-forbidden`), so that one broken document cannot hide the others.
 */
export function splitDocuments(text: string): DocumentPart[] {
  const parts: DocumentPart[] = [];
  const marker = /^---(?=[ \t\r\n]|$)/gm;
  let start = 0;
  for (const match of text.matchAll(marker)) {
    // What stands before the first marker is directives, comments or nothing; it belongs to that document.
    if (
      parts.length === 0 &&
      start === 0 &&
      /^(?:\uFEFF?\s*|(?:[%#].*|\s*)\r?\n)*$/.test(text.slice(0, match.index))
    )
      continue;
    parts.push({ index: parts.length, offset: start, text: text.slice(start, match.index) });
    start = match.index;
  }
  parts.push({ index: parts.length, offset: start, text: text.slice(start) });
  return parts;
}

/** Strings stay strings (`tag: 1.20`), duplicate keys are our own check, and nothing is printed. */
export function parsePart(part: DocumentPart): { document: Document.Parsed; lines: LineCounter } {
  const lines = new LineCounter();
  const document = parseDocument(part.text, {
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
