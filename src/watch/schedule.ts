const minute = 60_000;

/** When a proven backup is looked at again: some hours later, not all at the same moment. */
export function provenDue(now: number, chance: number): number {
  return now + (4 + 2 * chance) * 60 * minute;
}

/** Whatever is wrong with a registry ends for all images at once: nobody waits longer for it than this. */
const mostForOutage = 10 * minute;

/** When a failed copy is tried again. `code` is that of the failure; `failures` counts those in a row. */
export function failureDue(now: number, code: string, failures: number, chance: number): number {
  // Another writer was quicker: it is done by the time that we look.
  const first = code === 'conflict' ? 5000 : minute;
  const doubled = first * 2 ** Math.min(failures - 1, 10);
  const most =
    code === 'private' || code === 'not-found' || code === 'unsupported'
      ? 6 * 60 * minute
      : code === 'rate-limited'
        ? 30 * minute
        : mostForOutage;
  const least = code === 'rate-limited' ? 15 * minute : 0;
  return now + Math.max(least, Math.min(doubled, most)) * (0.75 + 0.25 * chance);
}
