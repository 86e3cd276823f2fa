import { lstatSync } from 'node:fs';
import type { Listing } from './list-tree.ts';

/** Drops paths that lead through a symbolic link: git goes on listing what was in a folder that became one. */
export function leaveLinks(folder: string, paths: readonly string[]): Listing {
  const linked = new Map<string, boolean>([['', false]]);
  const symlinks: string[] = [];

  function isLinked(path: string): boolean {
    const known = linked.get(path);
    if (known !== undefined) return known;
    const above = isLinked(folderOf(path));
    const link =
      !above && lstatSync(`${folder}/${path}`, { throwIfNoEntry: false })?.isSymbolicLink() === true;
    if (link) symlinks.push(path);
    linked.set(path, above || link);
    return above || link;
  }

  return { files: paths.filter((path) => !isLinked(folderOf(path))), symlinks, unreadable: [] };
}

function folderOf(path: string): string {
  return path.slice(0, Math.max(0, path.lastIndexOf('/')));
}
