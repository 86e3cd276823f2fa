import { createHash } from 'node:crypto';
import { HoldfastError } from '../error.ts';
import type { ImageUse } from '../manifests/index.ts';
import type { Digest } from '../reference/index.ts';
import { compareText, editedFile } from './places.ts';
import type { KnownCopy, ProvenDigest, Rewrite } from './types.ts';

/** `before` null: a new file. `after` null: the file goes. Modes stay as they are. */
export interface ChangedFile {
  readonly path: string;
  readonly before: string | null;
  readonly after: string | null;
}

declare const assembled: unique symbol;

/**
 * What one pull request changes. Only `assembleChangeSet` makes one. With mere digests it is a preview, which is good
 * for a dry run only.
 */
export interface ChangeSet<D extends Digest = ProvenDigest> {
  /** Those that differ, sorted by path. */
  readonly files: readonly ChangedFile[];
  readonly title: string;
  readonly body: string;
  /** Hex. The same for the same files, fields, sources and backup names, whatever the digests. */
  readonly fingerprint: string;
  readonly [assembled]: D;
}

/**
 * A change set from what was proven. `others` are the files that change without moving an image (the lock file,
 * places of pull secrets); every other file has to be accounted for by a rewrite, and every rewrite by a copy that
 * is proven, so that no text gets in without its backup.
 */
export function assembleChangeSet<D extends Digest>(parts: {
  readonly files: readonly ChangedFile[];
  readonly copies: readonly KnownCopy<D>[];
  readonly rewrites: readonly Rewrite<D>[];
  readonly others: readonly string[];
  readonly title: string;
  readonly body: string;
}): ChangeSet<D> {
  const { title, body } = parts;
  const files = parts.files
    .filter((file) => file.before !== file.after)
    .toSorted((a, b) => compareText(a.path, b.path));
  const fingerprint = fingerprintOf(parts.rewrites, parts.copies);
  const accounted = new Set([...parts.rewrites.map(({ use }) => editedFile(use)), ...parts.others]);
  const stray = files.find((file) => !accounted.has(file.path));
  if (stray !== undefined) throw unproven(stray.path);
  // The brand exists for the compiler alone.
  return { files, title, body, fingerprint } as unknown as ChangeSet<D>;
}

function fingerprintOf(rewrites: readonly Rewrite<Digest>[], copies: readonly KnownCopy<Digest>[]): string {
  const copyOf = new Map<ImageUse, KnownCopy<Digest>>();
  for (const copy of copies) for (const use of copy.step.uses) copyOf.set(use, copy);
  const lines = rewrites.map(({ use, proof }) => {
    const copy = copyOf.get(use);
    if (copy?.digest !== proof) throw unproven(use.file);
    const { registry, repository } = copy.step.backup;
    return JSON.stringify([use.file, use.document, use.field, copy.step.canonical, registry, repository]);
  });
  return createHash('sha256').update(lines.toSorted(compareText).join('\n')).digest('hex');
}

function unproven(file: string): HoldfastError {
  return new HoldfastError(
    'conflict',
    `${file} would change without a backup that is proven: nothing is proposed. Please report this.`,
  );
}
