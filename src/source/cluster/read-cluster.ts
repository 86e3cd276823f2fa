import type { ImageUse } from '../../manifests/index.ts';
import { listObjects } from './list-objects.ts';
import { isOwned, type KubernetesObject, toImageUses, toLiveWorkload } from './live-workload.ts';
import type { Cluster } from './open-cluster.ts';
import { ClusterError } from './requests.ts';
import { pathOf, rollbackKinds, type WorkloadKind, workloadKinds } from './workload-kinds.ts';

/** What runs, and what could not be asked for. */
export interface ClusterReading {
  readonly uses: readonly ImageUse[];
  /** Objects that were looked at. */
  readonly objects: number;
  /** A sentence for each kind that may not be listed. */
  readonly notes: readonly string[];
}

/** The JSON of a live object, for whoever looks for names wherever they stand. */
type OnText = (text: string) => void;

/**
 * One look at every workload of a cluster, page by page, so that its size does not matter. With `onText` also what
 * others made, as ReplicaSets that are kept to go back to, and what may name images beside: ConfigMaps.
 */
export async function readCluster(
  cluster: Cluster,
  { onText = null }: { readonly onText?: OnText | null } = {},
): Promise<ClusterReading> {
  const uses: ImageUse[] = [];
  const notes: string[] = [];
  let objects = 0;
  const read = async (
    { apiVersion, kind, plural }: Pick<WorkloadKind, 'apiVersion' | 'kind' | 'plural'>,
    onObject: (object: KubernetesObject) => void,
  ): Promise<void> => {
    try {
      await listObjects(cluster, pathOf({ apiVersion, plural }), onObject);
    } catch (error) {
      if (!(error instanceof ClusterError)) throw error;
      // A kind that this server does not have has no objects either.
      if (error.status !== 404) notes.push(`${kind} objects were not read: ${error.message}.`);
    }
  };
  for (const kind of onText === null ? workloadKinds : rollbackKinds)
    await read(kind, (object) => {
      if (kind.ownerless && onText === null && isOwned(object)) return;
      objects += 1;
      uses.push(...toImageUses(toLiveWorkload(object, kind)));
      onText?.(textOf(object));
    });
  if (onText !== null)
    await read({ apiVersion: 'v1', kind: 'ConfigMap', plural: 'configmaps' }, (object) =>
      onText(textOf(object)),
    );
  return { uses, objects, notes };
}

/** Who wrote which field says nothing, and is half of an object. */
function textOf(object: KubernetesObject): string {
  return JSON.stringify({ ...object, metadata: { ...object.metadata, managedFields: undefined } });
}
