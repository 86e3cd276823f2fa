import { HoldfastError } from '../error.ts';
import { emptyLock, type LockFile } from '../plan/index.ts';
import { type FoundLock, readLock } from '../source/index.ts';

/** The lock file that is in force for a folder. */
export async function openLock(
  root: string,
): Promise<{ readonly lockFile: FoundLock; readonly lock: LockFile }> {
  const lockFile = await readLock(root);
  return { lockFile, lock: await parseLockFile(lockFile) };
}

/** Throws `config` with the line that is wrong. */
export async function parseLockFile({ name, text }: FoundLock): Promise<LockFile> {
  if (text === null) return emptyLock;
  // Loaded only where there is one: it takes the YAML package along.
  const { parseLock } = await import('../plan/index.ts');
  const parsed = parseLock(text);
  if (parsed.ok) return parsed.value;
  throw new HoldfastError(
    'config',
    `${name}: ${parsed.problem}. Mend it, or take it back from git; it is the record of every copy.`,
  );
}
