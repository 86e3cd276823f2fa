import { setMaxListeners } from 'node:events';
import { readFile } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { type Config, loadConfig, type Setting, seedSettings } from '../../config/index.ts';
import { HoldfastError } from '../../error.ts';
import { type FindToken, type GitHubApp, openAppTokens } from '../../forge/index.ts';
import { type Clock, type Registries, systemClock } from '../../registry/index.ts';
import {
  type Cluster,
  type ClusterOptions,
  type EventWriter,
  openCluster,
  openEventWriter,
} from '../../source/index.ts';
import {
  type ForgeAccess,
  PullSecrets,
  startWatch,
  type Watch,
  type WatchEvents,
} from '../../watch/index.ts';
import { readConfigSource } from '../config-file.ts';
import { describeFailure } from '../failure.ts';
import { openConfiguredRegistries } from '../registries.ts';
import { followConfig } from './follow-config.ts';
import { findSecrets, hide, type Log, openLog } from './log.ts';
import { createMetrics, type Metrics } from './metrics.ts';
import { servePage } from './serve.ts';
import { tellCluster } from './tell-cluster.ts';
import { watchEvents } from './watch-events.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/** All that the daemon knows of its process; tests hand in their own. */
export interface DaemonIo {
  /** Takes the log, a JSON line at a time. */
  readonly write: (line: string) => unknown;
  readonly env: Environment;
  readonly cwd: string;
  /** Aborted by SIGTERM: what is under way is ended within the grace period. */
  readonly signal: AbortSignal;
  readonly clock?: Clock;
  readonly onListening?: (url: string) => void;
}

export interface DaemonCall {
  readonly flags: readonly Setting[];
  readonly configFile: string | null;
  readonly context: string | null;
  readonly isVerbose: boolean;
}

/** Milliseconds; Kubernetes kills after 30 seconds. */
const grace = 25_000;

/** Runs until the signal. Throws `HoldfastError` when it cannot start. */
export async function runDaemon(call: DaemonCall, io: DaemonIo): Promise<void> {
  const { env, signal } = io;
  const clock = io.clock ?? systemClock;
  const load = async (): Promise<Config> => loadDaemonConfig(call, io);
  let config = await load();
  let running: Running | null = null;
  const secrets = (): readonly string[] => [...findSecrets(config, env), ...(running?.secrets() ?? [])];
  const log = openLog(io.write, secrets, call.isVerbose ? 'debug' : 'info');
  const metrics = createMetrics();
  const access: ClusterOptions = { kubeconfigs: findKubeconfigs(env), context: call.context };
  const cluster = await openCluster(access);
  const forge = await openForge(env, clock);
  const start = async (): Promise<void> => {
    // Without the setting nothing is there that could write.
    const writer = config.watch.events ? await openEventWriter(access) : null;
    running = startOne(config, { cluster, writer, forge, log, metrics, clock, env, stop: signal });
  };
  await start();
  const server = await servePage(config.watch.listen, () => running?.watch.look() ?? null, metrics);
  log.info(
    { url: server.url, cluster: cluster.name, backup: config.backup, mode: config.watch.mode },
    'watching',
  );
  io.onListening?.(server.url);

  await followConfig(load, config, signal, {
    async onChange(next) {
      log.info('the configuration changed: starting anew with it');
      await running?.end();
      config = next;
      await start();
    },
    onProblem: (error) =>
      log.error(
        { problem: describeFailure(error).message },
        'the changed configuration is wrong; the old one counts',
      ),
  });
  log.info('stopping');
  await Promise.race([
    (running as Running | null)?.end(),
    new Promise((resolve) => setTimeout(resolve, grace).unref()),
  ]);
  await server.close();
  log.info('stopped');
}

