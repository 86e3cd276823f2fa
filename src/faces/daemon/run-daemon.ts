import { readFile } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { type Config, type Environment, loadConfig, type Setting, seedSettings } from '../../config/index.ts';
import { HoldfastError } from '../../error.ts';
import { type FindToken, type GitHubApp, openAppTokens } from '../../forge/index.ts';
import { type Clock, systemClock } from '../../registry/index.ts';
import { type ClusterOptions, openCluster, openEventWriter } from '../../source/index.ts';
import type { ForgeAccess } from '../../watch/index.ts';
import { readConfigSource } from '../config-file.ts';
import { describeFailure } from '../failure.ts';
import { findToken } from '../find-token.ts';
import { followConfig } from './follow-config.ts';
import { findSecrets, openLog } from './log.ts';
import { createMetrics } from './metrics.ts';
import { prepareOne, type Running } from './prepare-one.ts';
import { servePage } from './serve.ts';

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
  /** Whatever is wrong with a configuration is found here, while the one before still counts. */
  const prepare = async (next: Config): Promise<() => Running> => {
    // Without the setting nothing is there that could write.
    const writer = next.watch.events ? await openEventWriter(access) : null;
    return prepareOne(next, { cluster, writer, forge, log, metrics, clock, env, stop: signal });
  };
  const start = await prepare(config);
  const server = await servePage(config.watch.listen, () => running?.watch.look() ?? null, metrics);
  running = start();
  log.info(
    { url: server.url, cluster: cluster.name, backup: config.backup, mode: config.watch.mode },
    'watching',
  );
  io.onListening?.(server.url);

  await followConfig(load, config, signal, {
    async onChange(next) {
      const startNext = await prepare(next);
      log.info('the configuration changed: starting anew with it');
      if (!(await endWithin(running, patience)))
        log.warn('what went on under the old configuration did not end in time, and is left behind');
      config = next;
      running = startNext();
    },
    onProblem: (error) =>
      log.error(
        { problem: describeFailure(error).message },
        'the changed configuration is wrong; the old one counts',
      ),
  });
  log.info('stopping');
  if (!(await endWithin(running, grace))) log.warn('not everything ended in the grace period');
  await server.close();
  log.info('stopped');
}

/** Milliseconds; Kubernetes kills after 30 seconds. */
const grace = 25_000;
/** Milliseconds that the old watch has to end when the configuration changed. */
const patience = 10_000;

async function endWithin(running: Running | null, milliseconds: number): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<false>((resolve) => {
    timer = setTimeout(() => resolve(false), milliseconds);
  });
  const ended = (running?.end() ?? Promise.resolve()).then(() => true);
  const isInTime = await Promise.race([ended, late]);
  clearTimeout(timer);
  return isInTime;
}

async function loadDaemonConfig(call: DaemonCall, { cwd, env }: DaemonIo): Promise<Config> {
  const file = await readConfigSource(cwd, call.configFile);
  const config = await loadConfig({ flags: call.flags, env, file, seeds: seedSettings(env) });
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
  const token = findToken(env);
  return token === null ? null : async () => token;
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
