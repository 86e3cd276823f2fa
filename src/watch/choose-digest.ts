import type { Digest } from '../reference/index.ts';
import type { RunningDigest } from './types.ts';

/**
 * The digest to back up and lock first: what workloads ask for by digest, else what most containers run, of those
 * that the source, or the backup since then, confirms as a whole image. The same world gives the same answer.
 */
export function chooseDigest(running: readonly RunningDigest[], switched: readonly Digest[]): Digest | null {
  const [asked] = switched.toSorted();
  if (asked !== undefined) return asked;
  const whole = running.filter(({ isWhole }) => isWhole);
  const [first] = whole.toSorted((a, b) => b.count - a.count || (a.digest < b.digest ? -1 : 1));
  return first?.digest ?? null;
}
