import type { Document } from 'yaml';
import { type DocumentPart, parsePart } from '../yaml/documents.ts';
import { indentContinuations } from '../yaml/repair.ts';

/** A document as it is planned on: with the indentation that YAML 1.2 wants where only libyaml reads it as it is. */
export interface EditableDocument {
  /** The text that `document` was parsed from. */
  readonly source: string;
  readonly document: Document.Parsed;
  /** Offset in the document's own text of an offset in `source`, and back. */
  readonly toGiven: (offset: number) => number;
  readonly toSource: (offset: number) => number;
}

/** The same reading that finding does, with the tokens that an edit needs. */
export function readEditable(part: DocumentPart): EditableDocument {
  const same = (offset: number) => offset;
  const strict = { source: part.text, document: parsePart(part).document, toGiven: same, toSource: same };
  if (strict.document.errors.length === 0) return strict;
  const repaired = indentContinuations(part.text);
  if (repaired === null) return strict;
  const { document } = parsePart({ ...part, text: repaired.text });
  if (document.errors.length > 0) return strict;
  const toGiven = (offset: number) => repaired.toGiven(offset);
  return { source: repaired.text, document, toGiven, toSource: invert(toGiven, repaired.text.length) };
}

/** The last offset that a rising function takes to another, or below it. */
function invert(rising: (offset: number) => number, length: number): (offset: number) => number {
  return (wanted) => {
    let low = 0;
    let high = length;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (rising(middle) <= wanted) low = middle;
      else high = middle - 1;
    }
    return low;
  };
}
