import type { Config } from '../config/index.ts';
import { compileGlob } from '../plan/index.ts';
import type { Clock, Registries } from '../registry/index.ts';
import { type Cluster, type ClusterWatch, watchCluster } from '../source/index.ts';
import { Bell } from './bell.ts';
import type { WatchContext } from './context.ts';
import { Copies } from './copy-due.ts';
import type { WatchEvents } from './events.ts';
import { findTargets, type Targets } from './find-targets.ts';
import { Identities } from './identify.ts';
import { createJudge } from './judge-image.ts';
import { Ledger } from './ledger.ts';
import { UpstreamWatch } from './look-upstream.ts';
import { drawPicture, type OtherImage } from './picture.ts';
import { Proposals } from './propose-due.ts';
import type { ForgeAccess } from './propose-into.ts';
import { readPolicy } from './read-policy.ts';
import { Contests } from './settle-contest.ts';
import type { ProposalState, WatchedImage } from './types.ts';

export interface StartOptions {
  readonly config: Config;
  readonly cluster: Cluster;
  readonly registries: Registries;
  readonly clock: Clock;
  readonly events: WatchEvents;
  readonly forge: ForgeAccess;
  readonly signal: AbortSignal;
}

/** All that is known at this moment; nothing in it is a secret. */
export interface WatchSnapshot {
  readonly cluster: string;
  readonly backup: string;
  readonly mode: Config['watch']['mode'];
  readonly startedAt: number;
  readonly at: number;
  /** The cluster was read as a whole, and what it needs is known. */
  readonly isSynced: boolean;
  readonly kinds: ClusterWatch['kinds'];
  readonly images: readonly WatchedImage[];
  readonly others: readonly OtherImage[];
  readonly proposals: readonly ProposalState[];
  readonly targets: Targets;
  /** Images whose copy is due now. */
  readonly queued: number;
}

export interface Watch {
  look(): WatchSnapshot;
  /** Resolves when everything has come to rest after the signal. */
  readonly done: Promise<void>;
}

/** Events come in crowds: so long after the first all of them are taken together. */
const settleTime = 1000;
const longestWait = 60_000;
/** A kind that fails is given up by time alone, which rings no bell. */
const syncWait = 5000;
const noTargets: Targets = { repositories: [], homeless: [], passing: [], owners: new Map() };

/**
 * The daemon's work, for ever: look at the cluster, copy what it needs, watch upstream, propose. Each is a loop that
 * compares what is with what should be and waits for its next moment; an event only ends the wait.
 */
export function startWatch(options: StartOptions): Watch {
  const { config, cluster, clock, signal, events } = options;
  const policy = readPolicy(config);
  const judge = createJudge(policy);
  const excluded = config.exclude.namespaces.map(compileGlob);
  const bells = { picture: new Bell(), copy: new Bell(), upstream: new Bell(), proposal: new Bell() };
  const ledger = new Ledger(clock);
  const context: WatchContext = { ...options, ledger, identities: new Identities() };
  const live = watchCluster(cluster, {
    rules: config.rules,
    isExcluded: (namespace) => excluded.some((glob) => glob(namespace)),
    onChange: () => bells.picture.ring(),
    clock,
    signal,
  });
  const copies = new Copies(config.concurrency, () => {
    bells.copy.ring();
    bells.upstream.ring();
    bells.proposal.ring();
  });
  const upstream = new UpstreamWatch(() => {
    bells.upstream.ring();
    bells.copy.ring();
    if (config.watch.mode === 'failover') bells.proposal.ring();
  });
  const contests = new Contests(() => bells.picture.ring());
  const proposals = new Proposals(() => bells.proposal.ring());
  const state = {
    isSynced: false,
    others: [] as readonly OtherImage[],
    targets: noTargets,
    owners: new Map<string, string>(),
  };
  const startedAt = clock.now();
  const unread = new Set<string>();

  /** Goes on whatever happens: a failure is told, and tried again after a while. */
  const loop = async (name: string, bell: Bell, turn: () => Promise<number>): Promise<void> => {
    while (!signal.aborted) {
      let wait = longestWait;
      try {
        wait = await turn();
      } catch (error) {
        if (signal.aborted) return;
        events.onProblem(name, error);
      }
      await bell.wait(Math.min(wait, longestWait), clock, signal);
    }
  };

  const tellKinds = (): void => {
    for (const { name, state: now, problem } of live.kinds) {
      const why = now === 'absent' ? null : problem;
      if ((why !== null) === unread.has(name)) continue;
      if (why === null) unread.delete(name);
      else unread.add(name);
      events.onKind(name, why);
    }
  };
  const picture = loop('the picture of the cluster', bells.picture, async () => {
    await clock.sleep(state.isSynced ? settleTime : 0, signal);
    tellKinds();
    if (!live.isSynced()) return syncWait;
    const { needed, others, owners, contested } = drawPicture(live.look(), judge, state.owners);
    state.owners = new Map(owners);
    // After a restart only the backup tells which of several sources had a repository of it first.
    contests.settle(contested, context, (place, source) => state.owners.set(place, source));
    ledger.follow(needed);
    state.others = others;
    state.isSynced = true;
    const isFresh = live.kinds.every(({ state: now }) => now !== 'failing' && now !== 'starting');
    events.onPicture({ needed: needed.size, others: others.length, isFresh });
    bells.copy.ring();
    bells.upstream.ring();
    bells.proposal.ring();
    return longestWait;
  });
  const copying = loop('copying', bells.copy, async () => {
    copies.copy(context);
    return copies.nextDue(context) - clock.now();
  });
  const looks = loop('the watch of upstream', bells.upstream, async () => {
    upstream.look(context);
    return upstream.nextDue(context) - clock.now();
  });
  const requests = loop('proposing', bells.proposal, async () => {
    // An object whose owner is not known yet would seem to come from nowhere.
    if (!state.isSynced || !live.isComplete()) return syncWait;
    // Images come to the backup one by one: all that ended in this time are taken together.
    await clock.sleep(settleTime, signal);
    state.targets = findTargets(live.look(), context, options.forge);
    proposals.propose(state.targets.repositories, context, options.forge);
    return proposals.nextDue(clock.now()) - clock.now();
  });

  return {
    look: () => ({
      cluster: cluster.name,
      backup: config.backup ?? '',
      mode: config.watch.mode,
      startedAt,
      at: clock.now(),
      isSynced: state.isSynced,
      kinds: live.kinds,
      images: ledger.all(),
      others: state.others,
      proposals: proposals.states(),
      targets: state.targets,
      queued: ledger.all().filter(({ backup }) => backup.dueAt <= clock.now()).length,
    }),
    done: rest([
      picture.then(() => contests.rest()),
      copying.then(() => copies.rest()),
      looks.then(() => upstream.rest()),
      requests.then(() => proposals.rest()),
    ]),
  };
}

async function rest(loops: readonly Promise<void>[]): Promise<void> {
  await Promise.all(loops);
}
