import { type Node, type Pair, visit, type YAMLMap } from 'yaml';
import { isPlainSafe } from './splice-scalar.ts';

/** A value that is written anew. Maps keep the order of their keys. */
export type Fragment = string | true | readonly Fragment[] | { readonly [key: string]: Fragment };

/** How a flow collection around the new text is written. */
export interface FlowStyle {
  readonly keyQuote: '' | '"' | "'";
  readonly valueQuote: '' | '"' | "'";
  /** Between a key's colon and its value, and after a comma: one space, or none in compact JSON. */
  readonly gap: '' | ' ';
  /** Inside the braces of a map. */
  readonly padding: '' | ' ';
}

/** How the block lists around are written. */
export interface ListStyle {
  /** Columns from a key to the dashes of its list. */
  readonly indent: number;
  /** Between a dash and its item. */
  readonly gap: string;
}

/** Where nothing around says otherwise. */
export const usualFlow: FlowStyle = { keyQuote: '', valueQuote: '', gap: ' ', padding: '' };

/** The style of a map, read off one of its pairs. */
export function flowStyleOf(source: string, map: YAMLMap, pair: Pair<Node, Node | null> | null): FlowStyle {
  const key = pair?.key.range;
  const keyQuote = quoteAt(source, key?.[0]);
  const value = pair?.value?.range;
  const compact = key !== undefined && value !== undefined && source.slice(key?.[1], value?.[0]) === ':';
  const start = map.range?.[0] ?? 0;
  return {
    keyQuote,
    valueQuote:
      keyQuote === '"' && map.flow === true ? '"' : map.flow === true ? firstQuote(source, map) : '',
    gap: keyQuote !== '' && compact ? '' : ' ',
    padding: source[start] === '{' && source[start + 1] === ' ' ? ' ' : '',
  };
}

/** The quote of the first quoted value in a map, which stands for all strings (KYAML quotes every one). */
function firstQuote(source: string, map: YAMLMap): '' | '"' | "'" {
  let quote: '' | '"' | "'" = '';
  visit(map, {
    Scalar(key, node) {
      if (key !== 'key') quote = quoteAt(source, node.range?.[0]);
      return quote === '' ? undefined : visit.BREAK;
    },
  });
  return quote;
}

function quoteAt(source: string, at: number | undefined): '' | '"' | "'" {
  const quote = at === undefined ? undefined : source[at];
  return quote === '"' || quote === "'" ? quote : '';
}

export function formatFlow(fragment: Fragment, style: FlowStyle): string {
  if (fragment === true) return 'true';
  if (typeof fragment === 'string') return formatScalar(fragment, style.valueQuote);
  const comma = `,${style.gap}`;
  if (isList(fragment)) return `[${fragment.map((item) => formatFlow(item, style)).join(comma)}]`;
  const pairs = Object.entries(fragment).map(([key, value]) => formatFlowPair(key, value, style));
  return `{${style.padding}${pairs.join(comma)}${style.padding}}`;
}

export function formatFlowPair(key: string, value: Fragment, style: FlowStyle): string {
  return `${formatScalar(key, style.keyQuote)}:${style.gap}${formatFlow(value, style)}`;
}

/** Lines of `key: value`, without the indentation of the first one; the others are indented to `column`. */
export function formatBlockPair(key: string, value: Fragment, column: number, list: ListStyle): string[] {
  if (value === true) return [`${formatScalar(key, '')}: true`];
  if (typeof value === 'string') return [`${formatScalar(key, '')}: ${formatScalar(value, '')}`];
  const indent = ' '.repeat(column);
  if (isList(value)) {
    if (value.length === 0) return [`${key}: []`];
    const dash = column + list.indent;
    return [`${key}:`, ...value.flatMap((item) => formatBlockItem(item, dash, list))];
  }
  const inner = Object.entries(value).flatMap(([name, child]) => {
    const [first = '', ...rest] = formatBlockPair(name, child, column + 2, list);
    return [`${indent}  ${first}`, ...rest];
  });
  return inner.length === 0 ? [`${key}: {}`] : [`${formatScalar(key, '')}:`, ...inner];
}

/** Lines of `- item`, all indented, with the dash at `column`. */
export function formatBlockItem(item: Fragment, column: number, list: ListStyle): string[] {
  const prefix = `${' '.repeat(column)}-${list.gap}`;
  if (item === true || typeof item === 'string') return [prefix + formatFlow(item, usualFlow)];
  if (isList(item)) return [prefix + formatFlow(item, usualFlow)];
  const lines = Object.entries(item).flatMap(([key, value]) => {
    const [first = '', ...rest] = formatBlockPair(key, value, prefix.length, list);
    return [' '.repeat(prefix.length) + first, ...rest];
  });
  if (lines.length === 0) return [`${prefix}{}`];
  return lines.map((line, index) => (index === 0 ? prefix + line.slice(prefix.length) : line));
}

function formatScalar(text: string, quote: '' | '"' | "'"): string {
  if (quote === "'" && !text.includes("'") && /^[\x20-\x7e]*$/.test(text)) return `'${text}'`;
  return quote === '' && isPlainSafe(text) ? text : JSON.stringify(text);
}

function isList(fragment: Fragment): fragment is readonly Fragment[] {
  return Array.isArray(fragment);
}
