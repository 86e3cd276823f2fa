import type { SourceFile } from '../types.ts';
import { getItems, getText, getValue, type TreeNode } from '../yaml/tree.ts';
import type { Delivery } from './delivery.ts';
import { folderOf, isKustomizationPath } from './kustomization.ts';
import { findPaths } from './tree-paths.ts';

/**
 * Deliveries with the folders of the tree that they name. A path that templates make names every kustomization that it
 * may mean; of one that says nothing of its own, what it decides is not followed.
 */
export function placeDeliveries(
  deliveries: readonly Delivery[],
  files: readonly SourceFile[],
): readonly Delivery[] {
  const filledIn = deliveries.some(({ folders }) => folders.some(isFilledIn));
  if (!filledIn) return deliveries;
  const built = new Set(files.flatMap(({ path }) => (isKustomizationPath(path) ? folderOf(path) : [])));
  return deliveries.map((delivery): Delivery => {
    const known = delivery.folders.flatMap((folder) =>
      isFilledIn(folder) ? findPaths(folder, '', built) : [folder],
    );
    if (delivery.folders.every(saysWords)) return { ...delivery, folders: [...new Set(known)] };
    const { overlay, guards } = delivery;
    return { ...delivery, folders: [...built], guards: [...guards, ...overlay], loose: true };
  });
}

function isFilledIn(path: string): boolean {
  return /\{\{|\$\{|\*/.test(path);
}

/** False for what templates alone make. */
export function saysWords(path: string): boolean {
  const rest = path.replaceAll(/\{\{.*?\}\}|\$\{.*?\}/g, '');
  return rest === path || /\w/.test(rest);
}

/** The folders that the `git` generators of an ApplicationSet list. */
export function listGeneratedFolders(node: TreeNode | null): readonly string[] {
  return getItems(node, 'generators').flatMap((generator): readonly string[] => {
    const nested = ['matrix', 'merge'].flatMap((key) => listGeneratedFolders(getValue(generator, key)));
    const own = getItems(generator, 'git', 'directories').flatMap((item) =>
      getText(item, 'exclude') === 'true' ? [] : (getText(item, 'path') ?? []),
    );
    return [...own, ...nested];
  });
}
