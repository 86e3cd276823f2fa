/**
 * Work that goes on beside the loops, so that nothing waits for what is slow: one at a time for each key, and no more
 * than so many at once. Who wants to know of an end is told, and asks again for what found no room.
 */
export class Lanes {
  readonly #going = new Map<string, Promise<void>>();
  readonly #most: number;
  readonly #onEnd: () => void;

  constructor(most: number, onEnd: () => void) {
    this.#most = most;
    this.#onEnd = onEnd;
  }

  /** Nothing goes on. */
  isIdle(): boolean {
    return this.#going.size === 0;
  }

  /** Starts the work, which must not throw, unless the key is at work already or all lanes are. */
  start(key: string, work: () => Promise<void>): void {
    if (this.#going.has(key) || this.#going.size >= this.#most) return;
    const going = work().finally(() => {
      this.#going.delete(key);
      this.#onEnd();
    });
    this.#going.set(key, going);
  }

  /** Resolves when all that goes on has ended. */
  async rest(): Promise<void> {
    while (this.#going.size > 0) await Promise.allSettled(this.#going.values());
  }
}
