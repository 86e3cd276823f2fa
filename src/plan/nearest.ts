import { distance } from 'fastest-levenshtein';

/** The candidate that `word` is most likely a slip of, or null when none is within `most` typing errors. */
export function nearest(word: string, candidates: readonly string[], most?: number): string | null {
  const lower = word.toLowerCase();
  const ranked = candidates
    .map((candidate) => ({ candidate, steps: distance(lower, candidate.toLowerCase()) }))
    .toSorted((a, b) => a.steps - b.steps);
  const best = ranked[0];
  if (best === undefined) return null;
  return best.steps <= (most ?? Math.max(2, Math.floor(best.candidate.length / 3))) ? best.candidate : null;
}
