import { type Document, isAlias, isMap, isScalar, isSeq, type Node } from 'yaml';
import type { ListNode, MapNode, MapPair, ScalarNode, TreeNode } from './tree.ts';

export interface YamlTree {
  readonly root: TreeNode | null;
  /** Some node stands at more than one place. */
  readonly aliased: boolean;
  /** The first alias that names no anchor before it. */
  readonly lost?: { readonly offset: number; readonly name: string };
}

/**
 * The tree of a document that the `yaml` package has parsed. `toFile` turns an offset of the parsed text into one
 * of the file. An alias that stands inside its own anchor reads as nothing.
 */
export function readYaml(document: Document.Parsed, toFile: (offset: number) => number): YamlTree {
  const anchors = new Map<string, TreeNode>();
  const opened = new Set<string>();
  let aliased = false;
  let lost: YamlTree['lost'];

  function read(node: Node | null | undefined): TreeNode | null {
    if (!node) return null;
    if (isAlias(node)) {
      aliased = true;
      if (!opened.has(node.source)) lost ??= { offset: toFile(node.range?.[0] ?? 0), name: node.source };
      return anchors.get(node.source) ?? null;
    }
    const { anchor } = node as { anchor?: string };
    if (anchor !== undefined) opened.add(anchor);
    const made = isMap(node) ? readMap(node) : isSeq(node) ? readList(node) : readScalar(node);
    if (anchor !== undefined && made) anchors.set(anchor, made);
    return made;
  }

  function place(node: Node): { start: number; end: number } {
    const [start, end] = node.range ?? [0, 0, 0];
    return { start: toFile(start), end: toFile(end) };
  }

  function readScalar(node: Node): ScalarNode | null {
    // Nothing written is no value: `image:` alone.
    if (!isScalar(node) || (node.type === 'PLAIN' && node.range?.[0] === node.range?.[1])) return null;
    const style =
      node.type === 'PLAIN' ? 'plain' : node.type?.startsWith('QUOTE') === true ? 'quoted' : 'block';
    return {
      kind: 'scalar',
      ...place(node),
      style: node.type === undefined ? 'plain' : style,
      value: typeof node.value === 'string' ? node.value : '',
    };
  }

  function readMap(node: Node): MapNode {
    const pairs: MapPair[] = [];
    const sources: MapNode[] = [];
    for (const { key, value } of isMap<Node | null, Node | null>(node) ? node.items : []) {
      const at = key?.range ? toFile(key.range[0]) : 0;
      // A key is read first: an anchor on it may be the alias in its value.
      const name = read(key);
      const made = read(value);
      const text = name?.kind === 'scalar' ? name.value : '';
      if (isScalar(key) && isMergeKey(key.value)) sources.push(...mapsOf(made));
      else pairs.push({ key: text, at, value: made, alias: isAlias(value) });
    }
    return { kind: 'map', ...place(node), pairs, merged: mergePairs(pairs, sources) };
  }

  function readList(node: Node): ListNode {
    const items = isSeq<Node | null>(node) ? node.items : [];
    return {
      kind: 'list',
      ...place(node),
      items: items.map((item) => ({ value: read(item), alias: isAlias(item) })),
    };
  }

  const root = read(document.contents);
  return { root, aliased, ...(lost && { lost }) };
}

/** Own pairs win over merged ones, and an earlier map over a later one (yaml.org/type/merge). */
function mergePairs(own: readonly MapPair[], sources: readonly MapNode[]): MapPair[] {
  const known = new Set(own.map(({ key }) => key));
  const merged: MapPair[] = [];
  for (const source of sources) {
    // Of a key that is written twice in the source, the last one counts.
    for (const pair of [...source.pairs, ...source.merged].toReversed()) {
      if (known.has(pair.key)) continue;
      known.add(pair.key);
      merged.push(pair);
    }
  }
  return merged;
}

/** The merge tag of `yaml` gives an unquoted `<<` a symbol for a value. */
function isMergeKey(value: unknown): boolean {
  return typeof value === 'symbol' && value.description === '<<';
}

function mapsOf(node: TreeNode | null): MapNode[] {
  if (node?.kind === 'map') return [node];
  if (node?.kind === 'list') return node.items.flatMap((item) => mapsOf(item.value));
  return [];
}
