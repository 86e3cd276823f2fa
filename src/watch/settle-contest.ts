import type { WatchContext } from './context.ts';
import { headIfThere, identifyBackup } from './identify.ts';
import { digestsOf } from './image-id.ts';
import { Lanes } from './lanes.ts';
import { openSource } from './open-source.ts';
import type { Contest } from './picture.ts';

const minute = 60_000;
const longestPause = 30 * minute;

/** Asks whose contested repositories are, beside the loops: a registry that says nothing holds up its own contest alone. */
export class Contests {
  readonly #rests = new Map<string, { readonly dueAt: number; readonly failures: number }>();
  readonly #lanes: Lanes;

  constructor(onEnd: () => void) {
    this.#lanes = new Lanes(Number.POSITIVE_INFINITY, onEnd);
  }

  /** Begins with what is due. `onOwner`: the source that has the place, or whose it is as nobody has it. */
  settle(
    contested: readonly Contest[],
    context: WatchContext,
    onOwner: (place: string, source: string) => void,
  ): void {
    const { clock, signal, events } = context;
    for (const contest of contested) {
      const { place, sources } = contest;
      const { dueAt, failures } = this.#rests.get(place) ?? { dueAt: 0, failures: 0 };
      if (dueAt > clock.now()) continue;
      this.#lanes.start(place, async () => {
        try {
          const owner = (await settleContest(contest, context)) ?? sources[0];
          this.#rests.delete(place);
          if (owner !== undefined) onOwner(place, owner);
        } catch (error) {
          if (signal.aborted) return;
          const pause = Math.min(minute * 2 ** failures, longestPause);
          this.#rests.set(place, { dueAt: clock.now() + pause, failures: failures + 1 });
          events.onProblem(`whose ${place} is`, error);
        }
      });
    }
  }

  rest(): Promise<void> {
    return this.#lanes.rest();
  }
}

/**
 * From what the repository holds: the source of which it has, under that source's tag, what runs or what the tag
 * names. Null when it holds nothing of any. Throws when that cannot be asked of one, and no other has it.
 */
async function settleContest(
  { claims }: Contest,
  access: Pick<WatchContext, 'registries' | 'signal' | 'config'>,
): Promise<string | null> {
  const { signal } = access;
  const holds = async ({ step, running }: Contest['claims'][number]): Promise<boolean> => {
    const digests = [...digestsOf(running).keys()];
    if (digests.length === 0) {
      const { registry, repository, tag, digest } = step.source;
      const upstream = openSource(registry, access);
      const head = await headIfThere(upstream, repository, digest ?? tag ?? 'latest', signal);
      if (head !== null) digests.push(head.digest);
    }
    for (const digest of digests) if ((await identifyBackup(step, digest, access)) !== null) return true;
    return false;
  };
  // None waits for the answer of another's registry.
  const asked = await Promise.allSettled(claims.map(holds));
  const owner = claims.find((_, index) => {
    const answer = asked[index];
    return answer?.status === 'fulfilled' && answer.value;
  });
  if (owner !== undefined) return owner.source;
  for (const answer of asked) if (answer.status === 'rejected') throw answer.reason;
  return null;
}
