import { HoldfastError } from '../error.ts';
import { type LockFile, parseLock } from '../plan/index.ts';

/** The lock file that has this text. Throws `config` with the line that is wrong. */
export function parseLockFile(name: string, text: string): LockFile {
  const parsed = parseLock(text);
  if (parsed.ok) return parsed.value;
  throw new HoldfastError(
    'config',
    `${name}: ${parsed.problem}. Mend it, or take it back from git; it is the record of every copy.`,
  );
}
