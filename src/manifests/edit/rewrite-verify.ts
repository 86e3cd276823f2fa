import { type Document, isScalar } from 'yaml';
import { type DocumentPart, splitDocuments } from '../yaml/documents.ts';
import { appendPullSecrets, type PullSecretEdit } from './pull-secret.ts';
import type { AdditionEdit } from './rewrite-additions.ts';
import { type Entry, listEntries } from './rewrite-entries.ts';
import { expectImage, type ImageSplice } from './rewrite-image.ts';
import { locateMap, type PullSecretRequest } from './rewrite-pull-secrets.ts';
import { type EditableDocument, readEditable } from './rewrite-read.ts';
import { applySplices, type Splice } from './splice.ts';

/** One document of the file, and all that is planned for it. */
export interface PlannedDocument {
  readonly part: DocumentPart;
  readonly read: EditableDocument;
  /** At offsets of the text that was read. */
  readonly images: readonly ImageSplice[];
  readonly additions: AdditionEdit;
  readonly pullSecrets: readonly PullSecretEdit[];
  readonly requests: readonly PullSecretRequest[];
  /** All splices, ordered, at offsets of the document's own text. */
  readonly splices: readonly Splice[];
}

/** A check that failed: the document says something else than was planned. */
export interface Mismatch {
  readonly offset: number;
  readonly problem: string;
}

/**
 * Whether the rewritten text says what was planned and nothing else: every other character is the same, there are as
 * many documents with the same errors, their leaves differ at the planned places alone, and nothing is left to do.
 */
export function verifyRewrite(
  before: string,
  after: string,
  documents: readonly PlannedDocument[],
): Mismatch | null {
  const old = splitDocuments(before);
  const parts = splitDocuments(after);
  if (parts.length !== old.length)
    return { offset: 0, problem: 'the edit would change how many documents there are' };
  const planned = new Map(documents.map((document) => [document.part.index, document]));
  for (const [index, part] of parts.entries()) {
    const plan = planned.get(index);
    const expected = plan ? applySplices(plan.part.text, plan.splices) : old[index]?.text;
    if (part.text !== expected)
      return { offset: old[index]?.offset ?? 0, problem: 'the edit would reach into another document' };
    const mismatch = plan ? verifyDocument(plan, part) : null;
    if (mismatch) return mismatch;
  }
  return null;
}

function verifyDocument(plan: PlannedDocument, part: DocumentPart): Mismatch | null {
  const { offset } = plan.part;
  const { document, source } = readEditable(part);
  if (listErrors(document) !== listErrors(plan.read.document))
    return { offset, problem: 'the edited document would not parse as it did' };
  const expected = expectEntries(plan);
  if (!Array.isArray(expected)) return expected;
  const stray = firstDifference(expected, listEntries(document).entries.map(formatEntry));
  if (stray !== null) return { offset, problem: `the edit would change more than was planned: ${stray}` };
  for (const request of plan.requests) {
    const map = locateMap(document, request.path);
    if (!map || appendPullSecrets(source, document, map, request.names) !== null)
      return { offset, problem: `a second run would add to imagePullSecrets of ${request.path} again` };
  }
  return null;
}

function listErrors(document: Document.Parsed): string {
  return document.errors.map((error) => `${error.code} ${error.message}`).join('\n');
}

const separator = '\u0000';

/** The leaves that the document shall have. */
function expectEntries(plan: PlannedDocument): string[] | Mismatch {
  const { entries, paths } = listEntries(plan.read.document);
  const gone = new Set<Entry>();
  const added: string[] = [];
  const seen = expectImage(plan.read.source, entries, plan.images);
  for (const [entry, value] of seen.changed) {
    gone.add(entry);
    added.push(formatEntry({ ...entry, value }));
  }
  if (seen.unseen && plan.read.document.errors.length === 0)
    return {
      offset: plan.part.offset + plan.read.toGiven(seen.unseen.start),
      problem: 'no value stands where the image was found',
    };
  const leaves = new Map(entries.map((entry) => [entry.node, entry]));
  for (const { target, below, value } of plan.additions.added)
    added.push(formatEntry({ path: (paths.get(target) ?? '') + below, value: `=${value}` }));
  for (const list of plan.additions.filled) {
    const empty = leaves.get(list);
    if (empty?.value === '[]') gone.add(empty);
  }
  for (const edit of plan.pullSecrets) {
    const path = paths.get(edit.target) ?? '';
    const base = edit.created ? `${path}/imagePullSecrets` : path;
    const empty = edit.created || edit.had > 0 ? undefined : leaves.get(edit.target);
    // An empty list with an anchor or a tag is an entry for their sake, and stays one.
    if (empty && (isScalar(empty.node) || empty.value === '[]')) gone.add(empty);
    edit.gained.forEach((name, index) => {
      added.push(
        formatEntry({ path: `${base}/${edit.had + index}${edit.plain ? '' : '/name'}`, value: `=${name}` }),
      );
    });
  }
  return [...entries.filter((entry) => !gone.has(entry)).map(formatEntry), ...added];
}

function formatEntry(entry: Pick<Entry, 'path' | 'value'>): string {
  return entry.path + separator + entry.value;
}

/** The path of the first leaf, sorted, that one of two bags has and the other lacks. Values may be secret. */
function firstDifference(expected: readonly string[], found: readonly string[]): string | null {
  const [a, b] = [expected.toSorted(), found.toSorted()];
  for (let i = 0; i < Math.max(a.length, b.length); i++) {
    const [wanted, there] = [a[i], b[i]];
    if (wanted === there) continue;
    const lone = there === undefined || (wanted !== undefined && wanted < there) ? wanted : there;
    return lone?.split(separator, 1)[0]?.slice(0, 200) ?? '';
  }
  return null;
}
