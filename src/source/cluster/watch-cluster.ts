import { setMaxListeners } from 'node:events';
import type { ImageRule } from '../../manifests/index.ts';
import type { Clock } from '../../registry/index.ts';
import { type LiveOwner, ownerKinds, toLiveOwner } from './live-owner.ts';
import { type LivePod, toLivePod } from './live-pod.ts';
import { isOwned, type KubernetesObject, type LiveWorkload, toLiveWorkload } from './live-workload.ts';
import type { Cluster } from './open-cluster.ts';
import { type Reflection, reflect } from './reflect.ts';
import { ClusterError } from './requests.ts';
import { pathOf, workloadKinds } from './workload-kinds.ts';

/** All that is known of a cluster by now. */
export interface LiveWorld {
  readonly workloads: readonly LiveWorkload[];
  readonly pods: readonly LivePod[];
  readonly owners: readonly LiveOwner[];
}

export interface ClusterWatch {
  /** A picture of now; its lists are new, its objects are shared. */
  look(): LiveWorld;
  readonly kinds: readonly Pick<Reflection<unknown>, 'name' | 'state' | 'problem' | 'lists'>[];
  /**
   * True when every kind that makes Pods was read once, or cannot be: what the cluster depends on is known. A kind that
   * may not be read, or has failed for a minute, holds nothing up, as long as others can be read; it is told with its
   * problem.
   */
  isSynced(): boolean;
  /** The same of all kinds, with custom resources and those that say where objects come from. */
  isComplete(): boolean;
}

/** Milliseconds. A webhook or an aggregated API that is dead may stay so for days. */
const patience = 60_000;

export interface WatchOptions {
  /** Custom resources to watch, and their image fields. */
  readonly rules: readonly ImageRule[];
  readonly isExcluded: (namespace: string) => boolean;
  /** Something may have changed; many of these are one. */
  readonly onChange: () => void;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

/** Watches what makes Pods, the Pods, and what says where they come from. Ends with the signal. */
export function watchCluster(cluster: Cluster, options: WatchOptions): ClusterWatch {
  const { onChange, clock, signal } = options;
  // Every kind listens to it.
  setMaxListeners(0, signal);
  const shared = { onChange, clock, signal };
  const isOutside = ({ metadata }: KubernetesObject) => options.isExcluded(metadata?.namespace ?? '');
  const intern = createIntern();
  const pods = reflect<LivePod>(cluster, {
    ...shared,
    name: 'Pod',
    path: async () => '/api/v1/pods',
    project: (object) => (isOutside(object) ? null : toLivePod(object, intern)),
  });
  const workloads = workloadKinds
    .filter(({ kind }) => kind !== 'Pod')
    .map((kind) =>
      reflect<LiveWorkload>(cluster, {
        ...shared,
        name: kind.kind,
        path: async () => pathOf(kind),
        project: (object) =>
          isOutside(object) || (kind.ownerless && isOwned(object)) ? null : toLiveWorkload(object, kind),
      }),
    );
  const { rules } = options;
  const custom = customKinds(rules).map(({ apiVersion, kind }) =>
    reflect<LiveWorkload>(cluster, {
      ...shared,
      name: kind,
      path: () => findPath(cluster, apiVersion, kind),
      project: (object) =>
        isOutside(object)
          ? null
          : // Objects of a list do not say their version; to rules for each version any one is as good.
            toLiveWorkload(object, { apiVersion: apiVersion.replace('/*', '/v1'), kind, rules }),
    }),
  );
  const owners = ownerKinds.map(({ group, plural, kind }) =>
    reflect<LiveOwner>(cluster, {
      ...shared,
      name: kind,
      path: () => findPreferred(cluster, group, plural),
      project: (object) => toLiveOwner(object, kind),
    }),
  );
  const kinds = [pods, ...workloads, ...custom, ...owners];
  const areKnown = (some: readonly Reflection<unknown>[]): boolean => {
    const isAnyRead = some.some(({ lists }) => lists > 0);
    return some.every(
      ({ state, lists, failingSince }) =>
        lists > 0 ||
        state === 'absent' ||
        (isAnyRead &&
          (state === 'forbidden' || (failingSince !== null && clock.now() - failingSince >= patience))),
    );
  };
  return {
    look: () => ({
      workloads: [...workloads, ...custom].flatMap((kind) => [...kind.values()]),
      pods: [...pods.values()],
      owners: owners.flatMap((kind) => [...kind.values()]),
    }),
    kinds,
    isSynced: () => areKnown([pods, ...workloads]),
    isComplete: () => areKnown(kinds),
  };
}

/** Each kind once, however many rules it has; a version of all (`example.com/*`) is the one that is preferred. */
function customKinds(
  rules: readonly ImageRule[],
): readonly { readonly apiVersion: string; readonly kind: string }[] {
  return [
    ...new Map(rules.map(({ apiVersion, kind }) => [`${apiVersion} ${kind}`, { apiVersion, kind }])).values(),
  ];
}

/** The path of a kind, from what the API server says that it serves; null when it does not. */
async function findPath(cluster: Cluster, written: string, kind: string): Promise<string | null> {
  const apiVersion = written.endsWith('/*')
    ? await findPreferredVersion(cluster, written.slice(0, -2))
    : written;
  if (apiVersion === undefined) return null;
  const served = await getOrNull(
    cluster,
    apiVersion.includes('/') ? `/apis/${apiVersion}` : `/api/${apiVersion}`,
  );
  const { resources = [] } = (served ?? {}) as { resources?: { kind?: string; name?: string }[] };
  const found = resources.find((one) => one.kind === kind && one.name?.includes('/') === false);
  return found?.name === undefined ? null : pathOf({ apiVersion, plural: found.name });
}

async function findPreferred(cluster: Cluster, group: string, plural: string): Promise<string | null> {
  const apiVersion = await findPreferredVersion(cluster, group);
  if (apiVersion === undefined) return null;
  const { resources = [] } = ((await getOrNull(cluster, `/apis/${apiVersion}`)) ?? {}) as {
    resources?: { name?: string }[];
  };
  return resources.some(({ name }) => name === plural) ? pathOf({ apiVersion, plural }) : null;
}

async function findPreferredVersion(cluster: Cluster, group: string): Promise<string | undefined> {
  const served = await getOrNull(cluster, `/apis/${group}`);
  const { preferredVersion } = (served ?? {}) as { preferredVersion?: { groupVersion?: string } };
  return preferredVersion?.groupVersion;
}

async function getOrNull(cluster: Cluster, path: string): Promise<unknown> {
  try {
    return await cluster.get(path);
  } catch (error) {
    if (error instanceof ClusterError && error.status === 404) return null;
    throw error;
  }
}

/** Thousands of Pods run the same few images: each text is kept once. */
function createIntern(): (text: string) => string {
  const known = new Map<string, string>();
  return (text) => {
    const found = known.get(text);
    if (found !== undefined) return found;
    // What is never forgotten must not grow for ever; what is dropped costs memory, and nothing else.
    if (known.size > 100_000) known.clear();
    known.set(text, text);
    return text;
  };
}
