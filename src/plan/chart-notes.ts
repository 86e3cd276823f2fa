import type { ImageUse, SourceFile } from '../manifests/index.ts';
import { type Digest, parseImageReference } from '../reference/index.ts';
import { compareText } from './places.ts';
import type { Rewrite } from './types.ts';

/**
 * What a chart needs besides its images: those of Bitnami refuse to render with a name that is not their own, unless
 * `global.security.allowInsecureImages` is true (bitnami/common `_errors.tpl`). By file; sorted.
 */
export function listChartNotes(
  rewrites: readonly Rewrite<Digest>[],
  files: readonly SourceFile[],
): readonly string[] {
  const moved = new Set(
    rewrites
      .map(({ use }) => use)
      .filter(isOfBitnami)
      .map(({ file }) => file),
  );
  return files
    .filter(
      ({ path, text }) => moved.has(path) && !/\ballowInsecureImages['"]?[ \t]*:[ \t]*['"]?true\b/.test(text),
    )
    .map(
      ({ path }) =>
        `${path}: the charts of Bitnami refuse images of another name; set global.security.allowInsecureImages: true there.`,
    )
    .toSorted(compareText);
}

function isOfBitnami({ parts, written }: ImageUse): boolean {
  const parsed = parts?.kind === 'split' && parts.registry !== null ? parseImageReference(written) : null;
  return parsed?.ok === true && /^(?:bitnami|bitnamilegacy|bitnamisecure)\//.test(parsed.value.repository);
}
