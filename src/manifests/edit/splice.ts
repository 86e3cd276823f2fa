/** One span of a text and what takes its place. Offsets are UTF-16; `start === end` inserts. */
export interface Splice {
  readonly start: number;
  readonly end: number;
  readonly text: string;
  /** It brings a pull secret, and no part of an image. */
  readonly pullSecret?: true;
  /** It adds a key to the map at this field path. */
  readonly map?: string;
}

/** What a primitive of this layer wants changed, or where in the text it found a reason not to. */
export type Spliced =
  | { readonly ok: true; readonly splices: readonly Splice[] }
  | { readonly ok: false; readonly at: number; readonly problem: string };

export function refuse(at: number, problem: string): { ok: false; at: number; problem: string } {
  return { ok: false, at, problem };
}

/** Two splices that cannot both be made, first in the text first. */
export interface Clash {
  readonly first: Splice;
  readonly second: Splice;
}

/**
 * Sorted by position, equal replacements made one. Insertions at one point stay in the order they were given.
 * Splices that share a character of the text are a clash.
 */
export function orderSplices<T extends Splice>(splices: readonly T[]): T[] | Clash {
  const sorted = splices.toSorted((a, b) => a.start - b.start || a.end - b.end);
  const kept: T[] = [];
  for (const splice of sorted) {
    const last = kept.at(-1);
    if (last && last.start === splice.start && last.end === splice.end && last.end > last.start) {
      if (last.text !== splice.text) return { first: last, second: splice };
      continue;
    }
    if (last && splice.start < last.end) return { first: last, second: splice };
    kept.push(splice);
  }
  return kept;
}

/** The text with the ordered splices made. */
export function applySplices(text: string, ordered: readonly Splice[]): string {
  const pieces: string[] = [];
  let from = 0;
  for (const splice of ordered) {
    pieces.push(text.slice(from, splice.start), splice.text);
    from = splice.end;
  }
  pieces.push(text.slice(from));
  return pieces.join('');
}
