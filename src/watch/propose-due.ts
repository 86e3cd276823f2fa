import { HoldfastError } from '../error.ts';
import type { RemoteBranches } from '../forge/index.ts';
import type { LockEntry } from '../plan/index.ts';
import type { Report } from '../report/index.ts';
import type { WatchContext } from './context.ts';
import { isNamedNowhere } from './find-advice.ts';
import type { RepositoryTarget } from './find-targets.ts';
import { Lanes } from './lanes.ts';
import { askBranches, type ForgeAccess, proposeInto } from './propose-into.ts';
import { failureDue } from './schedule.ts';
import { type BranchTarget, settleBranches } from './settle-branches.ts';
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
  /** By address: what its remote said last. */
  readonly #remotes = new Map<string, { readonly said: RemoteBranches; readonly dueAt: number }>();
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
    const settled = this.#settle(targets, context, access);
    for (const target of settled) {
      if (signal.aborted) return;
      // What is being copied would be missing in the request, and come a moment later.
      if (target.images.some(({ backup }) => backup.state === 'pending' || backup.state === 'copying'))
        continue;
      const only = config.watch.mode === 'failover' ? findLost(target.images) : null;
      if (only?.size === 0) continue;
      const key = keyOf(target);
      const fingerprint = this.#fingerprintOf(target, only);
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
    target: BranchTarget,
    only: ReadonlySet<string> | null,
    fingerprint: string,
    before: Kept | undefined,
    context: WatchContext,
    access: ForgeAccess,
  ): Promise<Kept> {
    const { config, registries, signal, clock, events } = context;
    const { url, branch } = target;
    try {
      let named: ReadonlySet<string> = new Set();
      const { report, ignored } = await within(
        access.limit ?? usualLimit,
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
              elsewhere: (all) => {
                named = all;
                return this.#findUnexplained(target, all);
              },
              ...(only === null ? {} : { only }),
              signal: stop,
            },
            access,
          ),
        () => tooLate(url, access),
      );
      const state = toState(target, { report, named, ignored }, clock.now());
      const uses = target.images.flatMap(({ canonical, needed }) =>
        named.has(canonical) ? needed.uses.filter(({ isSwitched }) => !isSwitched) : [],
      );
      if (ignored.join() !== (before?.state.ignored ?? []).join()) events.onIgnored(url, ignored);
      for (const { operation, url: at } of state.requests) events.onProposed(url, operation, at, uses);
      return {
        state,
        fingerprint,
        dueAt: clock.now() + usualWait * (0.9 + 0.2 * clock.random()),
        failures: 0,
      };
    } catch (error) {
      return toFailure(error, target, before, fingerprint, context);
    }
  }

  /** Each branch once. Where only the remote can tell them, it is asked; until it answers, nothing is proposed. */
  #settle(
    targets: readonly RepositoryTarget[],
    context: WatchContext,
    access: ForgeAccess,
  ): readonly BranchTarget[] {
    const { config, clock } = context;
    const keys = new Set<string>();
    const settled: BranchTarget[] = [];
    for (const url of new Set(targets.map((target) => target.url))) {
      const here = targets.filter((target) => target.url === url);
      const plain = settleBranches(here, config.pullRequest.base, null);
      const remote = this.#remotes.get(url);
      const branches = plain ?? settleBranches(here, config.pullRequest.base, remote?.said ?? null);
      settled.push(...(branches ?? []));
      for (const branch of branches ?? []) keys.add(keyOf(branch));
      if (branches === null) keys.add(unsettled(url));
      const dueAt = remote?.dueAt ?? this.#kept.get(unsettled(url))?.dueAt ?? 0;
      if (plain === null && dueAt <= clock.now())
        this.#lanes.start(url, () => this.#ask(url, context, access));
    }
    for (const url of this.#remotes.keys())
      if (!targets.some((target) => target.url === url)) this.#remotes.delete(url);
    for (const key of this.#kept.keys()) if (!keys.has(key)) this.#kept.delete(key);
    return settled;
  }

  async #ask(url: string, context: WatchContext, access: ForgeAccess): Promise<void> {
    const { signal, clock } = context;
    const dueAt = clock.now() + usualWait;
    const known = this.#remotes.get(url);
    try {
      const said = await within(
        access.limit ?? usualLimit,
        signal,
        (stop) => askBranches(url, access, stop),
        () => tooLate(url, access),
      );
      this.#remotes.set(url, { said, dueAt });
    } catch (error) {
      // What it said last is still the best that is known, and the request itself fails for the same reason.
      if (known !== undefined) this.#remotes.set(url, { ...known, dueAt });
      else {
        const before = this.#kept.get(unsettled(url));
        const failure = toFailure(error, { url, branch: null }, before, '', context);
        this.#kept.set(unsettled(url), failure);
      }
    }
  }

  /** What no file of this repository names, and as far as is known none of the others that could. */
  #findUnexplained({ url, elsewhere }: BranchTarget, named: ReadonlySet<string>): readonly string[] {
    return elsewhere.flatMap((one) => {
      const others = one.among.filter((other) => other !== url);
      const isLost = !named.has(one.canonical) && isNamedNowhere(one, others, this.states());
      return isLost ? [one.sentence] : [];
    });
  }

  #fingerprintOf(target: BranchTarget, only: ReadonlySet<string> | null): string {
    const lines = target.images.map(
      ({ canonical, backup }) => `${canonical} ${backup.digest ?? backup.state}`,
    );
    // What the other repositories of an owner name is known a little later.
    return [...lines, ...(only ?? []), ...this.#findUnexplained(target, new Set())].toSorted().join('\n');
  }
}

/** The key of what goes wrong before the branches of a repository are known. */
function unsettled(url: string): string {
  return `${url} ?`;
}

function toFailure(
  error: unknown,
  target: Pick<BranchTarget, 'url' | 'branch'>,
  before: Kept | undefined,
  fingerprint: string,
  { signal, events, clock }: WatchContext,
): Kept {
  if (!signal.aborted) events.onProblem(`the repository ${target.url}`, error);
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

function keyOf({ url, branch }: Pick<BranchTarget, 'url' | 'branch'>): string {
  return `${url} ${branch ?? ''}`;
}

function tooLate(url: string, { limit = usualLimit }: ForgeAccess): HoldfastError {
  return new HoldfastError(
    'environment',
    `${url} was not done with in ${Math.ceil(limit / 60_000)} minutes: is it reachable?`,
  );
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

function toState(
  { url, branch }: Pick<BranchTarget, 'url' | 'branch'>,
  done: {
    readonly report: Report;
    readonly named: ReadonlySet<string>;
    readonly ignored: readonly string[];
  } | null,
  at: number | null,
): ProposalState {
  return {
    repository: url,
    branch,
    state: done === null ? 'waiting' : 'done',
    requests: (done?.report.proposals ?? []).map(({ operation, url: address, number, explanation }) => ({
      operation,
      url: address,
      number,
      explanation,
    })),
    error: null,
    at,
    sources: done === null ? null : [...done.named].toSorted(),
    ignored: done?.ignored ?? [],
  };
}
