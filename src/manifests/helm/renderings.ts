import type { ImageUse } from '../types.ts';
import type { ChartRelease } from './chart-releases.ts';
import type { Ranked } from './values-carriers.ts';
import { findOthers, type Other } from './values-parts.ts';
import type { Leaf } from './values-source.ts';

/** An image in the values of one release, and what else of the release decides a part of its name. */
export interface Rendering {
  readonly use: ImageUse;
  readonly own: Ranked;
  readonly leaf: Leaf;
  readonly release: ChartRelease;
  readonly others: readonly Other[];
}

/** Uses by the field that they stand in. */
export type FieldUses = ReadonlyMap<string, ImageUse>;

export function indexFields(uses: readonly ImageUse[]): FieldUses {
  return new Map(uses.map((use) => [keyOf(use.file, use.document, use.field), use]));
}

/** Those of the uses that the values of a release say, once for each of its values that says one. */
export function listRenderings(release: ChartRelease, uses: FieldUses): Rendering[] {
  if (release.values.length < 2) return [];
  return release.values.flatMap((own) => {
    const { file, document, fields, found } = own.source;
    if (!found) return [];
    return [...fields.values()].flatMap((leaf): Rendering[] => {
      const use = uses.get(keyOf(file, document, leaf.field));
      return use ? [{ use, own, leaf, release, others: findOthers(own, leaf, use, release) }] : [];
    });
  });
}

function keyOf(file: string, document: number, field: string): string {
  return `${file} ${document} ${field}`;
}
