import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { findAbove } from './list-tree.ts';

/** Where the lock file is or would be: at the root of the checkout, else of the scanned folder. */
export interface FoundLock {
  /** Absolute folder that holds it. */
  readonly folder: string;
  /** Name in that folder. */
  readonly name: string;
  /** Null when there is none yet. */
  readonly text: string | null;
}

const name = 'holdfast.lock.yaml';

/** Finds and reads the lock file that is in force for a scanned folder. */
export async function readLock(root: string): Promise<FoundLock> {
  const folder = findAbove(root, '.git', dirname) ?? root;
  try {
    return { folder, name, text: await readFile(join(folder, name), 'utf8') };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return { folder, name, text: null };
    throw error;
  }
}
