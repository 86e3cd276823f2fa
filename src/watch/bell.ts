import type { Clock } from '../registry/index.ts';

/** Lets a loop wait for whichever comes first: a time, or a ring. A ring while nobody waits is kept. */
export class Bell {
  #rung = false;
  #wake: (() => void) | null = null;

  ring(): void {
    this.#rung = true;
    this.#wake?.();
  }

  /** Resolves at the ring, after `milliseconds`, or when the signal is aborted. */
  async wait(milliseconds: number, clock: Clock, signal: AbortSignal): Promise<void> {
    if (!this.#rung && !signal.aborted) {
      const over = new AbortController();
      const rung = new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
      const slept = clock.sleep(Math.max(milliseconds, 0), AbortSignal.any([signal, over.signal]));
      await Promise.race([rung, slept.catch(() => {})]);
      this.#wake = null;
      over.abort();
    }
    this.#rung = false;
  }
}
