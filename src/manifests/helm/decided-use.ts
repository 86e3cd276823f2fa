import { findTextHold } from '../hold.ts';
import type { ImageUse, Layer } from '../types.ts';
import type { LinesOf } from '../yaml/lines.ts';
import type { Other } from './values-parts.ts';

/** The image that other values make of a name, at the place where they decide; null where the name says the same. */
export function makeDecided(
  use: ImageUse,
  { source, at, leaf, written }: Other,
  lines: LinesOf,
): ImageUse | null {
  if (leaf === null || written === null || written === use.written) return null;
  const { parts: _parts, ...rest } = use;
  const { file, document, object } = source;
  const { line, column } = lines(file).at(at);
  return {
    ...rest,
    ...(object && { workload: object.workload, layer: layerOf(object.workload.apiVersion) }),
    file,
    document,
    line,
    column,
    written,
    range: leaf.range,
    field: leaf.field,
    podSpec: null,
    hold: findTextHold(written) ?? 'composed',
    heldBy: { file: use.file, line: use.line },
  };
}

function layerOf(apiVersion: string): Layer {
  if (apiVersion.includes('fluxcd.io/')) return 'flux';
  return apiVersion.startsWith('argoproj.io/') ? 'argocd' : 'helm-values';
}
