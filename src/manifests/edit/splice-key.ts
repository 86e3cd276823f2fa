import type { Node, Pair, YAMLMap } from 'yaml';
import { refuse, type Spliced } from './splice.ts';
import { type Fragment, flowStyleOf, formatBlockPair, formatFlowPair } from './splice-fragment.ts';
import { listStyleOf } from './splice-item.ts';
import { columnOf, endOfNode, insertLinesAfter, lineEndNear, startOfLine } from './splice-layout.ts';

/** Beside which of its pairs a map gets the new one. */
export type KeyPlace =
  | { readonly before: Pair<Node, Node | null> }
  | { readonly after: Pair<Node, Node | null> };

/**
 * Adds `key: value` to a map, written as its neighbours are: indentation, line end, list style, in flow
 * collections also quotes and spacing. Before a pair means above the comments that stand directly above it, too.
 */
export function insertKey(
  source: string,
  map: YAMLMap<Node, Node | null>,
  place: KeyPlace,
  key: string,
  value: Fragment,
): Spliced {
  const pair = 'before' in place ? place.before : place.after;
  const start = pair.key.range?.[0];
  if (start === undefined) return refuse(map.range?.[0] ?? 0, 'a key stands where text cannot be added');
  if (map.flow === true) return insertFlow(source, map, place, start, key, value);
  const column = columnOf(source, start);
  const prefix = source.slice(startOfLine(source, start), start);
  if (!/^ *(?:-[ \t]+)*$/.test(prefix))
    return refuse(
      start,
      'the key does not stand at the start of its line, so that nothing can be added beside it',
    );
  const indent = ' '.repeat(column);
  const [first = '', ...rest] = formatBlockPair(key, value, column, listStyleOf(source, map, pair));
  if ('after' in place) {
    const end = pair.key.range?.[1] ?? start;
    const after = pair.value?.range ? endOfNode(pair.value, end) : end + 1;
    return { ok: true, splices: [insertLinesAfter(source, pair.value, after, [indent + first, ...rest])] };
  }
  const eol = lineEndNear(source, start);
  if (prefix.trim() === '') {
    const at = aboveComments(source, start, previousEnd(map, pair));
    const text = [indent + first, ...rest].map((line) => line + eol).join('');
    return { ok: true, splices: [{ start: at, end: at, text }] };
  }
  return { ok: true, splices: [{ start, end: start, text: [first, ...rest, indent].join(eol) }] };
}

function insertFlow(
  source: string,
  map: YAMLMap<Node, Node | null>,
  place: KeyPlace,
  start: number,
  key: string,
  value: Fragment,
): Spliced {
  const pair = 'before' in place ? place.before : place.after;
  const style = flowStyleOf(source, map, pair);
  const text = formatFlowPair(key, value, style);
  const prefix = whiteSpaceBefore(source, start);
  const alone = prefix !== null;
  if ('after' in place) {
    const end = endOfNode(pair.value, pair.key.range?.[1] ?? start);
    const gap = alone ? lineEndNear(source, start) + prefix : style.gap;
    return { ok: true, splices: [{ start: end, end, text: `,${gap}${text}` }] };
  }
  if (!alone) return { ok: true, splices: [{ start, end: start, text: `${text},${style.gap}` }] };
  const at = aboveComments(source, start, previousEnd(map, pair));
  return {
    ok: true,
    splices: [{ start: at, end: at, text: `${prefix}${text},${lineEndNear(source, start)}` }],
  };
}

/** The indentation of what stands first in its line; null for anything else. */
function whiteSpaceBefore(source: string, start: number): string | null {
  let at = start;
  while (source[at - 1] === ' ' || source[at - 1] === '\t') at--;
  return at === 0 || source[at - 1] === '\n' || source[at - 1] === '\uFEFF' ? source.slice(at, start) : null;
}

/** The start of the line of a key, or of the comment lines of its column that stand directly above it. */
function aboveComments(source: string, key: number, floor: number): number {
  const column = columnOf(source, key);
  let at = startOfLine(source, key);
  while (at > floor) {
    const above = startOfLine(source, at - 1);
    const line = source.slice(above, at);
    if (above < floor || line.search(/\S/) !== column || line[column] !== '#') break;
    at = above;
  }
  return at;
}

/** Where the text of the pair before ends: above that, a `#` need not be a comment. */
function previousEnd(map: YAMLMap<Node, Node | null>, pair: Pair<Node, Node | null>): number {
  const previous = map.items[map.items.indexOf(pair) - 1];
  if (previous) return endOfNode(previous.value, previous.key.range?.[1] ?? 0);
  return map.flow === true ? (map.range?.[0] ?? 0) : 0;
}
