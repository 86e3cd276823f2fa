import type { HoldReason, ImageUse, Unread } from '../manifests/index.ts';
import { printable } from './printable.ts';
import type { CopyFinding, ImageFinding, Report } from './types.ts';

/** Why `check` points at a line. */
export type ProblemRule = 'not-backed-up' | 'backup-missing' | 'backup-unknown' | 'not-read';

/** One thing that a check found, at its place. `line` and `column` are 1-based; a whole file has line 1. */
export interface Problem {
  readonly rule: ProblemRule;
  readonly level: 'error' | 'warning';
  readonly file: string;
  readonly line: number;
  readonly column: number | null;
  /** What stays the same when lines move: object and field. */
  readonly identity: string;
  /** The image as it is written, or the file. */
  readonly subject: string;
  readonly message: string;
  /** Null for what could not be read. */
  readonly use: ImageUse | null;
}

/** What each rule asks for, for people. */
export const ruleDescriptions: Readonly<Record<ProblemRule, string>> = {
  'not-backed-up': 'A manifest names an image that is not in the backup registry.',
  'backup-missing': 'A manifest names a backup that is not there.',
  'backup-unknown': 'A manifest names a backup, and whether it is there is not known.',
  'not-read': 'A manifest could not be read, so that its images are unknown.',
};

/** Whether an image may have been missed, or an edit was not made: a person has to look. */
export function isUnknown({ reason }: Unread): boolean {
  return reason !== 'symlink' && reason !== 'chart-template' && reason !== 'binary';
}

/** Names an image that is not a backup: to be moved here, or held for a reason that lies in this place itself. */
export function isUnbacked({ state, canonical, use, reason }: ImageFinding): boolean {
  if (state === 'candidate') return true;
  if (state !== 'unusable' || canonical === null) return false;
  // What stays because another image of the same name is left alone is held by no text.
  return use.hold === null ? reason === 'composed' : !decidedElsewhere.has(use.hold);
}

/** The other place is judged by itself, or this one is no image that a Pod pulls. */
const decidedElsewhere: ReadonlySet<HoldReason> = new Set([
  'overlay',
  'reported-only',
  'tested',
  'chart-template',
]);

/** Every problem of a check, by file and line. */
export function findProblems(report: Report): Problem[] {
  const copies = new Map(
    report.copies.flatMap((copy) => [[copy.source, copy] as const, [copy.backup, copy] as const]),
  );
  const found = report.images.flatMap((image) => findImageProblem(image, copies));
  const unread = report.skipped.map(
    ({ file, line, reason, message }): Problem => ({
      rule: 'not-read',
      level: isUnknown({ file, line, reason, message }) ? 'error' : 'warning',
      file,
      line: Math.max(line, 1),
      column: null,
      identity: message,
      subject: file,
      message: `not read: ${printable(message)}`,
      use: null,
    }),
  );
  return [...found, ...unread].toSorted(
    (a, b) => compare(a.file, b.file) || a.line - b.line || (a.column ?? 0) - (b.column ?? 0),
  );
}

function findImageProblem(image: ImageFinding, copies: ReadonlyMap<string, CopyFinding>): Problem[] {
  const { use, canonical, state } = image;
  const copy = canonical === null ? undefined : copies.get(canonical);
  const written = printable(use.written);
  const at = {
    level: 'error',
    file: use.file,
    line: use.line,
    column: use.column,
    identity: [use.workload.kind, use.workload.namespace, use.workload.name, use.field].join('/'),
    subject: use.written,
    use,
  } as const;
  if (isUnbacked(image)) {
    if (copy?.error && state === 'candidate') {
      // A tag that upstream does not have is a slip of whoever wrote it, and no rewrite helps.
      const message = `${written} is not backed up, and cannot be: ${printable(copy.error.message)}`;
      return [{ ...at, rule: 'not-backed-up', message }];
    }
    const remedy =
      image.editable && state === 'candidate'
        ? 'run `holdfast rewrite`, or exclude it'
        : 'exclude it, or change it by hand';
    const why = image.explanation === null ? '' : `: ${printable(image.explanation)}`;
    const what = isThere(copy) ? 'is in the backup, but is still pulled from its source' : 'is not backed up';
    const message = `${written} ${what}; ${remedy}${why}`;
    return [{ ...at, rule: 'not-backed-up', message }];
  }
  if (state !== 'backup' || !copy?.error) return [];
  const why = printable(copy.error.message);
  if (copy.status === 'unknown')
    return [
      { ...at, level: 'warning', rule: 'backup-unknown', message: `${written} may not be there: ${why}` },
    ];
  const is = lacks[copy.error.code] ?? 'could not be looked up';
  return [{ ...at, rule: 'backup-missing', message: `${written} ${is}: ${why}` }];
}

/** By the code of the error. */
const lacks: Readonly<Record<string, string>> = {
  'not-found': 'is not there',
  moved: 'is another image',
};

/** Names of images that a check found missing from the backup, each once. */
export function findMissing(report: Report): ReadonlySet<string> {
  const there = new Set(
    report.copies.filter(isThere).flatMap(({ source, backup, error }) => (error ? [] : [source, backup])),
  );
  const lacking = new Set(
    findProblems(report)
      .filter(({ rule }) => rule === 'not-backed-up' || rule === 'backup-missing')
      .map(({ use }) => use),
  );
  return new Set(
    report.images.flatMap(({ use, canonical }) =>
      canonical !== null && lacking.has(use) && !there.has(canonical) ? [canonical] : [],
    ),
  );
}

function isThere(copy: CopyFinding | undefined): boolean {
  return copy?.status === 'present' || copy?.status === 'copied';
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
