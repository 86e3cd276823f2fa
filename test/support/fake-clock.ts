import type { Clock } from '../../src/registry/index.ts';

/** A clock that stands still until it is told to go on. */
export interface FakeClock extends Clock {
  /** Goes on by so many milliseconds, from one sleeper to the next, each with real time for its work. */
  advance(milliseconds: number): Promise<void>;
}

export function createFakeClock(start = Date.UTC(2030, 0, 1)): FakeClock {
  let now = start;
  const sleepers = new Set<{ readonly at: number; readonly wake: () => void }>();
  return {
    now: () => now,
    random: () => 0.5,
    sleep(milliseconds, signal) {
      return new Promise((resolve, reject) => {
        if (signal?.aborted) return reject(signal.reason as Error);
        const sleeper = {
          at: now + milliseconds,
          wake: () => {
            sleepers.delete(sleeper);
            signal?.removeEventListener('abort', stop);
            resolve();
          },
        };
        const stop = (): void => {
          sleepers.delete(sleeper);
          reject(signal?.reason as Error);
        };
        sleepers.add(sleeper);
        signal?.addEventListener('abort', stop, { once: true });
      });
    },
    async advance(milliseconds) {
      const end = now + milliseconds;
      for (;;) {
        await rest();
        const next = [...sleepers].toSorted((a, b) => a.at - b.at)[0];
        if (next === undefined || next.at > end) break;
        now = Math.max(now, next.at);
        next.wake();
      }
      now = end;
      await rest();
    },
  };
}

/** Lets what was woken do its requests to servers of this process. */
function rest(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 2));
}