interface Running {
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

/** One watch with one configuration. */
function startOne(config: Config, parts: Parts): Running {
  const { cluster, writer, forge, log, metrics, clock, env, stop } = parts;
  const ending = new AbortController();
  const signal = AbortSignal.any([stop, ending.signal]);
  // Every object kind, loop and transfer listens to it.
  setMaxListeners(0, signal);
  const mayReadSecrets = config.includePrivate && config.watch.readPullSecrets;
  const pullSecrets = new PullSecrets({
    cluster,
    clock,
    images: () => (mayReadSecrets ? watch.look().images : []),
    onProblem: (object, error) =>
      log.warn({ object, problem: describeFailure(error).message }, 'cannot be read for its credentials'),
  });
  const registries = openConfiguredRegistries(
    config,
    env,
    (registry, until, why) =>
      log.warn({ registry, until: until.toISOString(), why }, 'waiting for a registry'),
    (host, repository) => pullSecrets.find(host, repository),
  );
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
  const watch = startWatch({ config, cluster, registries, clock, events, forge, signal });
  const pings = pingBackup(config, registries, metrics, clock, signal);
  return {
    watch,
    secrets: () => pullSecrets.secrets(),
    async end() {
      ending.abort();
      await Promise.all([watch.done, pings]);
      registries.close();
    },
  };
}

function both(first: WatchEvents, second: WatchEvents): WatchEvents {
  return {
    onPicture: (...all) => [first, second].forEach((one) => one.onPicture(...all)),
    onCopied: (...all) => [first, second].forEach((one) => one.onCopied(...all)),
    onUpstream: (...all) => [first, second].forEach((one) => one.onUpstream(...all)),
    onProposed: (...all) => [first, second].forEach((one) => one.onProposed(...all)),
    onProblem: (...all) => [first, second].forEach((one) => one.onProblem(...all)),
  };
}

/** Whether the backup registry answers, each minute: the one thing that an operator is woken up for. */
async function pingBackup(
  { backup }: Config,
  registries: Registries,
  metrics: Metrics,
  clock: Clock,
  signal: AbortSignal,
): Promise<void> {
  const host = backup?.split('/', 1)[0];
  if (host === undefined) return;
  const registry = registries.open(host, 'push');
  while (!signal.aborted) {
    const isUp = await registry.ping(signal).then(
      () => true,
      () => false,
    );
    metrics.reachable(host, isUp);
    const limit = registries.open('docker.io', 'anonymous').rateLimit();
    if (limit !== null) metrics.limited('docker.io', limit);
    await clock.sleep(60_000, signal).catch(() => {});
  }
}

async function loadDaemonConfig(call: DaemonCall, { cwd, env }: DaemonIo): Promise<Config> {
  const file = await readConfigSource(cwd, call.configFile);
  const config = loadConfig({ flags: call.flags, env, file, seeds: seedSettings(env) });
  const own = env['POD_NAMESPACE'] ?? (await readOwnNamespace());
  if (own === null) return config;
  const { exclude } = config;
  return { ...config, exclude: { ...exclude, namespaces: [...new Set([...exclude.namespaces, own])] } };
}

async function readOwnNamespace(): Promise<string | null> {
  return readFile('/var/run/secrets/kubernetes.io/serviceaccount/namespace', 'utf8').catch(() => null);
}

function findKubeconfigs(env: Environment): readonly string[] {
  const named = env['KUBECONFIG']?.split(delimiter).filter((file) => file !== '') ?? [];
  return named.length > 0 ? named : [join(env['HOME'] ?? '', '.kube', 'config')];
}

async function openForge(env: Environment, clock: Clock): Promise<ForgeAccess> {
  return {
    environment: env,
    findToken: await openTokens(env, clock),
    cache: env['HOLDFAST_CACHE'] ?? null,
  };
}

/** A token, or an App's key, from which a token is made for each organisation. */
async function openTokens(env: Environment, clock: Clock): Promise<FindToken | null> {
  const id = env['GITHUB_APP_ID'];
  if (id !== undefined && id !== '') return openAppTokens(await readApp(id, env), () => clock.now());
  const token = env['GITHUB_TOKEN'] ?? env['GH_TOKEN'];
  return token === undefined || token === '' ? null : async () => token.trim();
}

async function readApp(id: string, env: Environment): Promise<GitHubApp> {
  const file = env['GITHUB_APP_PRIVATE_KEY_FILE'];
  const privateKey = env['GITHUB_APP_PRIVATE_KEY'] ?? (file && (await readFile(file, 'utf8')));
  if (privateKey) return { id: id.trim(), privateKey };
  throw new HoldfastError(
    'config',
    'GITHUB_APP_ID is set without a key: set GITHUB_APP_PRIVATE_KEY, or GITHUB_APP_PRIVATE_KEY_FILE to a file with it.',
  );
}
