import type { ImageUse, SourceFile } from '../types.ts';
import { type LinesOf, openLines } from '../yaml/lines.ts';
import type { ChartRelease } from './chart-releases.ts';
import { makeDecided } from './decided-use.ts';
import { findOthers, type Other } from './values-parts.ts';

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
  const own = new Map<string, ImageUse>();
  for (const use of uses) if (isOfValues(use)) own.set(keyOf(use.file, use.document, use.field), use);
  if (own.size === 0) return uses;
  const others = new Map<ImageUse, Other[]>();
  for (const release of releases) {
    for (const [use, found] of findDecided(release, own))
      others.set(use, [...(others.get(use) ?? []), ...found]);
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

function keyOf(file: string, document: number, field: string): string {
  return `${file} ${document} ${field}`;
}

/** The images of a release that other values of it decide a part of. */
function findDecided(release: ChartRelease, own: ReadonlyMap<string, ImageUse>): [ImageUse, Other[]][] {
  if (release.values.length < 2) return [];
  return release.values.flatMap((ranked) => {
    const { file, document, fields, found } = ranked.source;
    if (!found) return [];
    return [...fields.values()].flatMap((leaf): [ImageUse, Other[]][] => {
      const use = own.get(keyOf(file, document, leaf.field));
      const others = use ? findOthers(ranked, leaf, use, release) : [];
      return use && others.length > 0 ? [[use, others]] : [];
    });
  });
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
