import type { FoundImage } from './found-image.ts';
import { getText, getValue, type ListNode, type MapNode, type MapPair, type TreeNode } from './yaml/tree.ts';
import { formatPath, joinPath, type Spot } from './yaml/walk.ts';

const containerKeys = new Set(['containers', 'initContainers', 'ephemeralContainers']);

/** Kubernetes' own kinds: where their pod spec stands, below the object. */
const podSpecPaths: Readonly<Record<string, string>> = {
  Pod: 'spec',
  Deployment: 'spec.template.spec',
  DaemonSet: 'spec.template.spec',
  StatefulSet: 'spec.template.spec',
  ReplicaSet: 'spec.template.spec',
  ReplicationController: 'spec.template.spec',
  Job: 'spec.template.spec',
  CronJob: 'spec.jobTemplate.spec.template.spec',
  PodTemplate: 'template.spec',
};

/**
 * Images of a pod spec, known by its shape in whatever object it stands: a list of maps under `containers`,
 * `initContainers` or `ephemeralContainers`, and image volumes (`volumes[].image.reference`).
 */
export function findPodImages(map: MapNode, spot: Spot): FoundImage[] {
  const found: FoundImage[] = [];
  if (spot.object === null) return found;
  for (const pair of map.pairs) findInPair(map, spot, pair, found);
  for (const pair of map.merged) findInPair(map, spot, pair, found);
  return found;
}

function findInPair(map: MapNode, spot: Spot, pair: MapPair, found: FoundImage[]): void {
  if (containerKeys.has(pair.key)) found.push(...findInList(map, spot, pair, ['image']));
  else if (pair.key === 'volumes') found.push(...findInList(map, spot, pair, ['image', 'reference']));
}

function* findInList(
  map: MapNode,
  spot: Spot,
  { key, value: list }: MapPair,
  fields: readonly string[],
): Generator<FoundImage> {
  if (list?.kind !== 'list') return;
  const twice = spot.duplicate || map.pairs.filter((pair) => pair.key === key).length > 1;
  const path = joinPath(formatPath(spot), key);
  const podSpec = isPodSpec(map, spot) ? formatPath(spot) : null;
  for (const [index, item] of list.items.entries()) {
    const container = key === 'volumes' ? null : getText(item.value, 'name');
    for (const found of valuesOf(item.value, fields)) {
      yield {
        layer: 'pod',
        field: `${path}[${index}].${fields.join('.')}`,
        podSpec,
        object: spot.object,
        ...found,
        duplicate: found.duplicate || twice,
        ...(container !== null && { container }),
      };
    }
  }
}

/** Every value that is written for the field, the shadowed ones of duplicate keys included. */
function* valuesOf(
  item: TreeNode | null,
  [key = '', ...rest]: readonly string[],
): Generator<{ node: TreeNode | null; at: number; duplicate: boolean }> {
  if (item?.kind !== 'map') return;
  const pairs = item.pairs.filter((pair) => pair.key === key);
  const sources = pairs.length > 0 ? pairs : item.merged.filter((pair) => pair.key === key);
  for (const pair of sources) {
    const duplicate = pairs.length > 1;
    if (rest.length === 0) {
      yield { node: pair.value, at: pair.at, duplicate };
    } else {
      for (const found of valuesOf(pair.value, rest))
        yield { ...found, duplicate: duplicate || found.duplicate };
    }
  }
}

/**
 * True where Kubernetes has `imagePullSecrets`: at the known place of its own kinds, else under `template.spec`, in
 * the items of a PodList, and where somebody wrote them.
 */
export function isPodSpec(map: MapNode, spot: Spot): boolean {
  const path = formatPath(spot);
  const object = spot.object;
  if (object === null || !isContainerList(getValue(map, 'containers'))) return false;
  const below = object.path === '' ? path : path.slice(object.path.length + 1);
  const known = podSpecPaths[object.workload.kind];
  return (
    below === known ||
    /(?:^|\.)(?:template|podTemplate)\.spec$/.test(below) ||
    (object.workload.kind === 'PodList' && /^items\[\d+\]\.spec$/.test(below)) ||
    getValue(map, 'imagePullSecrets')?.kind === 'list'
  );
}

function isContainerList(node: TreeNode | null): node is ListNode {
  return node?.kind === 'list' && node.items.some((item) => item.value?.kind === 'map');
}
