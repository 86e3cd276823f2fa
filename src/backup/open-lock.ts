import { emptyLock, type LockFile } from '../plan/index.ts';
import { type FoundLock, readLock } from '../source/index.ts';

export interface OpenLock {
  readonly lockFile: FoundLock;
  readonly lock: LockFile;
}

/** The lock file that is in force for a folder. Throws `config` with the line that is wrong. */
export async function openLock(root: string): Promise<OpenLock> {
  const lockFile = await readLock(root);
  const { name, text } = lockFile;
  if (text === null) return { lockFile, lock: emptyLock };
  // Loaded only where there is one: it takes the YAML package along.
  const { parseLockFile } = await import('./parse-lock-file.ts');
  return { lockFile, lock: parseLockFile(name, text) };
}
