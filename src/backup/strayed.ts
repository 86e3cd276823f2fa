import type { CopyOutcome } from '../copy/index.ts';
import type { ImageUse } from '../manifests/index.ts';
import { type BackupUse, type CopyPlan, editedFile, findLocked, type KnownCopy } from '../plan/index.ts';
import type { Digest } from '../reference/index.ts';
import type { CopyFinding } from '../report/index.ts';
import { toCopyFinding } from './findings.ts';
import type { Survey } from './survey.ts';

/** A copy that is proven, while the tag that the lock file has for it names something else by now. */
export interface Strayed {
  readonly lockedTag: string;
  /** The tag that names it. */
  readonly anchor: string;
  /** What names the moved tag alone. */
  readonly uses: readonly ImageUse[];
}

/** Null when the backup's tag is where the lock file has it, or the copy is not the locked one. */
export function findStrayed(
  { lock }: Pick<Survey, 'lock'>,
  backups: readonly BackupUse[],
  { step, digest, tag }: Pick<KnownCopy<Digest>, 'step' | 'digest' | 'tag'>,
): Strayed | null {
  const locked = findLocked(lock, step.canonical);
  const anchor = `${step.backup.registry}/${step.backup.repository}:${tag}`;
  if (locked === null || locked.digest !== digest || locked.backup === anchor) return null;
  const named = backups.filter(({ canonical }) => canonical === locked.backup);
  return { lockedTag: locked.backup, anchor, uses: named.flatMap(({ uses }) => uses) };
}

/** What became of each copy, with a word of the tags that somebody moved: Pods get what a moved tag names now. */
export function toCopyFindings(
  survey: Pick<Survey, 'lock'>,
  { backups }: Pick<CopyPlan, 'backups'>,
  outcomes: readonly CopyOutcome[],
): readonly CopyFinding[] {
  return outcomes.map((outcome) => {
    const finding = toCopyFinding(outcome);
    const strayed = 'error' in outcome ? null : findStrayed(survey, backups, outcome);
    if (strayed === null) return finding;
    const { lockedTag, anchor, uses } = strayed;
    const said = `Somebody moved ${lockedTag}: it no longer names the image that was proven, which is kept as ${anchor}.`;
    return uses.length > 0
      ? { ...finding, problems: [...finding.problems, said] }
      : { ...finding, warnings: [...finding.warnings, said] };
  });
}

/**
 * The copies that the lock file may record: while a manifest names a tag alone, only the lock file tells which image was
 * proven under it, be the tag moved in the backup or the copy a later one of the source.
 */
export function withoutStrayed<D extends Digest>(
  survey: Pick<Survey, 'lock'>,
  { backups }: Pick<CopyPlan, 'backups'>,
  copies: readonly KnownCopy<D>[],
  changed: ReadonlySet<string> = new Set(),
): readonly KnownCopy<D>[] {
  return copies.filter((copy) => {
    const locked = findLocked(survey.lock, copy.step.canonical);
    const anchor = `${copy.step.backup.registry}/${copy.step.backup.repository}:${copy.tag}`;
    if (locked === null || locked.backup === anchor) return true;
    const uses = backups.flatMap((backup) => (backup.canonical === locked.backup ? backup.uses : []));
    return uses.every((use) => use.hold === null && changed.has(editedFile(use)));
  });
}
