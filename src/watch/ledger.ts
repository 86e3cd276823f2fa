import type { Clock } from '../registry/index.ts';
import type { NeededImage } from './picture.ts';
import type { WatchedImage } from './types.ts';

const longestHistory = 50;

/**
 * What is known of each image that the cluster needs now. It is rebuilt from the world after a restart: nothing in
 * it has to survive.
 */
export class Ledger {
  readonly #images = new Map<string, WatchedImage>();
  readonly #clock: Clock;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Takes over what the cluster needs now; the rest is forgotten. */
  follow(needed: ReadonlyMap<string, NeededImage>): void {
    for (const canonical of this.#images.keys()) if (!needed.has(canonical)) this.#images.delete(canonical);
    for (const [canonical, image] of needed) {
      const known = this.#images.get(canonical);
      if (known === undefined) this.#images.set(canonical, this.#begin(image));
      else if (idsOf(known.needed) === idsOf(image)) this.#images.set(canonical, { ...known, needed: image });
      // Something else runs now: what is backed up may not be it.
      else {
        const backup = { ...known.backup, dueAt: Math.min(known.backup.dueAt, this.#clock.now()) };
        this.#images.set(canonical, { ...known, needed: image, backup });
      }
    }
  }

  all(): readonly WatchedImage[] {
    return [...this.#images.values()];
  }

  get(canonical: string): WatchedImage | undefined {
    return this.#images.get(canonical);
  }

  /** Changes what is known of an image, if it is still needed; `what` goes into its history. */
  change(canonical: string, part: Partial<Omit<WatchedImage, 'history'>>, what: string | null = null): void {
    const known = this.#images.get(canonical);
    if (known === undefined) return;
    const entry =
      what === null || known.history.at(-1)?.what === what ? [] : [{ at: this.#clock.now(), what }];
    const history = [...known.history, ...entry].slice(-longestHistory);
    this.#images.set(canonical, { ...known, ...part, history });
  }

  #begin(needed: NeededImage): WatchedImage {
    const now = this.#clock.now();
    return {
      canonical: needed.canonical,
      needed,
      running: [],
      locked: null,
      backup: {
        state: 'pending',
        reference: null,
        digest: null,
        platforms: [],
        bytes: 0,
        error: null,
        warnings: [],
        provenAt: null,
        dueAt: now,
        failures: 0,
      },
      upstream: { state: 'unknown', digest: null, problem: null, checkedAt: null, dueAt: now },
      history: [{ at: now, what: 'seen in the cluster' }],
    };
  }
}

/** What decides which digests are kept; the number of containers may change without a reason to look again. */
export function idsOf({ running, backups }: NeededImage): string {
  return [...running.keys(), ...backups.map(({ canonical }) => canonical)].toSorted().join(' ');
}
