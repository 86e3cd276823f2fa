import { isScalar, type Scalar } from 'yaml';
import type { Entry } from './rewrite-entries.ts';
import { applySplices, type Splice } from './splice.ts';
import { openBlockText } from './splice-block-text.ts';

/** A replaced image; `written` is what stood there. */
export interface ImageSplice extends Splice {
  readonly written: string;
}

/**
 * What each leaf that holds an image says after the edit. An image may be the whole of a scalar or a part of a
 * block of text. `unseen` is one that stands in no leaf.
 */
export function expectImage(
  source: string,
  entries: readonly Entry[],
  images: readonly ImageSplice[],
): { readonly changed: ReadonlyMap<Entry, string>; readonly unseen: ImageSplice | null } {
  const holders = entries
    .filter((entry) => isScalar(entry.node) && entry.node.range && entry.node.range[1] > entry.node.range[0])
    .toSorted((a, b) => startOf(a) - startOf(b));
  const inside = new Map<Entry, ImageSplice[]>();
  let unseen: ImageSplice | null = null;
  for (const image of images) {
    const holder = findHolder(holders, image);
    if (holder) inside.set(holder, [...(inside.get(holder) ?? []), image]);
    else unseen ??= image;
  }
  const changed = new Map<Entry, string>();
  for (const [entry, splices] of inside) {
    const value = isScalar(entry.node) ? expectValue(source, entry.node, splices) : null;
    if (value === null) unseen ??= splices[0] ?? null;
    else changed.set(entry, entry.value.slice(0, entry.value.indexOf('=') + 1) + value);
  }
  return { changed, unseen };
}

function startOf(entry: Entry): number {
  return entry.node?.range?.[0] ?? 0;
}

function findHolder(holders: readonly Entry[], image: Splice): Entry | null {
  let low = 0;
  let high = holders.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    const holder = holders[middle];
    if (holder && startOf(holder) <= image.start) low = middle + 1;
    else high = middle;
  }
  const holder = holders[low - 1];
  return holder && image.end <= (holder.node?.range?.[1] ?? 0) ? holder : null;
}

/** Null when an image cannot be told in the text of its scalar. */
function expectValue(source: string, node: Scalar, splices: readonly ImageSplice[]): string | null {
  const value = typeof node.value === 'string' ? node.value : '';
  const [start, end] = node.range ?? [0, 0];
  const block = openBlockText(source, [start, end]);
  if (!block.ok) return replaceInTurn(value, splices);
  const inner: Splice[] = [];
  for (const splice of splices) {
    const [from, to] = [block.toInner(splice.start), block.toInner(splice.end)];
    if (from === null || to === null) return null;
    inner.push({ start: from, end: to, text: splice.text });
  }
  // What YAML drops at the end of a block (its chomping) are line ends, and those stay.
  const dropped = block.text.length - value.length;
  if (dropped < 0 || !block.text.startsWith(value)) return null;
  const rewritten = applySplices(block.text, inner);
  return rewritten.slice(0, rewritten.length - dropped);
}

function replaceInTurn(whole: string, splices: readonly ImageSplice[]): string | null {
  let from = 0;
  let text = whole;
  for (const splice of splices) {
    const at = text.indexOf(splice.written, from);
    if (at === -1) return null;
    // An empty value is the one that is written with quotes where there were none.
    const value = splice.text === '""' ? '' : splice.text;
    text = text.slice(0, at) + value + text.slice(at + splice.written.length);
    from = at + value.length;
  }
  return text;
}
