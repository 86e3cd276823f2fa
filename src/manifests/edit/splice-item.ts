import { isMap, isScalar, isSeq, type Node, type Pair, visit, type YAMLMap, type YAMLSeq } from 'yaml';
import { applySplices, orderSplices, refuse, type Spliced } from './splice.ts';
import {
  type FlowStyle,
  type Fragment,
  flowStyleOf,
  formatBlockItem,
  formatFlow,
  type ListStyle,
} from './splice-fragment.ts';
import { columnOf, endOfNode, insertLinesAfter, keyText, lineEndNear } from './splice-layout.ts';
import { replaceScalar } from './splice-scalar.ts';

/**
 * Adds items to the end of a list, written as its last item is: dash column, quotes, flow or block. `around` is the
 * style of the map that holds the list, for a list that has no item to copy.
 */
export function appendItems(
  source: string,
  list: YAMLSeq<Node | null>,
  items: readonly Fragment[],
  around: FlowStyle,
): Spliced {
  const last = list.items.at(-1);
  if (list.flow === true) return appendFlow(source, list, last ?? null, items, around);
  const dash = dashOf(source, list);
  if (!dash) return refuse(list.range?.[0] ?? 0, 'the list has no item that tells how it is indented');
  const lines = items.flatMap((item) => {
    const copy = last ? copyItem(source, last, item) : null;
    if (copy === null) return formatBlockItem(item, dash.column, { indent: 2, gap: dash.gap });
    return [`${' '.repeat(dash.column)}-${dash.gap}${copy}`];
  });
  return { ok: true, splices: [insertLinesAfter(source, last, dash.at + 1, lines)] };
}

function appendFlow(
  source: string,
  list: YAMLSeq<Node | null>,
  last: Node | null,
  items: readonly Fragment[],
  around: FlowStyle,
): Spliced {
  const [start, end] = list.range ?? [0, 0];
  const style = isMap<Node, Node | null>(last) ? flowStyleOf(source, last, last.items[0] ?? null) : around;
  const texts = items.map((item) => (last && copyItem(source, last, item)) ?? formatFlow(item, style));
  if (!last?.range) {
    if (source[end - 1] !== ']') return refuse(start, 'the list has no end');
    const blank = source.slice(start + 1, end - 1).trim() === '';
    return {
      ok: true,
      splices: [{ start: blank ? start + 1 : end - 1, end: end - 1, text: texts.join(`,${style.gap}`) }],
    };
  }
  const gap = gapBefore(source, start, last.range[0], style);
  const at = endOfNode(last, last.range[1]);
  return {
    ok: true,
    splices: [{ start: at, end: at, text: texts.map((text) => `,${gap}${text}`).join('') }],
  };
}

/** The white space before the last item, so that the new one stands below or beside it as it does. */
function gapBefore(source: string, start: number, item: number, style: FlowStyle): string {
  let at = item;
  while (at > start + 1 && /\s/.test(source[at - 1] ?? '')) at--;
  const gap = source.slice(at, item);
  if (gap.includes('\n')) return lineEndNear(source, at) + gap.slice(gap.lastIndexOf('\n') + 1);
  return source[at - 1] === ',' ? gap : style.gap;
}

/** Where the dash of the last item stands. Null for a flow list and one that cannot be read. */
export function dashOf(
  source: string,
  list: YAMLSeq,
): { readonly at: number; readonly column: number; readonly gap: string } | null {
  const token = list.srcToken;
  if (token?.type !== 'block-seq') return null;
  const start = token.items.findLast((item) =>
    item.start.some((part) => part.type === 'seq-item-ind'),
  )?.start;
  const dash = start?.find((part) => part.type === 'seq-item-ind');
  if (!dash) return null;
  const gap = /^ +(?=[^ \r\n#])/.exec(source.slice(dash.offset + 1, dash.offset + 32))?.[0] ?? ' ';
  return { at: dash.offset, column: columnOf(source, dash.offset), gap };
}

/** The style of a pair's list, else of the first block list in its map, else dashes two columns in. */
export function listStyleOf(
  source: string,
  map: YAMLMap<Node, Node | null>,
  near: Pair<Node, Node | null>,
): ListStyle {
  let style: ListStyle | undefined;
  const look = ({ key, value }: Pair<Node, Node | null>) => {
    const dash = isSeq(value) ? dashOf(source, value) : null;
    if (!dash || !key.range) return undefined;
    style = { indent: Math.max(0, dash.column - columnOf(source, key.range[0])), gap: dash.gap };
    return visit.BREAK;
  };
  look(near);
  if (!style) visit(map, { Pair: (_key, pair) => look(pair as Pair<Node, Node | null>) });
  return style ?? { indent: 2, gap: ' ' };
}

/** The text of an item with the values of another. Null where the other has other keys, or the text says more. */
function copyItem(source: string, item: Node, fragment: Fragment): string | null {
  const [start, end] = [item.range?.[0] ?? 0, endOfNode(item, item.range?.[1] ?? 0)];
  if (source.slice(start, end).includes('#')) return null;
  const wanted = isMap<Node, Node | null>(item) ? valuesOf(item, fragment) : [[item, fragment] as const];
  if (!wanted) return null;
  const splices = [];
  for (const [node, text] of wanted) {
    if (!isScalar(node) || typeof node.value !== 'string' || !node.range || typeof text !== 'string')
      return null;
    if (node.anchor !== undefined || node.tag !== undefined) return null;
    const replaced = replaceScalar(source, [node.range[0], node.range[1]], node.value, text);
    if (!replaced.ok) return null;
    splices.push(...replaced.splices.map((s) => ({ ...s, start: s.start - start, end: s.end - start })));
  }
  const ordered = orderSplices(splices);
  return Array.isArray(ordered) ? applySplices(source.slice(start, end), ordered) : null;
}

function valuesOf(item: YAMLMap<Node, Node | null>, fragment: Fragment): [Node | null, Fragment][] | null {
  if (typeof fragment === 'string' || Array.isArray(fragment) || item.anchor !== undefined) return null;
  const record = fragment as { readonly [key: string]: Fragment };
  if (item.items.length !== Object.keys(record).length) return null;
  const values: [Node | null, Fragment][] = [];
  for (const { key, value } of item.items) {
    const name = keyText(key);
    const text = name === null ? undefined : record[name];
    if (text === undefined || (key as { anchor?: string }).anchor !== undefined) return null;
    values.push([value, text]);
  }
  return values;
}
