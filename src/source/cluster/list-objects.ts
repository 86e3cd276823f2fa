import type { KubernetesObject } from './live-workload.ts';
import type { Cluster } from './open-cluster.ts';

const pageSize = 500;

/** Every object below `path`, a page at a time; answers the resource version that the list stands for. */
export async function listObjects(
  cluster: Cluster,
  path: string,
  onObject: (object: KubernetesObject) => void,
  signal?: AbortSignal,
): Promise<string> {
  for (let next = ''; ; ) {
    const list = (await cluster.get(`${path}?limit=${pageSize}${next}`, signal)) as {
      items?: readonly KubernetesObject[];
      metadata?: { continue?: string; resourceVersion?: string };
    };
    for (const object of list.items ?? []) onObject(object);
    if (!list.metadata?.continue) return list.metadata?.resourceVersion ?? '';
    next = `&continue=${encodeURIComponent(list.metadata.continue)}`;
  }
}
