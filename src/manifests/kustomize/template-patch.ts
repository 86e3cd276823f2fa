import { type InnerDocument, openInnerText } from '../inner-text.ts';
import type { ScalarNode, TreeNode } from '../yaml/tree.ts';
import { formatPath, walkMaps } from '../yaml/walk.ts';

/**
 * The `templatePatch` of an ApplicationSet as YAML; none where it is no YAML, even without the lines that are templates
 * alone (`{{- if .prod }}`).
 */
export function openTemplatePatch(source: string, node: ScalarNode): readonly InnerDocument[] {
  const whole = openInnerText(source, node);
  if (whole.length > 0) return whole;
  const blank = (line: string) => ' '.repeat(line.length);
  return openInnerText(source, node, (text) => text.replaceAll(/^[ \t]*\{\{.*\}\}[ \t]*$/gm, blank));
}

/** The items of all lists `kustomize.images`; both branches of an `if` may have one. */
export function listPatchedImages(
  root: TreeNode,
): readonly { readonly node: TreeNode; readonly field: string }[] {
  const found: { node: TreeNode; field: string }[] = [];
  walkMaps(root, (map, spot) => {
    if (spot.key !== 'kustomize') return;
    for (const { key, value } of map.pairs) {
      if (key !== 'images' || value?.kind !== 'list') continue;
      for (const [index, item] of value.items.entries())
        if (item.value) found.push({ node: item.value, field: `${formatPath(spot)}.images[${index}]` });
    }
  });
  return found;
}
