import { groupBy } from '../group-by.ts';
import { findCommentHold, findTextHold } from '../hold.ts';
import { inFolder } from '../tree-paths.ts';
import type { ImageUse, SourceFile } from '../types.ts';
import { type LinesOf, openLines } from '../yaml/lines.ts';
import type { ChartRelease } from './chart-releases.ts';
import { makeDecided } from './decided-use.ts';
import { indexFields, listRenderings, type Rendering } from './renderings.ts';
import { type Ranked, ranks } from './values-carriers.ts';
import { type Other, tagKeyOf } from './values-parts.ts';
import { splitPath } from './values-source.ts';

/**
 * Joins a name in Helm values to the tags that other values of its releases say. A copy keeps its tag, so that an edit
 * of the name alone is right for all of them, once each is in the backup. Each tag is a use at its own place. A name
 * that stands beside other parts elsewhere, or of which a release may have a tag that is not here, stays as it is.
 */
export function joinTags(
  files: readonly SourceFile[],
  uses: readonly ImageUse[],
  releases: readonly ChartRelease[],
): readonly ImageUse[] {
  const names = indexFields(uses.filter(isName));
  if (names.size === 0) return uses;
  const renderings = releases.flatMap((release) => listRenderings(release, names));
  const lines = openLines(files);
  const joined = new Map<ImageUse, readonly ImageUse[]>();
  for (const [use, found] of groupBy(renderings, (each) => each.use)) {
    const group = joinName(use, found, files, lines);
    if (group) joined.set(use, group);
  }
  return joined.size === 0 ? uses : uses.flatMap((use) => joined.get(use) ?? use);
}

function isName({ hold, layer, parts }: ImageUse): boolean {
  return (
    (hold === null || hold === 'unknown-tag') &&
    (layer === 'helm-values' || layer === 'flux' || layer === 'argocd') &&
    parts?.kind === 'split' &&
    parts.repository.range !== null &&
    (parts.digest?.written ?? '') === ''
  );
}

/** The name with all of its tags, and each tag where it stands; null where that is not all that decides it. */
function joinName(
  use: ImageUse,
  renderings: readonly Rendering[],
  files: readonly SourceFile[],
  lines: LinesOf,
): readonly ImageUse[] | null {
  const { parts, file, line, range } = use;
  const others = renderings.flatMap((each) => each.others);
  if (parts?.kind !== 'split' || others.length === 0) return null;
  if (findCommentHold(lines(file).restOfLine(range[1])) !== null) return null;
  if (!others.every((other) => other.tags && isFree(other, lines))) return null;
  if (renderings.some((each) => each.others.length > 0 && hasOtherName(each))) return null;
  const tagged = parts.tag !== null && parts.tag.written !== '';
  const alone = tagged || !isAlwaysTagged(renderings, files);
  if (alone && use.hold !== null) return null;
  const together = [
    ...new Set([...(alone ? [use.written] : []), ...others.flatMap(({ written }) => written ?? [])]),
  ];
  const [written = use.written] = together;
  const name: ImageUse = {
    ...use,
    written,
    hold: null,
    parts: { ...parts, tag: null, digest: null },
    together,
  };
  const runs = use.podSpec === null ? {} : { runs: [{ file, document: use.document, podSpec: use.podSpec }] };
  const tags = new Map<string, ImageUse>();
  for (const other of others) {
    // What says the same tag as the values of the name is no other image; a name without a tag says none.
    const made = makeDecided(alone ? name : { ...name, written: '' }, other, lines);
    if (made)
      tags.set(`${made.file} ${made.range[0]} ${made.written}`, {
        ...made,
        ...runs,
        hold: null,
        heldBy: null,
        nameAt: { file, line, range },
      });
  }
  return [name, ...tags.values()];
}

/** Nobody writes this tag but people, and none of them wants it left alone. */
function isFree({ source, leaf, written }: Other, lines: LinesOf): boolean {
  if (leaf === null || written === null || findTextHold(written) !== null) return false;
  if (source.object?.ignored === true) return false;
  return findCommentHold(lines(source.file).restOfLine(leaf.range[1])) === null;
}

/** Other values of the release say a name at the same path: which of them a tag is for is not said. */
function hasOtherName({ own, leaf, release }: Rendering): boolean {
  const [map] = splitPath(leaf.path);
  return release.values.some(
    ({ source }) =>
      source !== own.source &&
      source.maps.get(map)?.some((each) => each.path === leaf.path && each.written !== '') === true,
  );
}

/**
 * Whether no release takes the tag that the chart has for a name without one. Where no object names the values, all
 * files beside them have to say a tag, and the chart none of its own.
 */
function isAlwaysTagged(renderings: readonly Rendering[], files: readonly SourceFile[]): boolean {
  const named = renderings.filter(({ release }) => !release.loose);
  // Charts that depend on this one are rendered, too.
  const around = renderings.filter(({ release, own }) => release.loose && own.rank < ranks.chart);
  if (named.length > 0) return [...named, ...around].every(isTagged);
  return renderings.every((each) => {
    const { own, release } = each;
    const others = release.values.filter(({ source }) => source !== own.source);
    return (
      others.every((ranked) => saysTag(ranked, each) && isOverlay(ranked, own)) &&
      !release.charts.some(({ folder }) => hasDefaultTag(folder, files))
    );
  });
}

function isTagged(rendering: Rendering): boolean {
  const { release, own } = rendering;
  const sure = release.values.filter(({ maybe, source }) => !maybe && source !== own.source);
  // Of several files with one rank, each may be the one that is used.
  const untagged = new Set(sure.flatMap((ranked) => (saysTag(ranked, rendering) ? [] : ranked.rank)));
  return sure.some(({ rank }) => !untagged.has(rank));
}

/** By its name: `values-prod.yaml` is merged over `values.yaml`, and `api-values.yaml` not over `web-values.yaml`. */
function isOverlay(over: Ranked, base: Ranked): boolean {
  const [name, own] = [over, base].map(({ source }) =>
    source.file.replace(/^.*\//, '').replace(/\.\w+$/, ''),
  );
  return own === 'values' || (own !== undefined && name?.startsWith(own) === true);
}

function saysTag({ source }: Ranked, { use, leaf }: Rendering): boolean {
  const [map] = splitPath(leaf.path);
  const key = tagKeyOf(use);
  return (
    source.maps.get(map)?.some(({ path, written }) => splitPath(path)[1] === key && written !== '') === true
  );
}

/** A line of the templates that may put a tag where values have none. */
function hasDefaultTag(folder: string, files: readonly SourceFile[]): boolean {
  const root = inFolder(folder, 'templates/');
  return files.some(
    ({ path, text }) =>
      path.startsWith(root) &&
      text
        .split('\n')
        .some(
          (line) => /[iI]mage|tag/.test(line) && /\b(?:default|coalesce|ternary|AppVersion)\b/.test(line),
        ),
  );
}
