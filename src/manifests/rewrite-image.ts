import { isScalar } from 'yaml';
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
  for (const [entry, splices] of inside) changed.set(entry, expectValue(source, entry, splices));
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

function expectValue(source: string, entry: Entry, splices: readonly ImageSplice[]): string {
  const [start = 0, end = 0] = entry.node?.range ?? [];
  const block = openBlockText(source, [start, end]);
  if (block.ok) {
    const inner = splices.map((splice) => ({
      ...splice,
      start: block.toInner(splice.start) ?? 0,
      end: block.toInner(splice.end) ?? 0,
    }));
    // Of the leaf's text only the images change; its chomping is that of the value as it was read.
    const rewritten = applySplices(block.text, inner);
    const value = isScalar(entry.node) ? String(entry.node.value) : '';
    if (value.startsWith(block.text.slice(0, value.length)) && value.length <= block.text.length)
      return (
        entry.value.slice(0, entry.value.length - value.length) +
        rewritten.slice(0, rewritten.length - (block.text.length - value.length))
      );
  }
  let { value } = entry;
  let from = value.indexOf('=') + 1;
  for (const splice of splices) {
    const at = value.indexOf(splice.written, from);
    if (at === -1) return value;
    value = value.slice(0, at) + splice.text + value.slice(at + splice.written.length);
    from = at + splice.text.length;
  }
  return value;
}
