import type { ImageUse } from '../../manifests/index.ts';
import { listObjects } from './list-objects.ts';
import { isOwned, toImageUses, toLiveWorkload } from './live-workload.ts';
import type { Cluster } from './open-cluster.ts';
import { ClusterError } from './requests.ts';
import { pathOf, workloadKinds } from './workload-kinds.ts';

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
      await listObjects(cluster, pathOf(kind), (object) => {
        if (kind.ownerless && isOwned(object)) return;
        objects += 1;
        uses.push(...toImageUses(toLiveWorkload(object, kind)));
      });
    } catch (error) {
      if (!(error instanceof ClusterError)) throw error;
      // A kind that this server does not have has no objects either.
      if (error.status !== 404) notes.push(`${kind.kind} objects were not read: ${error.message}.`);
    }
  }
  return { uses, objects, notes };
}
