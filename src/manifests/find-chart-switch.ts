import { splitDocuments } from './documents.ts';
import { Lines } from './lines.ts';
import { readDocument } from './read-document.ts';
import type { MapNode, TreeNode } from './tree.ts';
import type { ImageUse, SourceFile, SwitchPlace } from './types.ts';

const path = ['global', 'security', 'allowInsecureImages'] as const;

/**
 * Where the values around an image say `global.security.allowInsecureImages: false`, which charts of Bitnami ask before
 * they take an image of another name. The outermost values count, as Helm hands `global` down. Null where it is not
 * said, is not plainly `false`, or stands in text or behind an alias.
 */
export function findChartSwitch(file: SourceFile, use: ImageUse): SwitchPlace | null {
  const part = splitDocuments(file.text)[use.document];
  if (part === undefined) return null;
  const { root, problem } = readDocument(part);
  if (problem !== null) return null;
  let at: TreeNode | null = root;
  for (const key of use.field.split(/[.[\]]+/)) {
    const found = findBelow(at);
    if (found !== null) {
      if (found.kind !== 'scalar' || found.style !== 'plain' || found.value !== 'false') return null;
      const { line } = new Lines(file.text).at(found.start);
      return { document: use.document, range: [found.start, found.end], written: found.value, line };
    }
    at = at?.kind === 'list' ? (at.items[Number(key)]?.value ?? null) : stepInto(at, key);
  }
  return null;
}

function findBelow(map: TreeNode | null): TreeNode | null {
  let at: TreeNode | null = map;
  for (const key of path) at = stepInto(at, key);
  return at;
}

/** Only what is written once, here. */
function stepInto(node: TreeNode | null, key: string): TreeNode | null {
  if (node?.kind !== 'map') return null;
  const [pair, second] = pairsOf(node, key);
  return pair === undefined || second !== undefined || pair.alias ? null : pair.value;
}

function pairsOf(map: MapNode, key: string) {
  return map.pairs.filter((pair) => pair.key === key);
}
