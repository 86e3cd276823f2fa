import type { FoundImage } from '../found-image.ts';
import { nameOf } from '../split-image.ts';
import { getItems, getText, getValue, type MapNode, type TreeNode } from '../yaml/tree.ts';
import { formatPath, joinPath, type Spot } from '../yaml/walk.ts';
import { anyName, formatSplit } from './overlay-entry.ts';
import { mayBeOperation } from './patch-operation.ts';

/** What a patch puts into the images of a Flux `Kustomization` or an Argo CD Application. */
export interface PatchedEntry {
  readonly layer: 'flux' | 'argocd';
  readonly field: string;
  readonly node: TreeNode;
  /** What it matches, and where that is said. */
  readonly name: string;
  readonly at: TreeNode;
}

/** Those of one map: an operation of a JSON patch, a `kustomize` of Argo CD, or an object of Flux. */
export function listPatchedEntries(map: MapNode, spot: Spot): readonly PatchedEntry[] {
  const field = formatPath(spot);
  if (spot.key === 'kustomize')
    return listItems(getValue(map, 'images'), joinPath(field, 'images'), 'argocd');
  const { object } = spot;
  if (object?.node === map && object.workload.apiVersion.startsWith('kustomize.toolkit.fluxcd.io/'))
    return listItems(getValue(getValue(map, 'spec'), 'images'), joinPath(field, 'spec.images'), 'flux');
  return mayBeOperation(spot) ? listOfOperation(map, joinPath(field, 'value')) : [];
}

function listOfOperation(map: MapNode, field: string): readonly PatchedEntry[] {
  const path = getText(map, 'path') ?? '';
  const value = getValue(map, 'value');
  const found = /^\/spec\/(?:(images)|.*\b(?:kustomize)(?:\/images)?)(?:\/(\d+|-))?$/.exec(path);
  if (!found || !value || !/^(?:add|replace)$/.test(getText(map, 'op') ?? '')) return [];
  const layer = found[1] === undefined ? 'argocd' : 'flux';
  if (path.endsWith('/kustomize')) return listItems(getValue(value, 'images'), `${field}.images`, layer);
  return found[2] === undefined ? listItems(value, field, layer) : [readItem(value, field, layer)];
}

function listItems(node: TreeNode | null, field: string, layer: PatchedEntry['layer']): PatchedEntry[] {
  if (node?.kind !== 'list') return [];
  return node.items.flatMap(({ value }, index) =>
    value ? readItem(value, joinPath(field, index), layer) : [],
  );
}

function readItem(node: TreeNode, field: string, layer: PatchedEntry['layer']): PatchedEntry {
  const at = getValue(node, 'name') ?? node;
  const written = node.kind === 'scalar' ? nameOf(node.value.replace(/=.*/, '')) : getText(node, 'name');
  return { layer, field, node, name: written ?? anyName, at };
}

/** As an image that is reported: what it decides is not followed. */
export function makePatchedImage(
  { layer, field, node }: PatchedEntry,
  { object, duplicate }: Spot,
): FoundImage {
  const base = { layer, field, podSpec: null, object, node, at: node.start, duplicate };
  if (node.kind === 'scalar') {
    const written = node.value.slice(node.value.indexOf('=') + 1);
    const start = node.start + (node.style === 'quoted' ? 1 : 0) + node.value.length - written.length;
    return { ...base, inside: { range: [start, start + written.length], written }, hold: 'not-followed' };
  }
  const name = getValue(node, 'newName') ?? getValue(node, 'name');
  if (name?.kind !== 'scalar') return base;
  const [tag, digest] = [getText(node, 'newTag') ?? '', getText(node, 'digest') ?? ''];
  const written = formatSplit({ name: name.value, tag, digest });
  return { ...base, node: name, inside: { range: [name.start, name.end], written }, hold: 'not-followed' };
}

/** The folder that a patch has an object of Flux or Argo CD deliver. */
export function readPatchedPath(
  map: MapNode,
  { object, ...spot }: Spot,
): { readonly layer: PatchedEntry['layer']; readonly path: string } | null {
  if (object?.node === map) {
    const isFlux = object.workload.apiVersion.startsWith('kustomize.toolkit.fluxcd.io/');
    if (!isFlux && !object.workload.apiVersion.startsWith('argoproj.io/')) return null;
    const path = isFlux ? getText(map, 'spec', 'path') : getText(map, 'spec', 'source', 'path');
    return path === null ? null : { layer: isFlux ? 'flux' : 'argocd', path };
  }
  const field = /^\/spec\/(sources?\/(?:\d+\/)?)?path$/.exec(getText(map, 'path') ?? '');
  const path = field && mayBeOperation({ object, ...spot }) ? getText(map, 'value') : null;
  return path === null ? null : { layer: field?.[1] === undefined ? 'flux' : 'argocd', path };
}

/** `patches` of a map that are text, with the names of the objects that they are for; null for any. */
export function listPatchTexts(
  map: MapNode,
): readonly { readonly node: TreeNode; readonly name: string | null; readonly targeted: boolean }[] {
  return ['patches', 'patchesJson6902'].flatMap((key) =>
    getItems(map, key).flatMap((item) => {
      const node = getValue(item, 'patch');
      const target = getValue(item, 'target');
      return node ? { node, name: getText(target, 'name'), targeted: target !== null } : [];
    }),
  );
}
