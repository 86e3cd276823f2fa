import type { Clock } from '../../registry/index.ts';
import { listObjects } from './list-objects.ts';
import type { KubernetesObject } from './live-workload.ts';
import type { Cluster } from './open-cluster.ts';
import { ClusterError } from './requests.ts';

/** How far our picture of one kind is. `absent`: the server has no such kind; `forbidden`: it may not be read. */
export type ReflectionState = 'starting' | 'synced' | 'absent' | 'forbidden' | 'failing';

/** A picture of all objects of one kind, kept up to date until it is stopped. */
export interface Reflection<T> {
  readonly name: string;
  readonly state: ReflectionState;
  /** What went wrong last, in a sentence; null while all is well. */
  readonly problem: string | null;
  /** Full lists that were read. */
  readonly lists: number;
  /** Since when every attempt has failed; null while all is well. */
  readonly failingSince: number | null;
  values(): IterableIterator<T>;
}

export interface ReflectOptions<T> {
  readonly name: string;
  /** Path of the list; null when the server does not have the kind. Asked for at each list. */
  readonly path: () => Promise<string | null>;
  /** What is kept of an object; null keeps nothing. */
  readonly project: (object: KubernetesObject) => T | null;
  readonly onChange: () => void;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

/** Milliseconds. */
const firstPause = 1000;
const longestPause = 60_000;
/** A connection that is half open brings no event and no error: then and now all is asked for again. */
const relistAfter = 20 * 60_000;
/** The server ends a watch after so long; we do a little later, should its end not reach us. */
const watchSeconds = 300;
const watchGrace = 15_000;

/**
 * List, then watch from there, for ever: again with a growing pause while nothing lasts, with a new list when the
 * history is lost (410). Only what `project` answers is kept, so that memory depends on what is used of an object.
 */
export function reflect<T>(cluster: Cluster, options: ReflectOptions<T>): Reflection<T> {
  const { clock, signal, name } = options;
  let objects = new Map<string, T>();
  const state = { state: 'starting' as ReflectionState, problem: null as string | null, lists: 0 };
  let failingSince: number | null = null;
  let failures = 0;

  const list = async (path: string): Promise<string> => {
    const next = new Map<string, T>();
    const version = await listObjects(
      cluster,
      path,
      (object) => {
        const kept = options.project(object);
        if (kept !== null) next.set(keyOf(object), kept);
      },
      signal,
    );
    objects = next;
    state.lists += 1;
    settle('synced', null);
    options.onChange();
    return version;
  };

  const settle = (now: ReflectionState, problem: string | null): void => {
    state.state = now;
    state.problem = problem;
    if (problem === null) failingSince = null;
    else failingSince ??= clock.now();
  };

  /** Watches until the list is old; answers when a new list is due. */
  const follow = async (path: string, from: string): Promise<void> => {
    const until = clock.now() + relistAfter * (0.8 + 0.4 * clock.random());
    let version = from;
    while (!signal.aborted && clock.now() < until) {
      const end = new AbortController();
      const stop = AbortSignal.any([signal, end.signal]);
      // In real time, whatever the clock of a test says: it guards a connection.
      const deadline = setTimeout(() => end.abort(), watchSeconds * 1000 + watchGrace);
      const relist = clock.sleep(until - clock.now(), stop).then(
        () => end.abort(),
        () => {},
      );
      let openedAt = Number.POSITIVE_INFINITY;
      /** What brings nothing, and does not last, is asked for less and less often: some proxies end each watch. */
      const lasted = (): boolean => clock.now() - openedAt >= firstPause;
      try {
        const query = `watch=true&allowWatchBookmarks=true&timeoutSeconds=${watchSeconds}`;
        await cluster.watch(
          `${path}?${query}&resourceVersion=${version}`,
          {
            onOpen: () => {
              openedAt = clock.now();
              settle('synced', null);
            },
            onEvent: (event) => {
              const { type, object } = event as { type?: string; object?: KubernetesObject };
              if (type === 'ERROR') throw errorOf(object);
              failures = 0;
              if (object === undefined) return;
              version = object.metadata?.resourceVersion ?? version;
              if (type !== 'BOOKMARK') apply(type, object);
            },
          },
          stop,
        );
        if (lasted()) failures = 0;
        else if (!stop.aborted) await rest();
      } catch (error) {
        if (signal.aborted || end.signal.aborted) continue;
        if (lasted()) failures = 0;
        if (hasStatus(error, 410)) return await rest();
        await pause(error);
        // It may be listed alone: then that is how changes are seen.
        if (hasStatus(error, 403)) return;
      } finally {
        clearTimeout(deadline);
        end.abort();
        await relist;
      }
    }
  };

  const apply = (type: string | undefined, object: KubernetesObject): void => {
    const key = keyOf(object);
    const kept = type === 'DELETED' ? null : options.project(object);
    if (kept === null) {
      if (objects.delete(key)) options.onChange();
    } else {
      objects.set(key, kept);
      options.onChange();
    }
  };

  const pause = async (error: unknown): Promise<void> => {
    const message = error instanceof Error ? error.message : String(error);
    const before = state.state;
    settle(hasStatus(error, 403) ? 'forbidden' : hasStatus(error, 404) ? 'absent' : 'failing', message);
    if (before !== state.state) options.onChange();
    await rest();
  };

  const rest = async (): Promise<void> => {
    const most = Math.min(firstPause * 2 ** failures, longestPause);
    failures += 1;
    await clock.sleep(most * (0.5 + 0.5 * clock.random()), signal);
  };

  const run = async (): Promise<void> => {
    while (!signal.aborted) {
      try {
        const path = await options.path();
        if (path === null) {
          objects = new Map();
          if (state.state !== 'absent') {
            settle('absent', null);
            options.onChange();
          }
          await clock.sleep(longestPause, signal);
          continue;
        }
        await follow(path, await list(path));
      } catch (error) {
        if (signal.aborted) return;
        await (hasStatus(error, 410) ? rest() : pause(error)).catch(() => {});
      }
    }
  };
  void run().catch(() => {
    // Only the stop of the clock's sleep ends here.
  });

  return {
    name,
    get state() {
      return state.state;
    },
    get problem() {
      return state.problem;
    },
    get lists() {
      return state.lists;
    },
    get failingSince() {
      return failingSince;
    },
    values: () => objects.values(),
  };
}

/** 403: it may not be read; 404: there is no such kind; 410: the version that a list or watch began at is no longer kept. */
function hasStatus(error: unknown, status: 403 | 404 | 410): boolean {
  return error instanceof ClusterError && error.status === status;
}

function errorOf(status: KubernetesObject | undefined): ClusterError {
  const { code, message } = (status ?? {}) as { code?: unknown; message?: unknown };
  return new ClusterError(
    typeof code === 'number' ? code : 0,
    typeof message === 'string' ? message : 'the API server ended the watch with an error',
  );
}

function keyOf({ metadata }: KubernetesObject): string {
  return `${metadata?.namespace ?? ''}/${metadata?.name ?? ''}`;
}
