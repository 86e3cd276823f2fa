import type { Workload } from '../types.ts';
import { getText, getValue, type MapNode, type TreeNode } from './tree.ts';

/** A Kubernetes object: a map that names its apiVersion and kind, wherever it stands. */
export interface KubernetesObject {
  readonly node: MapNode;
  /** Field path of the object in its document; empty for the document itself. */
  readonly path: string;
  readonly workload: Workload;
  /** It, or an object around it, carries `holdfast.dev/ignore: "true"`. */
  readonly ignored: boolean;
}

/** Where the walk stands. The path is only spelled when someone asks. */
export interface Spot {
  readonly parent: Spot | null;
  readonly key: string | number | null;
  /** The nearest object around, or null outside of any. */
  readonly object: KubernetesObject | null;
  /** A key on the way is written twice in its map. */
  readonly duplicate: boolean;
  /** An alias or a merge key is on the way, so that the text stands at another place, too. */
  readonly aliased: boolean;
}

/** Where a document begins. */
const outside: Spot = { parent: null, key: null, object: null, duplicate: false, aliased: false };

/** How many nodes aliases may add: enough for what people write, and an alias bomb ends here. */
const mostAliased = 20_000;

/**
 * Calls `visit` for every map of a document with the place it stands at. Returns false when aliases
 * unfold the document into more than any manifest has, so that not all of it was visited.
 */
export function walkMaps(root: TreeNode | null, visit: (map: MapNode, spot: Spot) => void): boolean {
  let budget = mostAliased;

  function walk(node: TreeNode | null, spot: Spot): void {
    if (!node || node.kind === 'scalar' || budget < 0) return;
    if (spot.aliased) budget--;
    if (node.kind === 'list') {
      node.items.forEach((item, index) => {
        if (item.value && item.value.kind !== 'scalar')
          walk(item.value, step(spot, index, false, item.alias));
      });
    } else {
      walkMap(node, spot);
    }
  }

  function walkMap(map: MapNode, around: Spot): void {
    const object = readObject(map, around) ?? around.object;
    const spot = object === around.object ? around : { ...around, object };
    if (object?.node === map && isSchema(object)) return;
    visit(map, spot);
    const seen = countKeys(map);
    for (const pair of map.pairs) {
      if (!pair.value || pair.value.kind === 'scalar' || isClosed(pair.key, map, spot)) continue;
      walk(pair.value, step(spot, pair.key, (seen?.get(pair.key) ?? 1) > 1, pair.alias));
    }
    for (const pair of map.merged) {
      if (!isClosed(pair.key, map, spot)) walk(pair.value, step(spot, pair.key, false, true));
    }
  }

  walk(root, outside);
  return budget >= 0;
}

/** `spec.template.spec.containers[0]`; empty at the root. */
export function formatPath(spot: Spot): string {
  if (spot.parent === null || spot.key === null) return '';
  return joinPath(formatPath(spot.parent), spot.key);
}

export function joinPath(path: string, key: string | number): string {
  if (typeof key === 'number') return `${path}[${key}]`;
  return path === '' ? key : `${path}.${key}`;
}

/** The field path of what stands at `rest` in what stands at `path`; empty for the root. */
export function below(path: string, rest: string): string {
  return path === '' || rest === '' ? path + rest : `${path}.${rest}`;
}

export function step(spot: Spot, key: string | number, duplicate: boolean, alias: boolean): Spot {
  return {
    parent: spot,
    key,
    object: spot.object,
    duplicate: spot.duplicate || duplicate,
    aliased: spot.aliased || alias,
  };
}

/** How often each key is written; null when there is nothing to say, which is nearly always. */
function countKeys({ pairs }: MapNode): Map<string, number> | null {
  if (new Set(pairs.map(({ key }) => key)).size === pairs.length) return null;
  const counts = new Map<string, number>();
  for (const { key } of pairs) counts.set(key, (counts.get(key) ?? 0) + 1);
  return counts;
}

/** The object that a map is, or null when it is none. */
export function readObject(map: MapNode, around: Spot = outside): KubernetesObject | null {
  const apiVersion = getText(map, 'apiVersion');
  const kind = apiVersion === null ? null : getText(map, 'kind');
  if (apiVersion === null || kind === null) return null;
  const metadata = getValue(map, 'metadata');
  const ignored = getText(metadata, 'annotations', 'holdfast.dev/ignore') === 'true';
  return {
    node: map,
    path: formatPath(around),
    workload: {
      apiVersion,
      kind,
      name: getText(metadata, 'name'),
      namespace: getText(metadata, 'namespace'),
    },
    ignored: ignored || around.object?.ignored === true,
  };
}

/** Schemas and their defaults speak of images, they do not run them. */
function isSchema(object: KubernetesObject): boolean {
  const { apiVersion, kind } = object.workload;
  return kind === 'CustomResourceDefinition' && apiVersion.startsWith('apiextensions.k8s.io/');
}

const patternKeys = new Set(['pattern', 'anyPattern', 'patchStrategicMerge', 'deny', 'preconditions']);

/** What the cluster writes (`status`), and the patterns of policies: not images that anyone asks to run. */
function isClosed(key: string, map: MapNode, spot: Spot): boolean {
  if (key === 'status') return spot.object?.node === map;
  if (spot.object === null) return false;
  const { apiVersion } = spot.object.workload;
  if (/^(?:constraints|templates|mutations|expansion)\.gatekeeper\.sh\//.test(apiVersion))
    return key === 'spec';
  return patternKeys.has(key) && apiVersion.startsWith('kyverno.io/');
}
