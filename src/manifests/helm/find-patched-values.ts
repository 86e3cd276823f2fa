import type { FormContext, FoundImage } from '../found-image.ts';
import { getText, getValue, type MapNode } from '../yaml/tree.ts';
import { formatPath, joinPath, type Spot } from '../yaml/walk.ts';
import { findInValues } from './find-helm-images.ts';
import { reachValues } from './values-operations.ts';
import { below } from './values-source.ts';

/** Images of a map that an operation of RFC 6902 puts into Helm values: `/spec/values/image` of a HelmRelease. */
export function findPatchedValues(operation: MapNode, spot: Spot, context: FormContext): FoundImage[] {
  const reached = spot.object === null ? reachValues(operation) : null;
  const value = getValue(operation, 'value');
  if (!reached?.writesMap || value?.kind !== 'map') return [];
  const field = joinPath(formatPath(spot), 'value');
  // What the map is the value of tells an image from other maps.
  const last = reached.keys.at(-1) ?? '';
  const pairs = [{ key: last, at: value.start, value, alias: false }];
  const around: MapNode = /^(?:\d*|-)$/.test(last) ? value : { ...value, pairs, merged: [] };
  const move = (path: string) => (around === value ? below(field, path) : field + path.slice(last.length));
  const layer = getText(operation, 'path')?.startsWith('/spec/values') === true ? 'flux' : 'argocd';
  return findInValues(around, '', layer, null, { ...context, chart: null }).map((found) => ({
    ...found,
    field: move(found.field),
    podSpec: null,
    duplicate: found.duplicate || spot.duplicate,
    ...(found.split && { split: { ...found.split, map: move(found.split.map) } }),
  }));
}
