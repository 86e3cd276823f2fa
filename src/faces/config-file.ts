import { readFile, stat } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { type ConfigFile, configFileNames } from '../config/index.ts';
import { HoldfastError } from '../error.ts';

/**
 * The configuration file of a run: the one that was named, else the nearest from `cwd` up to the root of its
 * checkout; null when there is none. Folders that are merely scanned have no say in where credentials go.
 */
export async function readConfigSource(cwd: string, named: string | null): Promise<ConfigFile | null> {
  if (named !== null) {
    const path = resolve(cwd, named);
    const text = await readIfThere(path);
    if (text === null) throw new HoldfastError('usage', `--config: there is no file at ${named}`);
    return { path: named, text };
  }
  for (const folder of await listFolders(cwd))
    for (const name of configFileNames) {
      const text = await readIfThere(join(folder, name));
      if (text !== null) return { path: join(folder, name), text };
    }
  return null;
}

/** `cwd` and what is above it in the same checkout. */
async function listFolders(cwd: string): Promise<readonly string[]> {
  const folders: string[] = [];
  for (let folder = cwd; ; folder = dirname(folder)) {
    folders.push(folder);
    if (await exists(join(folder, '.git'))) return folders;
    if (folder === dirname(folder)) return [cwd];
  }
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}

async function readIfThere(path: string): Promise<string | null> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') return null;
    throw new HoldfastError('config', `${path}: it cannot be read (${code}); check its permissions`, {
      cause: error,
    });
  }
}
