import { type Document, isAlias, isMap, isSeq, type Node, type Pair, type YAMLMap } from 'yaml';
import { joinPath } from '../yaml/walk.ts';
import { isMergeKey, keyText } from './splice-layout.ts';

/** A node found by its field path; `shared` when an alias or a merge key is on the way, so that it has other users. */
export interface Located {
  readonly node: Node;
  readonly shared: boolean;
}

/** The node at a field path as `ImageUse.field` spells it. Null where there is none. */
export function locateNode(document: Document.Parsed, path: string): Located | null {
  return descend(document, document.contents, '', path, false, 0);
}

function descend(
  document: Document.Parsed,
  from: Node | null | undefined,
  here: string,
  path: string,
  shared: boolean,
  depth: number,
): Located | null {
  if (isAlias(from)) {
    if (depth > 200) return null;
    return descend(document, from.resolve(document), here, path, true, depth + 1);
  }
  if (!from) return null;
  if (here === path) return { node: from, shared };
  if (isSeq<Node | null>(from)) {
    const index = /^\[(\d+)\]/.exec(path.slice(here.length))?.[1];
    if (index === undefined) return null;
    return descend(document, from.items[Number(index)], `${here}[${index}]`, path, shared, depth + 1);
  }
  if (!isMap<Node, Node | null>(from)) return null;
  // Of duplicate keys the last counts, and own keys win over merged ones.
  for (const pair of from.items.toReversed()) {
    const key = keyText(pair.key);
    if (key === null || isMergeKey(pair.key)) continue;
    const next = joinPath(here, key);
    if (!leadsTo(next, path)) continue;
    const found = descend(document, pair.value, next, path, shared, depth + 1);
    if (found) return found;
  }
  for (const map of mergedMaps(document, from)) {
    const found = descend(document, map, here, path, true, depth + 1);
    if (found) return found;
  }
  return null;
}

/** The maps that `<<` brings in, first one first. */
export function mergedMaps(
  document: Document.Parsed,
  map: YAMLMap<Node, Node | null>,
): YAMLMap<Node, Node | null>[] {
  const resolve = (node: Node | null | undefined): YAMLMap<Node, Node | null>[] => {
    const real = isAlias(node) ? node.resolve(document) : node;
    if (isMap<Node, Node | null>(real)) return [real];
    return isSeq<Node | null>(real) ? real.items.flatMap(resolve) : [];
  };
  return map.items.filter((pair) => isMergeKey(pair.key)).flatMap((pair) => resolve(pair.value));
}

/** The pairs of a map with this key, the last one counts. */
export function pairsOf(map: YAMLMap<Node, Node | null>, key: string): Pair<Node, Node | null>[] {
  return map.items.filter((pair) => keyText(pair.key) === key && !isMergeKey(pair.key));
}

function leadsTo(path: string, target: string): boolean {
  return target === path || target.startsWith(`${path}.`) || target.startsWith(`${path}[`);
}
