import { setMaxListeners } from 'node:events';
import type { Config, Environment } from '../../config/index.ts';
import type { Clock, Registries } from '../../registry/index.ts';
import type { Cluster, EventWriter } from '../../source/index.ts';
import {
  type ForgeAccess,
  PullSecrets,
  readPolicy,
  startWatch,
  type Watch,
  type WatchEvents,
} from '../../watch/index.ts';
import { describeFailure } from '../failure.ts';
import { checkCreateRepositories, openConfiguredRegistries } from '../registries.ts';
import { findSecrets, hide, type Log } from './log.ts';
import type { Metrics } from './metrics.ts';
import { tellCluster } from './tell-cluster.ts';
import { watchEvents } from './watch-events.ts';

/** A watch that goes on. */
export interface Running {
  readonly watch: Watch;
  /** What was read from Secrets, and must not be shown. */
  secrets(): readonly string[];
  end(): Promise<void>;
}

interface Parts {
  readonly cluster: Cluster;
  /** Null: nothing is written to the cluster. */
  readonly writer: EventWriter | null;
  readonly forge: ForgeAccess;
  readonly log: Log;
  readonly metrics: Metrics;
  readonly clock: Clock;
  readonly env: Environment;
  readonly stop: AbortSignal;
}

/**
 * One watch with one configuration, ready to be started. Throws `HoldfastError` for a configuration that no watch can
 * work with, before anything has begun.
 */
export function prepareOne(config: Config, parts: Parts): () => Running {
  const { cluster, writer, forge, log, metrics, clock, env, stop } = parts;
  checkCreateRepositories(config, env);
  const { registry: backup } = readPolicy(config).backup;
  const ending = new AbortController();
  const signal = AbortSignal.any([stop, ending.signal]);
  // Every object kind, loop and transfer listens to it.
  setMaxListeners(0, signal);
  const mayReadSecrets = config.includePrivate && config.watch.readPullSecrets;
  const pullSecrets = new PullSecrets({
    cluster,
    clock,
    images: () => (mayReadSecrets ? (watch?.look().images ?? []) : []),
    onProblem: (object, error) =>
      log.warn({ object, problem: describeFailure(error).message }, 'cannot be read for its credentials'),
  });
  const registries = openConfiguredRegistries(
    config,
    env,
    (registry, until, why, kind) =>
      log.warn(
        { registry, until: until.toISOString(), why },
        kind === 'waiting' ? 'waiting for a registry' : 'a mirror is passed over',
      ),
    (host, repository) => pullSecrets.find(host, repository),
  );
  let watch: Watch | null = null;
  try {
    openAll(config, backup, registries);
  } catch (error) {
    registries.close();
    throw error;
  }
  const logged = watchEvents(log, metrics, clock);
  const events =
    writer === null
      ? logged
      : both(
          logged,
          tellCluster({
            writer,
            clock,
            signal,
            hide: (text) => hide(text, [...findSecrets(config, env), ...pullSecrets.secrets()]),
            onProblem: (error) =>
              log.warn({ problem: describeFailure(error).message }, 'an Event could not be written'),
          }),
        );
  return () => {
    const started = startWatch({ config, cluster, registries, clock, events, forge, signal });
    watch = started;
    const pings = pingBackup(backup, registries, metrics, clock, signal);
    return {
      watch: started,
      secrets: () => pullSecrets.secrets(),
      async end() {
        ending.abort();
        await Promise.all([started.done, pings]);
        registries.close();
      },
    };
  };
}

/** Addresses, mirrors and certificate files are read when a registry is opened first: now, not in the midst of work. */
function openAll({ registries: settings }: Config, backup: string, registries: Registries): void {
  for (const host of new Set([...Object.keys(settings), 'docker.io', backup]))
    for (const use of ['pull', 'read', 'push', 'anonymous'] as const) registries.open(host, use);
}

function both(first: WatchEvents, second: WatchEvents): WatchEvents {
  return {
    onPicture: (...all) => [first, second].forEach((one) => one.onPicture(...all)),
    onKind: (...all) => [first, second].forEach((one) => one.onKind(...all)),
    onCopied: (...all) => [first, second].forEach((one) => one.onCopied(...all)),
    onUpstream: (...all) => [first, second].forEach((one) => one.onUpstream(...all)),
    onLost: (...all) => [first, second].forEach((one) => one.onLost(...all)),
    onProposed: (...all) => [first, second].forEach((one) => one.onProposed(...all)),
    onIgnored: (...all) => [first, second].forEach((one) => one.onIgnored(...all)),
    onProblem: (...all) => [first, second].forEach((one) => one.onProblem(...all)),
  };
}

/** Whether the backup registry answers, each minute: the one thing that an operator is woken up for. */
async function pingBackup(
  backup: string,
  registries: Registries,
  metrics: Metrics,
  clock: Clock,
  signal: AbortSignal,
): Promise<void> {
  const registry = registries.open(backup, 'push');
  while (!signal.aborted) {
    const isUp = await registry.ping(signal).then(
      () => true,
      () => false,
    );
    metrics.reachable(backup, isUp);
    const limit = registries.open('docker.io', 'anonymous').rateLimit();
    if (limit !== null) metrics.limited('docker.io', limit);
    await clock.sleep(60_000, signal).catch(() => {});
  }
}
