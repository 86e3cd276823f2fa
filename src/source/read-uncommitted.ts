import { lstat, readFile } from 'node:fs/promises';
import { HoldfastError } from '../error.ts';
import { listUncommitted } from './list-checkout.ts';

/** Larger ones are what somebody built or fetched. */
const largestFile = 5_000_000;

/** Visits what a checkout's folder holds beside its commits: changed, new and ignored files, whatever their names. */
export async function eachUncommitted(
  folder: string,
  visit: (file: { readonly path: string; readonly bytes: Buffer }) => void,
  signal?: AbortSignal,
): Promise<void> {
  for (const path of await listUncommitted(folder, signal)) {
    signal?.throwIfAborted();
    const bytes = await readRegular(`${folder}/${path}`);
    if (bytes !== null) visit({ path, bytes });
  }
}

/** Null for what is no file, too large, or gone; git lists what was deleted as changed. */
async function readRegular(absolute: string): Promise<Buffer | null> {
  try {
    const stat = await lstat(absolute);
    return stat.isFile() && stat.size <= largestFile ? await readFile(absolute) : null;
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw new HoldfastError(
      'environment',
      `${absolute} cannot be read, and may name what is to be deleted.`,
      {
        cause,
      },
    );
  }
}
