import { findDocumentHold, isGeneratedFile } from './document-holds.ts';
import { type DocumentPart, splitDocuments } from './documents.ts';
import { forms } from './forms.ts';
import type { FoundImage } from './found-image.ts';
import { makeImageUse } from './image-use.ts';
import { Lines } from './lines.ts';
import { isCustomResourceDefinition, mayHoldImage } from './prefilter.ts';
import { readDocument } from './read-document.ts';
import type { HoldReason, ImageUse, Scan, SourceFile, Unread } from './types.ts';
import { walkMaps } from './walk.ts';

/** Every image that one file names, in the order of the text, and what of it could not be read. */
export function findImages(file: SourceFile): Scan {
  if (!mayHoldImage(file.text)) return { uses: [], skipped: [] };
  const uses: ImageUse[] = [];
  const skipped: Unread[] = [];
  const lines = new Lines(file.text);
  const fileHold = isGeneratedFile(file.path, file.text) ? 'generated' : null;
  for (const part of splitDocuments(file.text)) {
    if (!mayHoldImage(part.text) || isCustomResourceDefinition(part.text)) continue;
    const found = findInDocument(file, part, lines, fileHold);
    uses.push(...found.uses);
    skipped.push(...found.skipped);
  }
  return { uses, skipped };
}

function findInDocument(
  file: SourceFile,
  part: DocumentPart,
  lines: Lines,
  fileHold: HoldReason | null,
): Scan {
  const { root, problems } = readDocument(part);
  const first = problems[0];
  if (first) {
    const { line } = lines.at(first.offset);
    return { uses: [], skipped: [{ file: file.path, line, reason: 'syntax', message: first.message }] };
  }
  const found: FoundImage[] = [];
  const whole = walkMaps(root, (map, spot) => {
    for (const form of forms) found.push(...form(map, spot));
  });
  const hold = findDocumentHold(part.text, root) ?? fileHold;
  const uses = found.map((image) => makeImageUse(image, { file, lines, document: part.index, hold }));
  const message = 'its aliases unfold into more values than a manifest can have';
  const line = lines.at(part.offset).line;
  return { uses, skipped: whole ? [] : [{ file: file.path, line, reason: 'syntax', message }] };
}
