import { HoldfastError } from '../error.ts';
import type { LockEntry } from '../plan/index.ts';
import type { Report } from '../report/index.ts';
import type { WatchContext } from './context.ts';
import type { RepositoryTarget } from './find-targets.ts';
import { Lanes } from './lanes.ts';
import { type ForgeAccess, proposeInto } from './propose-into.ts';
import { failureDue } from './schedule.ts';
import type { ProposalState, WatchedImage } from './types.ts';
import { within } from './within.ts';

/** The base branch moves without a word to us: then and now it is looked at again. */
const usualWait = 30 * 60_000;
/** Repositories at a time. */
const lanes = 4;
/** Milliseconds for one repository: more than a first clone and the copies of what only its files name should take. */
const usualLimit = 30 * 60_000;

interface Kept {
  readonly state: ProposalState;
  readonly fingerprint: string;
  readonly dueAt: number;
  readonly failures: number;
}

/** The pull requests of all repositories, each opened or refreshed when what it says may have changed. */
export class Proposals {
  readonly #kept = new Map<string, Kept>();
  readonly #lanes: Lanes;

  /** `onEnd`: a repository is done with, and another may have waited for it. */
  constructor(onEnd: () => void) {
    this.#lanes = new Lanes(lanes, onEnd);
  }

  states(): readonly ProposalState[] {
    return [...this.#kept.values()].map(({ state }) => state);
  }

  /** The next moment that something is due. What is due already waits for the end of something else. */
  nextDue(now: number): number {
    return Math.min(...[...this.#kept.values()].flatMap(({ dueAt }) => (dueAt > now ? dueAt : [])));
  }

  /** Begins with what is due. The branches of one repository share a clone: they go one after the other. */
  propose(targets: readonly RepositoryTarget[], context: WatchContext, access: ForgeAccess): void {
    const { config, signal, clock } = context;
    if (config.watch.mode === 'archive') return;
    const keys = new Set(targets.map(keyOf));
    for (const key of this.#kept.keys()) if (!keys.has(key)) this.#kept.delete(key);
    for (const target of targets) {
      if (signal.aborted) return;
      // What is being copied would be missing in the request, and come a moment later.
      if (target.images.some(({ backup }) => backup.state === 'pending' || backup.state === 'copying'))
        continue;
      const only = config.watch.mode === 'failover' ? findLost(target.images) : null;
      if (only?.size === 0) continue;
      const key = keyOf(target);
      const fingerprint = fingerprintOf(target, only);
      const kept = this.#kept.get(key);
      if (kept !== undefined && kept.fingerprint === fingerprint && kept.dueAt > clock.now()) continue;
      this.#lanes.start(target.url, async () => {
        this.#kept.set(key, await this.#proposeTo(target, only, fingerprint, kept, context, access));
      });
    }
  }

  rest(): Promise<void> {
    return this.#lanes.rest();
  }

  async #proposeTo(
    target: RepositoryTarget,
    only: ReadonlySet<string> | null,
    fingerprint: string,
    before: Kept | undefined,
    context: WatchContext,
    access: ForgeAccess,
  ): Promise<Kept> {
    const { config, registries, signal, clock, events } = context;
    const { url, branch } = target;
    try {
      const limit = access.limit ?? usualLimit;
      const report = await within(
        limit,
        signal,
        (stop) =>
          proposeInto(
            { url, branch: branch ?? config.pullRequest.base },
            {
              config,
              paths: [],
              cwd: '/',
              registries,
              running: target.images.flatMap(toLockEntry),
              elsewhere: target.elsewhere,
              ...(only === null ? {} : { only }),
              signal: stop,
            },
            access,
          ),
        () =>
          new HoldfastError(
            'environment',
            `${url} was not done with in ${Math.ceil(limit / 60_000)} minutes: is it reachable?`,
          ),
      );
      const state = toState(target, report, clock.now());
      const named = new Set(state.sources);
      const uses = target.images.flatMap(({ canonical, needed }) =>
        named.has(canonical) ? needed.uses.filter(({ isSwitched }) => !isSwitched) : [],
      );
      for (const { operation, url: at } of state.requests) events.onProposed(url, operation, at, uses);
      return {
        state,
        fingerprint,
        dueAt: clock.now() + usualWait * (0.9 + 0.2 * clock.random()),
        failures: 0,
      };
    } catch (error) {
      if (!signal.aborted) events.onProblem(`the repository ${url}`, error);
      const failures = (before?.failures ?? 0) + 1;
      const message = error instanceof Error ? error.message : String(error);
      const code = error instanceof Error && 'code' in error ? String(error.code) : 'unexpected';
      const last = before?.state ?? toState(target, null, null);
      return {
        state: { ...last, state: 'failed', error: { code, message }, at: clock.now() },
        fingerprint,
        dueAt: failureDue(clock.now(), code, failures, clock.random()),
        failures,
      };
    }
  }
}

function keyOf({ url, branch }: RepositoryTarget): string {
  return `${url} ${branch ?? ''}`;
}

/** Upstream is gone, or the tag moved away and what runs is no longer there. */
function findLost(images: readonly WatchedImage[]): ReadonlySet<string> {
  return new Set(
    images
      .filter(
        ({ upstream, running }) => upstream.state === 'gone' || running.some(({ kind }) => kind === 'gone'),
      )
      .map(({ canonical }) => canonical),
  );
}

/** What the daemon has proven, for sources that the repository's lock file does not know. */
function toLockEntry({ canonical, backup, locked }: WatchedImage): readonly LockEntry[] {
  const { reference, digest, platforms } = backup;
  if (locked === null || reference === null || digest === null) return [];
  return [{ source: canonical, digest, backup: reference, platforms }];
}

function fingerprintOf({ images }: RepositoryTarget, only: ReadonlySet<string> | null): string {
  const lines = images.map(({ canonical, backup }) => `${canonical} ${backup.digest ?? backup.state}`);
  return [...lines, ...(only ?? [])].toSorted().join('\n');
}

function toState(target: RepositoryTarget, report: Report | null, at: number | null): ProposalState {
  return {
    repository: target.url,
    branch: target.branch,
    state: report === null ? 'waiting' : 'done',
    requests: (report?.proposals ?? []).map(({ operation, url, number, explanation }) => ({
      operation,
      url,
      number,
      explanation,
    })),
    error: null,
    at,
    sources: [...new Set((report?.images ?? []).flatMap(({ canonical }) => canonical ?? []))].toSorted(),
  };
}
