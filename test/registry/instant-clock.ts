import type { Clock } from '../../src/registry/index.ts';

export interface InstantClock extends Clock {
  /** Milliseconds of each sleep so far. */
  readonly slept: readonly number[];
  advance(milliseconds: number): void;
}

/** Sleeps take no time: they move the clock on. `random` is always the same. */
export function instantClock(random = 0.5, start = Date.parse('2026-11-20T12:00:00Z')): InstantClock {
  let now = start;
  const slept: number[] = [];
  return {
    slept,
    now: () => now,
    random: () => random,
    advance(milliseconds) {
      now += milliseconds;
    },
    async sleep(milliseconds, signal) {
      signal?.throwIfAborted();
      slept.push(milliseconds);
      now += milliseconds;
      await new Promise((resolve) => setImmediate(resolve));
      signal?.throwIfAborted();
    },
  };
}
