import type { Clock } from './clock.ts';

/** The slow-down that all requests to one registry share: when it asks one of them to wait, all wait. */
export class Pace {
  readonly #clock: Clock;
  readonly #onWait: (until: Date, why: string) => void;
  /** Nobody listened through all attempts of a request; one attempt is enough for the others until one succeeds. */
  isDown = false;
  #notBefore = 0;
  #told = 0;

  constructor(clock: Clock, onWait: (until: Date, why: string) => void) {
    this.#clock = clock;
    this.#onWait = onWait;
  }

  /** No request starts within the next `milliseconds`. */
  slowDown(milliseconds: number, why: string): void {
    const until = this.#clock.now() + milliseconds;
    if (until <= this.#notBefore) return;
    this.#notBefore = until;
    // Short pauses are everyday; a person is told of those that they could notice.
    if (milliseconds < 1000 || until - this.#told < 1000) return;
    this.#told = until;
    this.#onWait(new Date(until), why);
  }

  async turn(signal: AbortSignal | undefined): Promise<void> {
    for (;;) {
      const left = this.#notBefore - this.#clock.now();
      if (left <= 0) return;
      await this.#clock.sleep(left, signal);
    }
  }
}
