import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { addImage, type EmbeddedRegistry, startRegistry } from '../../src/embedded/index.ts';
import { type DaemonCall, runDaemon } from '../../src/faces/daemon/index.ts';
import type { Clock } from '../../src/registry/index.ts';
import type { PageImage, PageModel } from '../../src/report/index.ts';
import { type KubeApiserver, startKubeApiserver } from './kube-apiserver.ts';
import { applyDeploy } from './kube-identity.ts';

/** A daemon in this process, and what it said. */
export interface RunningDaemon {
  readonly url: string;
  readonly log: readonly string[];
  get(path: string): Promise<{ readonly status: number; readonly text: string; readonly type: string }>;
  page(): Promise<PageModel>;
  image(name: string): Promise<PageImage | undefined>;
  /** Resolves when `test` holds of what the page knows; fails with what it knows after a while. */
  until(test: (page: PageModel) => boolean, seconds?: number): Promise<PageModel>;
  /** As SIGTERM does. Milliseconds that it took. */
  stop(): Promise<number>;
}

export interface DaemonWorld {
  readonly upstream: EmbeddedRegistry;
  readonly backup: EmbeddedRegistry;
  readonly root: string;
  /** Variables of a daemon that uses these registries. */
  readonly env: Readonly<Record<string, string>>;
  start(options?: {
    readonly env?: Readonly<Record<string, string>>;
    readonly kubeconfig?: string;
    readonly context?: string;
    readonly configFile?: string;
    readonly clock?: Clock;
  }): Promise<RunningDaemon>;
  stopAll(): Promise<void>;
  close(): Promise<void>;
}

/** `docker.io` and `quay.io` at one embedded registry, an empty backup, and daemons on a cluster. */
export async function createDaemonWorld(
  kube: Pick<KubeApiserver, 'kubeconfig'>,
  kubeconfig = kube.kubeconfig,
): Promise<DaemonWorld> {
  const root = await mkdtemp(join(tmpdir(), 'holdfast-daemon-'));
  const [upstream, backup] = await Promise.all([startRegistry(), startRegistry()]);
  await addImage(upstream, 'library/nginx', '1.25', { layerBytes: 2000 });
  await addImage(upstream, 'library/busybox', '1.37', { layerBytes: 1000 });
  await addImage(upstream, 'team/agent', '2', { layerBytes: 1000 });
  await addImage(upstream, 'team/idle', '1', { layerBytes: 500 });
  const env = {
    HOLDFAST_BACKUP: 'backup.example/mirror',
    HOLDFAST_ENDPOINT: [
      `docker.io=${upstream.url}`,
      `quay.io=${upstream.url}`,
      `backup.example=${backup.url}`,
    ].join(','),
    HOLDFAST_WATCH_LISTEN: '127.0.0.1:0',
    HOLDFAST_CACHE: join(root, 'cache'),
    HOME: root,
    POD_NAMESPACE: 'holdfast',
    PATH: process.env['PATH'] ?? '',
  };
  const daemons: RunningDaemon[] = [];
  return {
    upstream,
    backup,
    root,
    env,
    async start(options = {}) {
      const daemon = await startDaemon(
        { ...env, KUBECONFIG: options.kubeconfig ?? kubeconfig, ...options.env },
        {
          flags: [],
          configFile: options.configFile ?? null,
          context: options.context ?? null,
          isVerbose: true,
        },
        root,
        options.clock,
      );
      daemons.push(daemon);
      return daemon;
    },
    async stopAll() {
      await Promise.all(daemons.splice(0).map((daemon) => daemon.stop()));
    },
    async close() {
      await Promise.all(daemons.map((daemon) => daemon.stop()));
      await Promise.all([upstream.close(), backup.close()]);
      await rm(root, { recursive: true, force: true });
    },
  };
}

/** An API server with `deploy/` and a Deployment of nginx, and a world whose daemons have the rights of `deploy/`. */
export async function startDeployedWorld(): Promise<{
  readonly kube: KubeApiserver;
  readonly world: DaemonWorld;
}> {
  const kube = await startKubeApiserver();
  try {
    const world = await createDaemonWorld(kube, await applyDeploy(kube));
    await kube.kubectl(['create', 'deployment', 'web', '--image=nginx:1.25']);
    return { kube, world };
  } catch (error) {
    await kube.stop();
    throw error;
  }
}

async function startDaemon(
  env: Readonly<Record<string, string>>,
  call: DaemonCall,
  cwd: string,
  clock: Clock | undefined,
): Promise<RunningDaemon> {
  const log: string[] = [];
  const stop = new AbortController();
  const listening = withResolvers<string>();
  const ended = runDaemon(call, {
    env,
    cwd,
    signal: stop.signal,
    write: (line) => log.push(line),
    onListening: listening.resolve,
    ...(clock && { clock }),
  });
  ended.catch(listening.reject);
  const url = await listening.promise;
  const get = async (path: string) => {
    const answer = await fetch(url + path);
    return {
      status: answer.status,
      text: await answer.text(),
      type: answer.headers.get('content-type') ?? '',
    };
  };
  const page = async (): Promise<PageModel> => JSON.parse((await get('/api/images')).text) as PageModel;
  return {
    url,
    log,
    get,
    page,
    image: async (name) => (await page()).images.find((image) => image.name === name),
    async until(test, seconds = 25) {
      for (const end = Date.now() + seconds * 1000; ; ) {
        const now = await page();
        if (test(now)) return now;
        if (Date.now() > end)
          throw new Error(
            `it did not come to that in ${seconds} s: ${describe(now)}\n${log.slice(-12).join('')}`,
          );
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
    },
    async stop() {
      const began = Date.now();
      stop.abort();
      await ended;
      return Date.now() - began;
    },
  };
}

function describe({ images, requests, notices }: PageModel): string {
  const rows = images.map(({ name, status, upstream }) => `${name} ${status} ${upstream?.state ?? ''}`);
  return [...rows, ...requests.map(({ state, explanation }) => `${state} ${explanation}`), ...notices].join(
    '\n',
  );
}

/** `Promise.withResolvers` of Node 22. */
function withResolvers<T>(): {
  readonly promise: Promise<T>;
  readonly resolve: (value: T) => void;
  readonly reject: (reason: unknown) => void;
} {
  let resolve: (value: T) => void = () => {};
  let reject: (reason: unknown) => void = () => {};
  const promise = new Promise<T>((yes, no) => {
    resolve = yes;
    reject = no;
  });
  return { promise, resolve, reject };
}
