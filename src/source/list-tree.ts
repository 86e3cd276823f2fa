import { type Dirent, existsSync, readdirSync, statSync } from 'node:fs';
import { isForeignFolder, isManifestName } from './manifest-name.ts';

/** What a folder holds: paths relative to it, with `/`. */
export interface Listing {
  readonly files: readonly string[];
  readonly symlinks: readonly string[];
  /** Folders that could not be listed, and why. */
  readonly unreadable: readonly { readonly path: string; readonly message: string }[];
}

/** Every manifest below a folder. Follows no symlink; enters no foreign folder and no other checkout. */
export function listTree(folder: string, signal?: AbortSignal): Listing {
  const files: string[] = [];
  const symlinks: string[] = [];
  const unreadable: { path: string; message: string }[] = [];

  function list(path: string): void {
    signal?.throwIfAborted();
    let entries: Dirent[];
    try {
      entries = readdirSync(path === '' ? folder : `${folder}/${path}`, { withFileTypes: true });
    } catch (error) {
      unreadable.push({ path, message: error instanceof Error ? error.message : String(error) });
      return;
    }
    // A checkout inside another one is somebody else's: a submodule, a clone.
    if (path !== '' && entries.some((entry) => entry.name === '.git')) return;
    for (const entry of entries) {
      const below = path === '' ? entry.name : `${path}/${entry.name}`;
      if (entry.isDirectory()) {
        if (!isForeignFolder(entry.name)) list(below);
      } else if (entry.isFile()) {
        if (isManifestName(below)) files.push(below);
      } else if (entry.isSymbolicLink() && (isManifestName(entry.name) || isFolder(`${folder}/${below}`))) {
        symlinks.push(below);
      }
    }
  }

  list('');
  return { files, symlinks, unreadable };
}

export function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
}

/** The nearest folder, from this one up, for which `name` exists in it. */
export function findAbove(folder: string, name: string, parent: (path: string) => string): string | null {
  for (let at = folder; ; at = parent(at)) {
    if (existsSync(`${at}/${name}`)) return at;
    if (parent(at) === at) return null;
  }
}
