import type { Clock } from './clock.ts';
import type { RegistryError } from './registry-error.ts';

/** Milliseconds in which a registry may have started again. */
const restartTime = 20_000;

/** Why a registry is not asked for a while. */
interface Outage {
  readonly until: number;
  readonly error: RegistryError;
}

/** What all requests to one registry share: when it asks one of them to wait, all wait, and when it is down, all know. */
export class Pace {
  readonly #clock: Clock;
  readonly #onWait: (until: Date, why: string) => void;
  #isDown = false;
  #outage: Outage | null = null;
  #leave: Outage | null = null;
  /** Requests that went well. */
  #successes = 0;
  #failingSince: number | null = null;
  readonly #resting = new Set<AbortController>();
  #notBefore = 0;
  #told = 0;

  constructor(clock: Clock, onWait: (until: Date, why: string) => void) {
    this.#clock = clock;
    this.#onWait = onWait;
  }

  /** It failed through all attempts of a request: one is enough for the others until one succeeds. */
  get isDown(): boolean {
    return this.#isDown;
  }

  /** Why it is not worth asking now; null when it is. */
  get outage(): RegistryError | null {
    const now = this.#clock.now();
    return [this.#leave, this.#outage].find((one) => one !== null && now < one.until)?.error ?? null;
  }

  get successes(): number {
    return this.#successes;
  }

  succeed(): void {
    this.#isDown = false;
    this.#outage = null;
    this.#failingSince = null;
    this.#successes += 1;
  }

  /**
   * All attempts of a request failed, and no other request went well since. A registry that was there before in this
   * run may be starting again, and is given more time. Else it is not asked for `rest` milliseconds, then each request
   * has one attempt, and those who wait for their next attempt do so no longer. Answers until when, or null.
   */
  failThrough(since: number, error: RegistryError, rest: number): Date | null {
    const now = this.#clock.now();
    this.#failingSince = Math.min(this.#failingSince ?? since, since);
    if (this.#successes > 0 && now - this.#failingSince < restartTime) return null;
    this.#isDown = true;
    this.#outage = { until: now + rest, error };
    for (const waiting of this.#resting) waiting.abort();
    return new Date(now + rest);
  }

  /** It wants to be left alone so long, whatever else goes well there meanwhile. Answers until when. */
  leaveAlone(milliseconds: number, error: RegistryError): Date {
    const until = Math.max(this.#leave?.until ?? 0, this.#clock.now() + milliseconds);
    this.#leave = { until, error };
    return new Date(until);
  }

  /** Until the time is over, or the registry is known to be down. */
  async rest(milliseconds: number, signal: AbortSignal | undefined): Promise<void> {
    const rest = new AbortController();
    const stop = (): void => rest.abort(signal?.reason);
    signal?.addEventListener('abort', stop, { once: true });
    this.#resting.add(rest);
    try {
      await this.#clock.sleep(milliseconds, rest.signal);
    } catch (error) {
      if (!rest.signal.aborted || signal?.aborted) throw error;
    } finally {
      this.#resting.delete(rest);
      signal?.removeEventListener('abort', stop);
    }
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

  /** Nothing came for a while, and the request gives up in `left` milliseconds. Said once until then. */
  hearNothing(left: number): void {
    const now = this.#clock.now();
    if (now < this.#told) return;
    this.#told = now + left;
    this.#onWait(new Date(this.#told), 'it has not answered yet');
  }

  async turn(signal: AbortSignal | undefined): Promise<void> {
    for (;;) {
      const left = this.#notBefore - this.#clock.now();
      if (left <= 0) return;
      await this.#clock.sleep(left, signal);
    }
  }
}
