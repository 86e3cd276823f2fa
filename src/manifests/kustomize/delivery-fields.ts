import type { UseContext } from '../image-use.ts';
import { resolveFromRoot } from '../tree-paths.ts';
import { getItems, getText, type TreeNode } from '../yaml/tree.ts';
import type { DeliveredComponent } from './delivery.ts';

/** What an object adds to the components of a kustomization. */
export function listComponents(map: TreeNode | null, { file, lines }: UseContext): DeliveredComponent[] {
  const optional = getText(map, 'ignoreMissingComponents') === 'true';
  return getItems(map, 'components').flatMap((node) =>
    node.kind === 'scalar'
      ? { path: node.value, place: { file: file.path, line: lines.at(node.start).line }, optional }
      : [],
  );
}

/** The folder of a `path`. */
export function foldersOf(source: TreeNode | null): string[] {
  const path = getText(source, 'path');
  const folder = path === null ? null : resolveFromRoot(path);
  return folder === null ? [] : [folder];
}
