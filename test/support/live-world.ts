import type { Config } from '../../src/config/index.ts';
import { addImage, type EmbeddedRegistry, startRegistry } from '../../src/embedded/index.ts';
import { openRegistries } from '../../src/registry/index.ts';
import {
  type ForgeAccess,
  startWatch,
  type Watch,
  type WatchedImage,
  type WatchSnapshot,
} from '../../src/watch/index.ts';
import { plainConfig } from '../backup/world.ts';
import { createFakeClock, type FakeClock } from './fake-clock.ts';
import { createFakeCluster, type FakeCluster, paths } from './fake-cluster.ts';

/** The daemon's work without its face: a cluster in memory, a clock of our own, two registries. */
export interface LiveWorld {
  readonly cluster: FakeCluster;
  readonly clock: FakeClock;
  readonly upstream: EmbeddedRegistry;
  readonly backup: EmbeddedRegistry;
  readonly problems: readonly string[];
  readonly ignored: readonly string[];
  /** Kinds that could not be read, and could again; and each picture, fresh or stale. */
  readonly seen: readonly string[];
  /** Where `registry.mute` is at the next start. */
  mute(url: string): void;
  /** `mirror`: of docker.io. */
  start(changes?: Partial<Config>, forge?: Partial<ForgeAccess>, mirror?: EmbeddedRegistry): Watch;
  /** Waits in real time until the snapshot holds; the clock goes on a little at each look. */
  until(test: (snapshot: WatchSnapshot) => boolean, seconds?: number): Promise<WatchSnapshot>;
  image(canonical: string): WatchedImage;
  stop(): Promise<void>;
  close(): Promise<void>;
}

/** `shared`: the registries of another world, as two clusters have. */
export async function createLiveWorld(
  shared: Pick<LiveWorld, 'upstream' | 'backup'> | null = null,
): Promise<LiveWorld> {
  const { upstream, backup } = shared ?? (await startRegistries());
  const cluster = createFakeCluster(Object.values(paths));
  const clock = createFakeClock();
  const problems: string[] = [];
  const ignored: string[] = [];
  const seen: string[] = [];
  let mute: string | null = null;
  let running: { watch: Watch; end: () => Promise<void> } | null = null;
  const look = (): WatchSnapshot => {
    if (running === null) throw new Error('start a watch first');
    return running.watch.look();
  };
  const world: LiveWorld = {
    mute(url) {
      mute = url;
    },
    cluster,
    clock,
    upstream,
    backup,
    problems,
    ignored,
    seen,
    start(changes = {}, forge = {}, mirror) {
      const ending = new AbortController();
      const registries = openRegistries({
        settings: {
          'docker.io': { endpoint: upstream.url, ...(mirror && { mirrors: [mirror.url] }) },
          'quay.io': { endpoint: upstream.url },
          'registry.corp': { endpoint: upstream.url },
          ...(mute !== null && { 'registry.mute': { endpoint: mute } }),
          'backup.test': { endpoint: backup.url },
        },
        clock,
      });
      const watch = startWatch({
        config: { ...plainConfig, ...changes },
        cluster,
        registries,
        clock,
        forge: { environment: process.env, findToken: null, cache: null, ...forge },
        signal: ending.signal,
        events: {
          onPicture: ({ isFresh }) => seen.push(isFresh ? 'fresh' : 'stale'),
          onKind: (kind, problem) => seen.push(`${kind}: ${problem}`),
          onCopied: () => {},
          onUpstream: () => {},
          onLost: () => {},
          onProposed: () => {},
          onIgnored: (repository, keys) => ignored.push(`${repository}: ${keys.join()}`),
          onProblem: (where, error) => problems.push(`${where}: ${String(error)}`),
        },
      });
      running = {
        watch,
        async end() {
          ending.abort();
          await watch.done;
          registries.close();
        },
      };
      return watch;
    },
    async until(test, seconds = 25) {
      for (const end = Date.now() + seconds * 1000; ; ) {
        await clock.advance(500);
        const snapshot = look();
        if (test(snapshot)) return snapshot;
        if (Date.now() > end) {
          const rows = snapshot.images.map(
            ({ canonical, backup: { state, error }, upstream: { state: up } }) =>
              `${canonical} ${state} ${error?.message ?? ''} ${up}`,
          );
          const asked = snapshot.proposals.map((one) => JSON.stringify(one));
          throw new Error(`it did not come to that: ${[...rows, ...asked, ...problems].join('\n')}`);
        }
      }
    },
    image(canonical) {
      const found = look().images.find((image) => image.canonical === canonical);
      if (found === undefined) throw new Error(`${canonical} is not watched`);
      return found;
    },
    async stop() {
      await running?.end();
      running = null;
    },
    async close() {
      await world.stop();
      if (shared === null) await Promise.all([upstream.close(), backup.close()]);
    },
  };
  return world;
}

async function startRegistries() {
  const [upstream, backup] = await Promise.all([startRegistry(), startRegistry()]);
  await addImage(upstream, 'library/nginx', '1.25', { layerBytes: 2000 });
  return { upstream, backup };
}
