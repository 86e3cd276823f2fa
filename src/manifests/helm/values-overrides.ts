import type { ImageUse, SourceFile } from '../types.ts';
import { type LinesOf, openLines } from '../yaml/lines.ts';
import type { ChartRelease } from './chart-releases.ts';
import { makeDecided } from './decided-use.ts';
import { indexFields, listRenderings } from './renderings.ts';
import type { Other } from './values-parts.ts';

/**
 * Holds images of Helm values whose name is not all decided in one place: where other values that may reach the same
 * release say another part of it, the name alone would be moved to a backup that does not have that tag. What those
 * values make of the name is a use, too, so that it is looked at where it is decided.
 */
export function holdOverridden(
  files: readonly SourceFile[],
  uses: readonly ImageUse[],
  releases: readonly ChartRelease[],
): readonly ImageUse[] {
  const own = indexFields(uses.filter(isOfValues));
  if (own.size === 0) return uses;
  const others = new Map<ImageUse, Other[]>();
  for (const release of releases) {
    for (const { use, others: found } of listRenderings(release, own))
      if (found.length > 0) others.set(use, [...(others.get(use) ?? []), ...found]);
  }
  const lines = openLines(files);
  const made = new Map<string, ImageUse>();
  for (const [use, found] of others) {
    for (const other of found) {
      const one = makeDecided(use, other, lines);
      if (one) made.set(`${one.file} ${one.range[0]} ${one.written}`, one);
    }
  }
  return [...uses.map((use) => hold(use, others.get(use)?.[0], lines)), ...made.values()];
}

const mayBeDecided: ReadonlySet<ImageUse['hold']> = new Set([null, 'unknown-tag', 'unknown-registry']);

function isOfValues({ hold: reason, layer, parts, together }: ImageUse): boolean {
  return (
    mayBeDecided.has(reason) &&
    // It counts with all tags that other values say.
    together === undefined &&
    (layer === 'helm-values' || layer === 'flux' || layer === 'argocd') &&
    (parts === undefined || parts.kind === 'split')
  );
}

function hold(use: ImageUse, other: Other | undefined, lines: LinesOf): ImageUse {
  if (!other) return use;
  const { file } = other.source;
  const place = { file, line: lines(file).at(other.at).line };
  return {
    ...use,
    hold: use.hold ?? (other.asks ? 'not-followed' : 'composed'),
    heldBy: use.heldBy ?? place,
  };
}
