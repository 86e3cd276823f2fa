import { HoldfastError } from '../error.ts';
import { formatLock, mergeLock, type ProvenCopy } from '../plan/index.ts';
import { writeManifests } from '../source/index.ts';
import { openLock } from './open-lock.ts';
import type { Edits } from './plan-edits.ts';
import type { Survey } from './survey.ts';

/** Writes the files that still are what was read; the others are told, and left alone. */
export async function writeEdits(survey: Survey, edits: Edits): Promise<Edits> {
  const results = await writeManifests(survey.root, edits.changes);
  const left = new Set(results.filter(({ status }) => status !== 'written').map(({ path }) => path));
  const refused = results.flatMap((result) =>
    result.status === 'written'
      ? []
      : [{ file: result.path, line: 0, reason: 'not-edited' as const, message: result.message }],
  );
  return {
    changes: edits.changes.filter(({ path }) => !left.has(path)),
    edits: edits.edits.filter(({ file }) => !left.has(file)),
    refused: [...edits.refused, ...refused],
  };
}

/** A cluster or a name on the command line has no folder whose lock file it would be. */
export function hasLock({ files, lockFile }: Survey): boolean {
  return files.length > 0 || lockFile.text !== null;
}

const mostTries = 3;

/**
 * Records what is proven, before any manifest stands on it. What another program wrote meanwhile is kept. Throws
 * `conflict` when the file cannot be written: without it no manifest is changed.
 */
export async function writeLock(survey: Survey, proven: readonly ProvenCopy[]): Promise<void> {
  if (proven.length === 0 || !hasLock(survey)) return;
  let { lockFile, lock } = survey;
  for (let tries = 1; ; tries += 1) {
    const after = formatLock(mergeLock(lock, proven));
    if (after === lockFile.text) return;
    const change = { path: lockFile.name, before: lockFile.text, after };
    const [result] = await writeManifests(lockFile.folder, [change]);
    if (result === undefined || result.status === 'written') return;
    if (result.status === 'failed' || tries === mostTries)
      throw new HoldfastError(
        'conflict',
        `${lockFile.name}: ${result.message} The copies are made; no manifest was changed.`,
      );
    ({ lockFile, lock } = await openLock(survey.root));
  }
}
