import { type FoundImage, partsOf } from './found-image.ts';
import { hasKey, type TreeNode } from './yaml/tree.ts';
import { joinPath } from './yaml/walk.ts';

const mostSteps = 200_000;

/** Top-level keys of Kubernetes' own kinds that hold more than a word. */
const ofObjects: ReadonlySet<string> = new Set(
  (
    'metadata spec status items template data stringData binaryData parameters webhooks rules subjects roleRef ' +
    'secrets imagePullSecrets endpoints subsets ports request response scheduling'
  ).split(' '),
);

/**
 * The scalars that name an image and are also the value of something else: an anchor whose alias stands at another
 * key, or the other way round. To edit one would change the other. Where a top-level key that Kubernetes ignores
 * (`x-…`, or of an object any that no kind has) merely holds the anchor, nothing else changes.
 */
export function findSharedAnchors(
  root: TreeNode | null,
  found: readonly FoundImage[],
): ReadonlySet<TreeNode> {
  const shared = new Set<TreeNode>();
  const images = new Set(found.flatMap(({ node, split }) => (split ? [] : (node ?? []))));
  const fields = new Set(found.flatMap(({ field, split }) => (split ? [] : field)));
  for (const image of found) {
    for (const { key, node } of partsOf(image)) {
      if (node) images.add(node);
      fields.add(joinPath(image.split?.map ?? '', key));
    }
  }
  if (images.size === 0) return shared;
  const keys = new Set([...fields].map(lastKey));
  const isObject = hasKey(root, 'apiVersion') && hasKey(root, 'kind');
  const isDefinition = (path: string): boolean =>
    path.startsWith('x-') ||
    // A value to fill in elsewhere would stand under another key: what is called an image here is one there, too.
    (isObject && !ofObjects.has(/^[^.[]*/.exec(path)?.[0] ?? '') && keys.has(lastKey(path)));
  let steps = mostSteps;
  const open = new Set<TreeNode>();

  function visit(node: TreeNode | null, path: string): void {
    if (!node || open.has(node)) return;
    if (steps-- <= 0) {
      for (const image of images) shared.add(image);
      return;
    }
    if (images.has(node) && !fields.has(path) && !isDefinition(path)) shared.add(node);
    open.add(node);
    if (node.kind === 'list') {
      node.items.forEach(({ value }, index) => visit(value, `${path}[${index}]`));
    } else if (node.kind === 'map') {
      for (const { key, value } of [...node.pairs, ...node.merged]) visit(value, joinPath(path, key));
    }
    open.delete(node);
  }

  visit(root, '');
  return shared;
}

function lastKey(path: string): string {
  return path.slice(path.lastIndexOf('.') + 1);
}
