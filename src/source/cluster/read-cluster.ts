import type { ImageUse } from '../../manifests/index.ts';
import { listObjects } from './list-objects.ts';
import { toLivePod } from './live-pod.ts';
import { isOwned, type KubernetesObject, toImageUses, toLiveWorkload } from './live-workload.ts';
import type { Cluster } from './open-cluster.ts';
import { ClusterError } from './requests.ts';
import { pathOf, rollbackKinds, workloadKinds } from './workload-kinds.ts';

/** What runs, and what could not be asked for. */
export interface ClusterReading {
  readonly uses: readonly ImageUse[];
  /** With `rollback`: the `imageID` of every container. */
  readonly running: readonly string[];
  /** Objects that were looked at. */
  readonly objects: number;
  /** A sentence for each kind that may not be listed. */
  readonly notes: readonly string[];
}

/**
 * One look at every workload of a cluster, page by page, so that its size does not matter. `rollback`: also what others
 * made, as ReplicaSets that are kept to go back to, and what nodes say that Pods run.
 */
export async function readCluster(cluster: Cluster, { rollback = false } = {}): Promise<ClusterReading> {
  const uses: ImageUse[] = [];
  const running: string[] = [];
  const notes: string[] = [];
  let objects = 0;
  for (const kind of rollback ? rollbackKinds : workloadKinds) {
    try {
      await listObjects(cluster, pathOf(kind), (object) => {
        if (kind.ownerless && !rollback && isOwned(object)) return;
        objects += 1;
        uses.push(...toImageUses(toLiveWorkload(object, kind)));
        if (rollback && kind.kind === 'Pod') running.push(...listRunning(object));
      });
    } catch (error) {
      if (!(error instanceof ClusterError)) throw error;
      // A kind that this server does not have has no objects either.
      if (error.status !== 404) notes.push(`${kind.kind} objects were not read: ${error.message}.`);
    }
  }
  return { uses, running, objects, notes };
}

function listRunning(object: KubernetesObject): readonly string[] {
  const pod = toLivePod(object, (text) => text);
  return (pod?.containers ?? []).flatMap(({ imageId }) => (imageId === null ? [] : [imageId]));
}
