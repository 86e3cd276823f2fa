import type { PruneOutcome } from '../copy/index.ts';
import type { History } from '../forge/index.ts';
import { formatLock, type LockEntry, parseLock } from '../plan/index.ts';
import { readLock, writeManifests } from '../source/index.ts';

/** Takes what is gone out of the lock files of named folders. Answers with notes for people. */
export async function forgetCopies(
  histories: readonly History[],
  outcomes: readonly PruneOutcome[],
): Promise<readonly string[]> {
  const gone = new Set(
    outcomes.flatMap(({ status, target: { at, digest } }) =>
      status === 'deleted' || status === 'absent' ? [`${at.registry}/${at.repository} ${digest}`] : [],
    ),
  );
  const notes: string[] = [];
  for (const { folder } of histories) {
    if (folder === null) continue;
    const { folder: at, name, text } = await readLock(folder);
    const parsed = text === null ? null : parseLock(text);
    if (text === null || parsed?.ok !== true) continue;
    const entries = parsed.value.entries.filter((entry) => !gone.has(keyOf(entry)));
    if (entries.length === parsed.value.entries.length) continue;
    const [result] = await writeManifests(at, [{ path: name, before: text, after: formatLock({ entries }) }]);
    if (result === undefined) continue;
    notes.push(
      result.status === 'written'
        ? `${at}/${name} no longer records what was deleted; commit it.`
        : `${at}/${name}: ${result.message}`,
    );
  }
  return notes;
}

function keyOf({ backup, digest }: LockEntry): string {
  return `${backup.slice(0, backup.lastIndexOf(':'))} ${digest}`;
}
