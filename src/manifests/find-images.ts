import { findDocumentHold, isGeneratedFile } from './document-holds.ts';
import { type FormRow, forms } from './forms.ts';
import type { FormContext, FoundImage, TextPiece } from './found-image.ts';
import { isValuesPath } from './helm/find-helm-images.ts';
import { makeImageUse } from './image-use.ts';
import { isCustomResourceDefinition } from './prefilter.ts';
import { findSharedAnchors } from './shared-anchors.ts';
import type { HoldReason, ImageUse, Scan, SourceFile, Unread } from './types.ts';
import type { DocumentPart } from './yaml/documents.ts';
import { Lines } from './yaml/lines.ts';
import { type OpenDocument, OpenFile } from './yaml/open-file.ts';
import type { SyntaxProblem } from './yaml/read-document.ts';
import type { TreeNode } from './yaml/tree.ts';
import { walkMaps } from './yaml/walk.ts';

const none: ReadonlySet<TreeNode> = new Set();

/** Every image that one file names, in the order of the text, and what of it could not be read. */
export function findImages(file: SourceFile): Scan {
  return findInFile(new OpenFile(file), {
    chartTemplate: false,
    isValues: isValuesPath(file.path),
    chart: null,
    rules: [],
  });
}

/** What only the other files tell of one: whether it is a Helm chart's template, or values. */
export interface FileFacts extends Omit<FormContext, 'file'> {
  readonly chartTemplate: boolean;
}

/** The same, with what the other files tell. */
export function findInFile(file: OpenFile, { chartTemplate, ...facts }: FileFacts): Scan {
  const context: FormContext = { file, ...facts };
  const possible = findForms(file, context, forms);
  if (possible.length === 0) return { uses: [], skipped: [] };
  const uses: ImageUse[] = [];
  const skipped: Unread[] = [];
  const lines = new Lines(file.text);
  const generated = isGeneratedFile(file.path, file.text) ? 'generated' : null;
  for (const part of file.documents) {
    const alone = part.text.length === file.text.length;
    const here = alone ? possible : findForms(part, context, possible);
    if (here.length === 0 || isCustomResourceDefinition(part.text)) continue;
    // What is filled in decides what it is; it is mostly no YAML, and to find that out takes time.
    if (chartTemplate && part.text.includes('{{')) return { uses: [], skipped: [reportTemplate(file)] };
    const found = findInDocument(context, here, part, lines, chartTemplate ? 'chart-template' : generated);
    for (const use of found.uses) uses.push(use);
    for (const unread of found.skipped) skipped.push(unread);
  }
  if (chartTemplate && skipped.length > 0) return { uses, skipped: [reportTemplate(file)] };
  return { uses: uses.toSorted(comparePlace), skipped };
}

function findForms(piece: TextPiece, context: FormContext, rows: readonly FormRow[]): readonly FormRow[] {
  return rows.filter(({ mayHold }) => mayHold(piece, context));
}

function findInDocument(
  context: FormContext,
  rows: readonly FormRow[],
  part: OpenDocument,
  lines: Lines,
  fileHold: HoldReason | null,
): Scan {
  const { file } = context;
  const { root, problem, aliased } = part.read;
  if (problem) return { uses: [], skipped: reportProblem(file, part, lines, problem) };
  if (root?.kind === 'scalar' && root.value.includes('apiVersion')) {
    const message = 'It is no object, but one text from its first word to its last';
    return { uses: [], skipped: reportProblem(file, part, lines, { offset: root.start, message }) };
  }
  const found: FoundImage[] = [];
  const whole = walkMaps(root, (map, spot) => {
    for (const { find } of rows) found.push(...find(map, spot, context));
  });
  if (!whole) {
    const message = 'Its aliases unfold into more values than a manifest can have';
    return { uses: [], skipped: reportProblem(file, part, lines, { offset: part.offset, message }) };
  }
  const shared = aliased ? findSharedAnchors(root, found) : none;
  const place = {
    file,
    lines,
    document: part.index,
    hold: fileHold ?? findDocumentHold(part.text, root),
    shared,
  };
  return { uses: dropDoubles(found).map((image) => makeImageUse(image, place)), skipped: [] };
}

/** Of two forms that know one value, that of the pod spec counts, and else the first. */
function dropDoubles(found: readonly FoundImage[]): readonly FoundImage[] {
  const known = new Set<string>();
  const sure = new Set(found.flatMap(({ layer, node }) => (layer === 'other' ? [] : (node ?? []))));
  const ordered = found.toSorted((a, b) => Number(b.layer === 'pod') - Number(a.layer === 'pod'));
  return ordered.filter(({ field, layer, node, inside }) => {
    if (node === null) return true;
    const key = `${node.start} ${field} ${inside?.range[0] ?? ''} ${inside?.written ?? ''}`;
    return !known.has(key) && known.add(key) && (layer !== 'other' || !sure.has(node));
  });
}

/** The error where it stands, and every line that would have named an image, so that none is missed in silence. */
function reportProblem(file: SourceFile, part: DocumentPart, lines: Lines, problem: SyntaxProblem): Unread[] {
  const { line } = lines.at(problem.offset);
  const unread: Unread[] = [{ file: file.path, line, reason: 'syntax', message: `${problem.message}.` }];
  const message = `An image is named here, in a document that cannot be read (line ${line}).`;
  for (const match of part.text.matchAll(/(?:^|[\s{,])["']?image["']?[ \t]*:[ \t]*[^\s#]/gm)) {
    const lost = lines.at(part.offset + match.index + match[0].length - 1).line;
    if (unread.at(-1)?.line === lost && unread.length > 1) continue;
    unread.push({ file: file.path, line: lost, reason: 'lost-image', message });
  }
  return unread;
}

/** A template that is no YAML before it is rendered is no error of anybody. */
function reportTemplate(file: SourceFile): Unread {
  const message = "A Helm chart's template; its images are decided by the chart's values.";
  return { file: file.path, line: 0, reason: 'chart-template', message };
}

/** The order of the uses of one file. */
export function comparePlace(a: ImageUse, b: ImageUse): number {
  return a.document - b.document || a.range[0] - b.range[0] || (a.field < b.field ? -1 : 1);
}
