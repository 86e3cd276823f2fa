import type { ImageUse } from '../../manifests/index.ts';
import { type KubernetesObject, type LiveWorkload, toImageUses, toLiveWorkload } from './live-workload.ts';
import { type Cluster, ClusterError } from './open-cluster.ts';

/** A kind of the API server that runs Pods. */
export interface WorkloadKind {
  readonly apiVersion: string;
  readonly kind: string;
  readonly plural: string;
  /** Where its pod spec stands. */
  readonly template: string;
  /** Objects that another one made say nothing that their owner does not. */
  readonly ownerless: boolean;
}

const workloadTemplate = 'spec.template.spec';

/** What makes Pods, in the order of a report. */
export const workloadKinds: readonly WorkloadKind[] = [
  {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    plural: 'deployments',
    template: workloadTemplate,
    ownerless: false,
  },
  {
    apiVersion: 'apps/v1',
    kind: 'DaemonSet',
    plural: 'daemonsets',
    template: workloadTemplate,
    ownerless: false,
  },
  {
    apiVersion: 'apps/v1',
    kind: 'StatefulSet',
    plural: 'statefulsets',
    template: workloadTemplate,
    ownerless: false,
  },
  {
    apiVersion: 'apps/v1',
    kind: 'ReplicaSet',
    plural: 'replicasets',
    template: workloadTemplate,
    ownerless: true,
  },
  { apiVersion: 'batch/v1', kind: 'Job', plural: 'jobs', template: workloadTemplate, ownerless: true },
  {
    apiVersion: 'batch/v1',
    kind: 'CronJob',
    plural: 'cronjobs',
    template: 'spec.jobTemplate.spec.template.spec',
    ownerless: false,
  },
  { apiVersion: 'v1', kind: 'Pod', plural: 'pods', template: 'spec', ownerless: true },
];

/** What runs, and what could not be asked for. */
export interface ClusterReading {
  readonly uses: readonly ImageUse[];
  /** Objects that were looked at. */
  readonly objects: number;
  /** A sentence for each kind that may not be listed. */
  readonly notes: readonly string[];
}

/** One look at every workload of a cluster, page by page, so that its size does not matter. */
export async function readCluster(cluster: Cluster): Promise<ClusterReading> {
  const uses: ImageUse[] = [];
  const notes: string[] = [];
  let objects = 0;
  for (const kind of workloadKinds) {
    try {
      for await (const workload of listWorkloads(cluster, kind)) {
        objects += 1;
        uses.push(...toImageUses(workload));
      }
    } catch (error) {
      if (!(error instanceof ClusterError)) throw error;
      // A kind that this server does not have has no objects either.
      if (error.status !== 404) notes.push(`${kind.kind} objects were not read: ${error.message}.`);
    }
  }
  return { uses, objects, notes };
}

const pageSize = 500;

/** Every object of a kind, without those that an owner explains. */
export async function* listWorkloads(cluster: Cluster, kind: WorkloadKind): AsyncGenerator<LiveWorkload> {
  const group = kind.apiVersion.includes('/') ? `/apis/${kind.apiVersion}` : `/api/${kind.apiVersion}`;
  for (let next = ''; ; ) {
    const list = (await cluster.get(`${group}/${kind.plural}?limit=${pageSize}${next}`)) as {
      items?: readonly KubernetesObject[];
      metadata?: { continue?: string };
    };
    for (const object of list.items ?? [])
      if (!kind.ownerless || (object.metadata?.ownerReferences ?? []).length === 0)
        yield toLiveWorkload(object, kind);
    if (!list.metadata?.continue) return;
    next = `&continue=${encodeURIComponent(list.metadata.continue)}`;
  }
}
