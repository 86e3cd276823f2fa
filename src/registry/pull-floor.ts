import type { Clock } from './clock.ts';
import type { Endpoint } from './endpoint.ts';
import { RegistryError } from './registry-error.ts';
import type { RateLimit } from './types.ts';

/** The pulls of one registry, of which the last are left to others. A GET of a manifest counts as one. */
export class PullFloor {
  readonly #endpoint: Endpoint;
  readonly #stopAt: number;
  readonly #clock: Clock;
  /** Those that the number which was last heard may not count yet. Each ends with its request. */
  readonly #underWay = new Set<Promise<void>>();
  #hasPulled = false;

  constructor(endpoint: Endpoint, stopAt: number, clock: Clock) {
    this.#endpoint = endpoint;
    this.#stopAt = stopAt;
    this.#clock = clock;
  }

  /** How many are left above the floor, as far as the registry told. */
  left(): number | null {
    const limit = this.#endpoint.rateLimit();
    return limit === null ? null : limit.remaining - this.#stopAt;
  }

  /**
   * Makes one pull. Where only what is under way stands between it and the floor, it waits for that. Throws
   * `rate-limited` when the floor is reached.
   */
  async pull<T>(repository: string, ask: () => Promise<T>): Promise<T> {
    const stopAt = this.#stopAt;
    const underWay = this.#underWay;
    for (;;) {
      const limit = await this.#endpoint.findRateLimit(repository);
      // With a floor to keep, the first goes alone, and brings the number for the others.
      const mayGo =
        limit === null
          ? stopAt === 0 || this.#hasPulled || underWay.size === 0
          : limit.remaining - underWay.size > stopAt;
      if (mayGo) break;
      if (limit !== null && (limit.remaining <= stopAt || underWay.size === 0))
        throw this.#areOver(limit, repository);
      await Promise.race(underWay);
    }
    const asked = ask();
    const end = (): void => {
      this.#hasPulled = true;
      underWay.delete(ended);
    };
    const ended: Promise<void> = asked.then(end, end);
    underWay.add(ended);
    return asked;
  }

  #areOver({ remaining, windowSeconds }: RateLimit, repository: string): RegistryError {
    const retryAt = windowSeconds === null ? undefined : new Date(this.#clock.now() + windowSeconds * 1000);
    const until = retryAt === undefined ? '' : `, more by ${retryAt.toISOString()}`;
    const problem = `${remaining} pulls are left, and ${this.#stopAt} are kept${until}`;
    return new RegistryError('rate-limited', problem, { registry: this.#endpoint.host, repository, retryAt });
  }
}
