import type { ImageUse, MissingSwitch, SourceFile, SwitchPlace } from '../types.ts';
import { splitDocuments } from '../yaml/documents.ts';
import { Lines } from '../yaml/lines.ts';
import { readDocument } from '../yaml/read-document.ts';
import type { MapNode, MapPair, TreeNode } from '../yaml/tree.ts';
import { joinPath } from '../yaml/walk.ts';
import { rootOfValues } from './chart-registry.ts';

const path = ['global', 'security', 'allowInsecureImages'] as const;

/**
 * Where the values around an image say `global.security.allowInsecureImages: false`, which charts of Bitnami ask before
 * they take an image of another name, or where they lack it. The outermost values count, as Helm hands `global` down.
 * `allowed` where they say `true`. Null where it is neither plainly, or stands in text or behind an alias.
 */
export function findChartSwitch(file: SourceFile, use: ImageUse): SwitchPlace | 'allowed' | null {
  const part = splitDocuments(file.text)[use.document];
  if (part === undefined) return null;
  const { root, problem } = readDocument(part);
  if (problem !== null) return null;
  let at: TreeNode | null = root;
  for (const key of use.field.split(/[.[\]]+/)) {
    const found = findBelow(at);
    if (found !== null) {
      if (found.kind === 'scalar' && found.value === 'true') return 'allowed';
      if (found.kind !== 'scalar' || found.style !== 'plain' || found.value !== 'false') return null;
      const { line } = new Lines(file.text).at(found.start);
      return { document: use.document, range: [found.start, found.end], written: found.value, line };
    }
    at = stepInto(at, key);
  }
  return findMissing(root, use);
}

/** The map of the outermost values that lacks the first of the keys. */
function findMissing(root: TreeNode | null, use: ImageUse): MissingSwitch | null {
  const values = rootOfValues(use);
  if (values === null) return null;
  let map = values;
  let at = values.split(/[.[\]]+/).reduce((node, key) => (key === '' ? node : stepInto(node, key)), root);
  for (const [index, key] of path.entries()) {
    // Beside the keys of a map there is a place for another one.
    if (at?.kind !== 'map' || at.pairs.length === 0 || at.merged.length > 0) return null;
    if (pairsOf(at, key).length === 0) return { document: use.document, map, keys: path.slice(index) };
    at = stepInto(at, key);
    map = joinPath(map, key);
  }
  return null;
}

function findBelow(map: TreeNode | null): TreeNode | null {
  return path.reduce(stepInto, map);
}

/** Only what is written once, here. */
function stepInto(node: TreeNode | null, key: string): TreeNode | null {
  if (node?.kind === 'list') return node.items[Number(key)]?.value ?? null;
  if (node?.kind !== 'map') return null;
  const [pair, second] = pairsOf(node, key);
  return pair === undefined || second !== undefined || pair.alias ? null : pair.value;
}

function pairsOf(map: MapNode, key: string): readonly MapPair[] {
  return map.pairs.filter((pair) => pair.key === key);
}
