import {
  type Document,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  type Node,
  type Pair,
  visit,
  type YAMLMap,
  type YAMLSeq,
} from 'yaml';
import { refuse, type Splice, type Spliced } from './splice.ts';
import { flowStyleOf, formatBlockPair, formatFlow } from './splice-fragment.ts';
import { appendItems, listStyleOf } from './splice-item.ts';
import { insertKey, type KeyPlace } from './splice-key.ts';
import { columnOf, insertLinesAfter, isMergeKey, keyText } from './splice-layout.ts';
import { mergedMaps, pairsOf } from './splice-locate.ts';

/** What a map's `imagePullSecrets` gains, and how. */
export interface PullSecretEdit {
  readonly ok: true;
  readonly splices: readonly Splice[];
  /** The map that gets the key, or the list or empty value that is there. */
  readonly target: Node;
  /** The key is new. */
  readonly created: boolean;
  /** Items that the list had. */
  readonly had: number;
  readonly gained: readonly string[];
  /** The list is one of names, not of maps with a name, as some Helm charts have it. */
  readonly plain: boolean;
}

const key = 'imagePullSecrets';
/** Beside which keys people look for pull secrets in a pod spec, best first. */
const neighbours = ['containers', 'initContainers', 'ephemeralContainers', 'volumes'];

/**
 * Appends names to the `imagePullSecrets` of a map (a pod spec, a ServiceAccount), each only where it is missing, in
 * order. What is there stays. Null when nothing is missing. An alias is followed to its anchor, when all users of
 * the anchor are pull secrets.
 */
export function appendPullSecrets(
  source: string,
  document: Document.Parsed,
  map: YAMLMap<Node, Node | null>,
  names: readonly string[],
): PullSecretEdit | Extract<Spliced, { ok: false }> | null {
  const at = map.range?.[0] ?? 0;
  const pairs = pairsOf(map, key);
  const [pair] = pairs;
  if (pairs.length > 1) return refuse(pair?.key.range?.[0] ?? at, `${key} is written twice`);
  if (!pair) {
    const merged = mergedList(document, map);
    const gained = missing(names, merged ? namesOf(document, merged) : []);
    if (gained.length === 0) return null;
    if (merged)
      return refuse(at, `${key} comes from a merge key (<<); write the list out here, or add to it there`);
    return finish(insertNew(source, map, gained), map, true, 0, gained);
  }
  const value = isAlias(pair.value) ? (pair.value.resolve(document) ?? null) : pair.value;
  const gained = missing(names, namesOf(document, value));
  if (gained.length === 0) return null;
  const anchor = value?.anchor;
  if (anchor !== undefined && !isSharedByPullSecrets(document, anchor))
    return refuse(value?.range?.[0] ?? at, `&${anchor} is used for more than ${key}`);
  if (isSeq<Node | null>(value)) {
    const plain = value.items.length > 0 && value.items.every((item) => isScalar(item));
    const items = plain ? gained : toItems(gained);
    const spliced = appendItems(source, value, items, flowStyleOf(source, map, pair));
    return finish(spliced, value, false, value.items.length, gained, plain);
  }
  return finish(fillEmpty(source, map, pair, value, gained), value ?? map, false, 0, gained);
}

function finish(
  spliced: Spliced,
  target: Node,
  created: boolean,
  had: number,
  gained: readonly string[],
  plain = false,
) {
  return spliced.ok
    ? { ok: true as const, splices: spliced.splices, target, created, had, gained, plain }
    : spliced;
}

function insertNew(source: string, map: YAMLMap<Node, Node | null>, names: readonly string[]): Spliced {
  const beside = neighbours.flatMap((name) => pairsOf(map, name).slice(0, 1))[0];
  const last = map.items.at(-1);
  const place: KeyPlace | null = beside ? { before: beside } : last ? { after: last } : null;
  if (!place || map.items.every((pair) => isMergeKey(pair.key)))
    return refuse(map.range?.[0] ?? 0, `the map has no key of its own beside which ${key} could stand`);
  return insertKey(source, map, place, key, toItems(names));
}

/** `imagePullSecrets:` with nothing, `null` or `~` for a value. */
function fillEmpty(
  source: string,
  map: YAMLMap<Node, Node | null>,
  pair: Pair<Node, Node | null>,
  value: Node | null,
  names: readonly string[],
): Spliced {
  const at = pair.key.range?.[0] ?? 0;
  if (!isScalar(value) || !value.range || value.tag !== undefined || value.anchor !== undefined)
    return refuse(at, `${key} is not a list`);
  const [start, end] = value.range;
  const flow = formatFlow(toItems(names), flowStyleOf(source, map, pair));
  if (end > start) {
    if (!/^(?:~|null|Null|NULL)$/.test(source.slice(start, end))) return refuse(at, `${key} is not a list`);
    return { ok: true, splices: [{ start, end, text: flow }] };
  }
  if (map.flow === true) {
    const gap = source[start - 1] === ':' ? ' ' : '';
    return { ok: true, splices: [{ start, end, text: gap + flow }] };
  }
  const column = columnOf(source, at);
  const [, ...lines] = formatBlockPair(key, toItems(names), column, listStyleOf(source, map, pair));
  return { ok: true, splices: [insertLinesAfter(source, null, start, lines)] };
}

function toItems(names: readonly string[]): { readonly name: string }[] {
  return names.map((name) => ({ name }));
}

function missing(names: readonly string[], present: readonly string[]): string[] {
  return [...new Set(names)].filter((name) => !present.includes(name));
}

/** Names in a list, aliases resolved; items of another shape say none. */
function namesOf(document: Document.Parsed, list: Node | null): string[] {
  if (!isSeq<Node | null>(list)) return [];
  return list.items.flatMap((item) => {
    const real = isAlias(item) ? item.resolve(document) : item;
    const own = isMap<Node, Node | null>(real) ? pairsOf(real, 'name').at(-1)?.value : real;
    const name = isAlias(own) ? own.resolve(document) : own;
    return isScalar(name) && typeof name.value === 'string' ? [name.value] : [];
  });
}

function mergedList(document: Document.Parsed, map: YAMLMap<Node, Node | null>): YAMLSeq<Node | null> | null {
  for (const merged of mergedMaps(document, map)) {
    const value = pairsOf(merged, key).at(-1)?.value;
    const real = isAlias(value) ? value.resolve(document) : value;
    if (isSeq<Node | null>(real)) return real;
    const deeper = mergedList(document, merged);
    if (deeper) return deeper;
  }
  return null;
}

/** Whether the anchor and every alias of that name are values of `imagePullSecrets`. */
function isSharedByPullSecrets(document: Document.Parsed, anchor: string): boolean {
  let users = 0;
  let secrets = 0;
  visit(document, {
    Node(_key, node) {
      if (isAlias(node) ? node.source === anchor : node.anchor === anchor) users++;
    },
    Pair(_key, pair) {
      const value = pair.value as Node | null;
      const named = isAlias(value) ? value.source === anchor : value?.anchor === anchor;
      if (named && keyText(pair.key as Node) === key) secrets++;
    },
  });
  return users === secrets;
}
