import type { FormContext, FoundImage } from '../found-image.ts';
import { mayBeOperation } from '../kustomize/patch-operation.ts';
import { getText, getValue, type MapNode } from '../yaml/tree.ts';
import { below, formatPath, joinPath, type Spot } from '../yaml/walk.ts';
import { findInValues } from './find-helm-images.ts';
import { reachValues } from './values-operations.ts';

/** Images that an operation of RFC 6902 puts into Helm values: `/spec/values/image` of a HelmRelease. */
export function findPatchedValues(operation: MapNode, spot: Spot, context: FormContext): FoundImage[] {
  const reached = mayBeOperation(spot) ? reachValues(operation) : null;
  const value = getValue(operation, 'value');
  if (!reached?.writesMap || value === null || value.kind === 'list') return [];
  const field = joinPath(formatPath(spot), 'value');
  // What the value is of tells an image from others.
  const last = reached.keys.at(-1) ?? '';
  const pairs = [{ key: last, at: value.start, value, alias: false }];
  const { start, end } = value;
  const isItem = /^(?:\d*|-)$/.test(last);
  if (isItem && value.kind === 'scalar') return [];
  const around: MapNode =
    isItem && value.kind === 'map' ? value : { kind: 'map', start, end, pairs, merged: [] };
  const move = (path: string) => (around === value ? below(field, path) : field + path.slice(last.length));
  const layer = getText(operation, 'path')?.startsWith('/spec/values') === true ? 'flux' : 'argocd';
  const images = findInValues(around, '', layer, null, { ...context, chart: null });
  // A repository or a tag alone is a part of what is patched.
  const whole = value.kind === 'map' ? images : images.filter(({ split, hold }) => !split && !hold);
  return whole.map((found) => ({
    ...found,
    field: move(found.field),
    podSpec: null,
    duplicate: found.duplicate || spot.duplicate,
    ...(found.split && { split: { ...found.split, map: move(found.split.map) } }),
  }));
}
