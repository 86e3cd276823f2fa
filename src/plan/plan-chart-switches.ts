import { findChartSwitch, type ImageUse, type SourceFile, type SwitchPlace } from '../manifests/index.ts';
import { type Digest, parseImageReference } from '../reference/index.ts';
import { compareText } from './places.ts';
import type { Rewrite } from './types.ts';

/** What charts need besides their images. */
export interface ChartSwitchPlan {
  readonly switches: readonly { readonly file: string; readonly place: SwitchPlace }[];
  /** Sorted. */
  readonly notes: readonly string[];
}

/**
 * Charts of Bitnami refuse to render with a name that is not their own, unless `global.security.allowInsecureImages`
 * is true (bitnami/common `_errors.tpl`, bitnami/charts#30850): it turns true, or is added, where the values are a map;
 * else a person is told. By file.
 */
export function planChartSwitches(
  rewrites: readonly Rewrite<Digest>[],
  files: readonly SourceFile[],
): ChartSwitchPlan {
  const switches = new Map<string, { readonly file: string; readonly place: SwitchPlace }>();
  const notes = new Set<string>();
  const byPath = new Map(files.map((file) => [file.path, file]));
  for (const { use } of rewrites) {
    const file = byPath.get(use.file);
    if (file === undefined || !isOfBitnami(use)) continue;
    const place = findChartSwitch(file, use);
    if (place === 'allowed') continue;
    if (place !== null) {
      const at = 'keys' in place ? place.map : place.range[0];
      switches.set(`${file.path} ${place.document} ${at}`, { file: file.path, place });
    } else if (!isAllowed(file))
      notes.add(
        `${file.path}: the charts of Bitnami refuse images of another name; set global.security.allowInsecureImages: true there.`,
      );
  }
  return { switches: [...switches.values()], notes: [...notes].toSorted(compareText) };
}

/** Somewhere in its text, as values in text are not read. */
function isAllowed({ text }: SourceFile): boolean {
  return /\ballowInsecureImages['"]?[ \t]*:[ \t]*['"]?true\b/.test(text);
}

/** By the chart, and where nothing tells which that is, by the image. */
function isOfBitnami({ parts, written }: ImageUse): boolean {
  if (parts?.kind === 'split' && parts.bitnami !== undefined) return parts.bitnami;
  const parsed = parts?.kind === 'split' && parts.registry !== null ? parseImageReference(written) : null;
  return parsed?.ok === true && /^(?:bitnami|bitnamilegacy|bitnamisecure)\//.test(parsed.value.repository);
}
