import { type Cluster, ClusterError } from '../../src/source/cluster/index.ts';
import type { KubernetesObject } from '../../src/source/cluster/live-workload.ts';

/** An API server in memory: lists, watches, and nothing else. For kinds and faults that the real one lacks. */
export interface FakeCluster extends Cluster {
  /** Adds or replaces an object, and tells those who watch. */
  put(path: string, object: KubernetesObject): void;
  remove(path: string, namespace: string, name: string): void;
  /** Answers in place of its own, until it is null again. */
  fault: ((path: string) => Error | null) | null;
  /** Ends every watch that is open, as a proxy may. */
  dropWatches(): void;
  /** The next watch from an old version is told that it is gone. */
  compact(): void;
  readonly requests: readonly string[];
}

interface Watcher {
  readonly path: string;
  readonly tell: (event: unknown) => void;
  readonly end: (error?: Error) => void;
}

/** `served`: paths that exist; another is answered with 404. */
export function createFakeCluster(served: readonly string[]): FakeCluster {
  const objects = new Map<string, Map<string, KubernetesObject>>(served.map((path) => [path, new Map()]));
  const watchers = new Set<Watcher>();
  const requests: string[] = [];
  let version = 1;
  let oldest = 0;

  const check = (path: string): void => {
    requests.push(path);
    const error = cluster.fault?.(path);
    if (error) throw error;
  };
  const tell = (path: string, type: string, object: KubernetesObject): void => {
    for (const watcher of watchers) if (watcher.path === path) watcher.tell({ type, object });
  };

  const cluster: FakeCluster = {
    name: 'fake',
    fault: null,
    requests,
    async get(path) {
      check(path);
      const [base = ''] = path.split('?');
      const found = objects.get(base);
      if (found !== undefined)
        return { metadata: { resourceVersion: String(version) }, items: [...found.values()] };
      const discovery = discover(base, served);
      if (discovery === null) throw new ClusterError(404, 'the server could not find the requested resource');
      return discovery;
    },
    watch(path, { onOpen, onEvent }, signal) {
      check(path);
      const [base = '', query = ''] = path.split('?');
      const from = Number(new URLSearchParams(query).get('resourceVersion'));
      if (from < oldest) return Promise.reject(new ClusterError(410, 'too old resource version'));
      return new Promise((resolve, reject) => {
        const watcher: Watcher = {
          path: base,
          tell: onEvent,
          end: (error) => {
            watchers.delete(watcher);
            if (error) reject(error);
            else resolve();
          },
        };
        watchers.add(watcher);
        onOpen();
        signal.addEventListener('abort', () => watcher.end(new Error('aborted')), { once: true });
      });
    },
    put(path, object) {
      version += 1;
      const metadata = { ...object.metadata, resourceVersion: String(version) };
      const kept = { ...object, metadata };
      const found = objects.get(path) ?? new Map<string, KubernetesObject>();
      const key = `${metadata.namespace}/${metadata.name}`;
      const type = found.has(key) ? 'MODIFIED' : 'ADDED';
      found.set(key, kept);
      objects.set(path, found);
      tell(path, type, kept);
    },
    remove(path, namespace, name) {
      version += 1;
      const found = objects.get(path);
      const object = found?.get(`${namespace}/${name}`);
      if (object === undefined) throw new Error(`${path} has no ${namespace}/${name}`);
      found?.delete(`${namespace}/${name}`);
      tell(path, 'DELETED', object);
    },
    dropWatches() {
      for (const watcher of watchers) watcher.end(new Error('ERR_STREAM_PREMATURE_CLOSE'));
    },
    compact() {
      version += 1;
      oldest = version;
      cluster.dropWatches();
    },
  };
  return cluster;
}

/** What `/apis/GROUP` and `/apis/GROUP/VERSION` say, from the paths that are served. */
function discover(base: string, served: readonly string[]): unknown {
  const parts = base.split('/').filter((part) => part !== '');
  const under = served.filter((path) => path.startsWith(`${base}/`));
  if (parts[0] !== 'apis' || under.length === 0) return null;
  if (parts.length === 2)
    return { preferredVersion: { groupVersion: under[0]?.split('/').slice(2, 4).join('/') } };
  return { resources: under.map((path) => ({ name: path.split('/').at(-1) })) };
}

export const paths = {
  pods: '/api/v1/pods',
  deployments: '/apis/apps/v1/deployments',
  daemonsets: '/apis/apps/v1/daemonsets',
  statefulsets: '/apis/apps/v1/statefulsets',
  replicasets: '/apis/apps/v1/replicasets',
  jobs: '/apis/batch/v1/jobs',
  cronjobs: '/apis/batch/v1/cronjobs',
  applications: '/apis/argoproj.io/v1alpha1/applications',
  kustomizations: '/apis/kustomize.toolkit.fluxcd.io/v1/kustomizations',
  helmreleases: '/apis/helm.toolkit.fluxcd.io/v2/helmreleases',
  gitrepositories: '/apis/source.toolkit.fluxcd.io/v1/gitrepositories',
} as const;

/** A Deployment as the API server has it. */
export function liveDeployment(
  name: string,
  image: string,
  more: {
    readonly namespace?: string;
    readonly labels?: Readonly<Record<string, string>>;
    readonly annotations?: Readonly<Record<string, string>>;
  } = {},
): KubernetesObject {
  const { namespace = 'shop', labels = {}, annotations = {} } = more;
  return {
    metadata: { name, namespace, labels, annotations },
    spec: { template: { spec: { containers: [{ name: 'main', image }] } } },
  };
}

/** A Pod with what its node says. */
export function livePod(
  name: string,
  containers: readonly { readonly image: string; readonly imageID: string }[],
  owner: { readonly kind: string; readonly name: string } | null = null,
): KubernetesObject {
  return {
    metadata: {
      name,
      namespace: 'shop',
      labels: { 'pod-template-hash': '5d4f' },
      ...(owner && { ownerReferences: [{ ...owner, controller: true }] }),
    },
    spec: { containers: containers.map(({ image }, index) => ({ name: `c${index}`, image })) },
    status: {
      phase: 'Running',
      containerStatuses: containers.map(({ imageID }, index) => ({ name: `c${index}`, imageID })),
    },
  };
}
