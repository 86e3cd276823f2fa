import {
  at,
  items,
  type KubernetesObject,
  type LiveWorkload,
  type PullAccess,
  toLiveWorkload,
  toPullAccess,
} from './live-workload.ts';

/** What one container of a Pod was asked to run, and what its node says that it runs. */
export interface RunningContainer {
  readonly name: string;
  readonly image: string;
  /** `status.containerStatuses[].imageID`; its meaning depends on the runtime. Null before it was pulled. */
  readonly imageId: string | null;
  /** `spec.containers[0].image`. */
  readonly field: string;
}

/** What is kept of a Pod. */
export interface LivePod {
  readonly namespace: string;
  readonly name: string;
  readonly uid: string | null;
  /** What made it: `ReplicaSet web-5d4f`. Null for a bare Pod. */
  readonly owner: { readonly kind: string; readonly name: string } | null;
  /** The label that a Deployment gives its ReplicaSets, so that the way to it needs no ReplicaSet. */
  readonly templateHash: string | null;
  readonly containers: readonly RunningContainer[];
  readonly pull: PullAccess;
  /** A bare Pod is a workload of its own: its images and marks are in it, as no other object has them. */
  readonly bare: LiveWorkload | null;
}

const lists = [
  ['initContainers', 'initContainerStatuses'],
  ['containers', 'containerStatuses'],
  ['ephemeralContainers', 'ephemeralContainerStatuses'],
] as const;

/** Takes what is used out of a Pod; null when it has ended and so runs nothing. `intern` makes equal texts one. */
export function toLivePod(object: KubernetesObject, intern: (text: string) => string): LivePod | null {
  const { metadata = {} } = object;
  if (['Succeeded', 'Failed'].includes(String(at(object, ['status', 'phase'])))) return null;
  const owners = metadata.ownerReferences ?? [];
  const owner = owners.find(({ controller }) => controller === true) ?? owners[0];
  return {
    namespace: intern(metadata.namespace ?? ''),
    name: metadata.name ?? '',
    uid: metadata.uid ?? null,
    owner: owner?.kind && owner.name ? { kind: intern(owner.kind), name: intern(owner.name) } : null,
    templateHash: copyText(metadata.labels?.['pod-template-hash'], intern),
    pull: toPullAccess(object['spec'], intern),
    bare:
      owners.length > 0 ? null : toLiveWorkload(object, { apiVersion: 'v1', kind: 'Pod', template: 'spec' }),
    containers: lists.flatMap(([list, statuses]) => {
      const ids = new Map(
        items(at(object, ['status', statuses])).map((status) => [
          at(status, ['name']),
          at(status, ['imageID']),
        ]),
      );
      return items(at(object, ['spec', list])).flatMap((container, index): RunningContainer[] => {
        const image = copyText(at(container, ['image']), intern);
        if (image === null) return [];
        const name = at(container, ['name']);
        const imageId = copyText(ids.get(name), intern);
        return [
          {
            name: copyText(name, intern) ?? '',
            image,
            imageId,
            field: intern(`spec.${list}[${index}].image`),
          },
        ];
      });
    }),
  };
}

function copyText(value: unknown, intern: (text: string) => string): string | null {
  return typeof value === 'string' && value !== '' ? intern(value) : null;
}
