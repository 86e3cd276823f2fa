import { randomBytes } from 'node:crypto';
import { constants } from 'node:fs';
import { type FileHandle, link, open, realpath, rename, unlink } from 'node:fs/promises';
import { basename, dirname, join, relative } from 'node:path';

/** What a file shall hold, and what it held when that was decided. */
export interface FileChange {
  /** Relative to the root, with `/`. */
  readonly path: string;
  /** Null for a file that must not be there yet. */
  readonly before: string | null;
  readonly after: string;
}

/** `conflict`: the file is no longer what was read, and was left so. `failed`: the disk refused; it is unchanged. */
export type WriteResult =
  | { readonly path: string; readonly status: 'written' }
  | { readonly path: string; readonly status: 'conflict' | 'failed'; readonly message: string };

/**
 * Replaces files one by one, each whole or not at all: a new file beside the old one, renamed over it when the old
 * one still has the bytes that were read. Keeps the mode, goes through no symlink, leaves no temporary file.
 */
export async function writeManifests(root: string, changes: readonly FileChange[]): Promise<WriteResult[]> {
  const results: WriteResult[] = [];
  for (const change of changes) {
    try {
      const problem = await replaceFile(root, change);
      const { path } = change;
      results.push(
        problem === null ? { path, status: 'written' } : { path, status: 'conflict', message: problem },
      );
    } catch (error) {
      results.push({ path: change.path, status: 'failed', message: explain(error) });
    }
  }
  return results;
}

/** Null when done; else what stands against it. */
async function replaceFile(root: string, { path, before, after }: FileChange): Promise<string | null> {
  if (relative(root, join(root, path)).startsWith('..'))
    return 'The file is outside of the folder; it was left as it is.';
  const folder = dirname(join(root, path));
  if ((await realpath(folder)) !== dirname(join(await realpath(root), path))) {
    return 'A folder on the way to the file is a symbolic link; name the real path.';
  }
  const target = join(folder, basename(path));
  if (before === null) return createFile(target, after);
  const old = await open(target, constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0));
  try {
    const expected = Buffer.from(before);
    if (!expected.equals(await old.readFile())) return changed;
    const { mode } = await old.stat();
    const temporary = temporaryBeside(target);
    try {
      await writeNew(temporary, after, mode & 0o7777);
      if (!(await stillHolds(target, expected))) {
        await unlink(temporary);
        return changed;
      }
      await rename(temporary, target);
    } catch (error) {
      await unlink(temporary).catch(() => undefined);
      throw error;
    }
    return null;
  } finally {
    await old.close();
  }
}

async function createFile(target: string, text: string): Promise<string | null> {
  const temporary = temporaryBeside(target);
  try {
    await writeNew(temporary, text, 0o644);
    // Unlike a rename, a link never replaces what another program has put there meanwhile.
    await link(temporary, target);
    return null;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return changed;
    throw error;
  } finally {
    await unlink(temporary).catch(() => undefined);
  }
}

function temporaryBeside(target: string): string {
  return join(dirname(target), `.holdfast-${randomBytes(6).toString('hex')}.tmp`);
}

const changed = 'The file changed while holdfast worked; it was left as it is. Run again.';

async function writeNew(path: string, text: string, mode: number): Promise<void> {
  const file = await open(path, 'wx', mode);
  try {
    await file.writeFile(text);
    // The mode that `open` was given is cut by the umask.
    await file.chmod(mode);
    await file.sync();
  } finally {
    await file.close();
  }
}

/** Read again by name: another program may have renamed a new file over the one that is open. */
async function stillHolds(path: string, expected: Buffer): Promise<boolean> {
  let file: FileHandle | undefined;
  try {
    file = await open(path, constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0));
    return expected.equals(await file.readFile());
  } finally {
    await file?.close();
  }
}

function explain(error: unknown): string {
  const code = (error as NodeJS.ErrnoException).code;
  if (code === 'ENOSPC' || code === 'EDQUOT') return 'The disk is full; free some space and run again.';
  if (code === 'ELOOP')
    return 'The file is a symbolic link, which is not written through; name the real file.';
  if (code === 'ENOENT') return 'The file is gone; run again.';
  if (code === 'EACCES' || code === 'EPERM' || code === 'EROFS')
    return 'The file or its folder cannot be written; check its permissions.';
  return `The file could not be written (${code ?? String(error)}).`;
}
