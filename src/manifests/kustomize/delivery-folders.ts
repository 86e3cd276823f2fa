import { findPaths, folderOf } from '../tree-paths.ts';
import type { SourceFile } from '../types.ts';
import { getItems, getText, getValue, type TreeNode } from '../yaml/tree.ts';
import type { Delivery } from './delivery.ts';
import { isKustomizationPath } from './kustomization.ts';

/**
 * Deliveries with the folders of the tree that they name. A path that templates make names every kustomization that it
 * may mean. Where it says nothing of its own, or begins at a folder that nobody names here (an artifact made of a part
 * of the tree), what it decides of the images there is not followed.
 */
export function placeDeliveries(
  deliveries: readonly Delivery[],
  files: readonly SourceFile[],
): readonly Delivery[] {
  if (deliveries.every(({ folders }) => folders.length === 0)) return deliveries;
  const built = new Set(files.flatMap(({ path }) => (isKustomizationPath(path) ? folderOf(path) : [])));
  const all = listFolders(files);

  function place(path: string, delivery: Delivery): readonly string[] {
    if (all.has(path)) return [path];
    const found = findPaths(path, folderOf(delivery.file), isFilledIn(path) ? built : all);
    return isFilledIn(path) ? found : found.slice(0, 1);
  }

  return deliveries.map((delivery): Delivery => {
    const { folders, left, overlay, guards } = delivery;
    const excluded = new Set(left.flatMap((path) => place(path, delivery)));
    const known = new Set(folders.filter(saysWords).flatMap((path) => place(path, delivery)));
    if (known.size > 0 || folders.length === 0)
      return { ...delivery, folders: [...known].filter((folder) => !excluded.has(folder)) };
    const may = folders.flatMap((path) =>
      [...built].filter((each) => !saysWords(path) || each.endsWith(`/${path}`)),
    );
    return { ...delivery, folders: may, guards: [...guards, ...overlay], loose: true };
  });
}

/** All that hold a file at some depth. */
function listFolders(files: readonly SourceFile[]): ReadonlySet<string> {
  const found = new Set(['']);
  for (const { path } of files)
    for (let at = folderOf(path); !found.has(at); at = folderOf(at)) found.add(at);
  return found;
}

function isFilledIn(path: string): boolean {
  return /\{\{|\$\{|\*/.test(path);
}

/** False for what templates alone make. */
export function saysWords(path: string): boolean {
  const rest = path.replaceAll(/\{\{.*?\}\}|\$\{.*?\}/g, '');
  return rest === path || /\w/.test(rest);
}

/** The folders that the `git` generators of an ApplicationSet list, or those that they leave out. */
export function listGeneratedFolders(node: TreeNode | null, excluded: boolean): readonly string[] {
  return getItems(node, 'generators').flatMap((generator): readonly string[] => {
    const nested = ['matrix', 'merge'].flatMap((key) =>
      listGeneratedFolders(getValue(generator, key), excluded),
    );
    const own = getItems(generator, 'git', 'directories').flatMap((item) =>
      (getText(item, 'exclude') === 'true') === excluded ? (getText(item, 'path') ?? []) : [],
    );
    return [...own, ...nested];
  });
}
