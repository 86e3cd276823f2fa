import { type Decision, findDecisions } from './decisions.ts';
import { comparePlace, findInFile } from './find-images.ts';
import { findAbsentValues } from './helm/absent-values.ts';
import { holdComposed } from './helm/chart-compositions.ts';
import { readCharts } from './helm/chart-facts.ts';
import { findChartRegistries } from './helm/chart-registry.ts';
import { type AbsentValues, type ChartRelease, findChartReleases } from './helm/chart-releases.ts';
import { findChartTemplates } from './helm/chart-templates.ts';
import { isValuesPath } from './helm/find-helm-images.ts';
import { holdOverridden } from './helm/values-overrides.ts';
import { joinTags } from './helm/values-tags.ts';
import type { Delivery, Updater } from './kustomize/delivery.ts';
import { placeDeliveries } from './kustomize/delivery-folders.ts';
import { findDeliveryPatches, patchDeliveries } from './kustomize/delivery-patches.ts';
import { findDeliveries } from './kustomize/find-deliveries.ts';
import { isKustomizationPath } from './kustomize/kustomization.ts';
import { findNamespaces, type Namespaces } from './kustomize/namespaces.ts';
import { findOverlayUses } from './kustomize/overlay-uses.ts';
import { fromOuter, toOuter } from './outer-paths.ts';
import { settleNames } from './settle-names.ts';
import { folderOf } from './tree-paths.ts';
import type { ImageRule, ImageUse, Scan, SourceFile, Unread } from './types.ts';
import { OpenFile } from './yaml/open-file.ts';

/** What a scan is told of the tree beyond the files. */
export interface ScanOptions {
  /** Files that are templates of Helm charts; by default those below the charts of `files`. */
  readonly templates?: ReadonlySet<string>;
  /** Files that were not asked for: they decide images of the others, and are neither reported nor edited. */
  readonly around?: readonly SourceFile[];
  /** Where the root lies in the folder that Flux and Argo CD see, such as `apps/base`; empty for that folder. */
  readonly place?: string | null;
  /** Image fields of custom resources, besides the built-in ones. */
  readonly rules?: readonly ImageRule[];
  /** The paths of all files that are there, also of those that say nothing of images; by default those of `files`. */
  readonly listed?: ReadonlySet<string>;
}

/** What the manifests name, where it ends up, and what would say more of it and is not here. */
export interface TreeScan extends Scan {
  readonly namespaces: Namespaces;
  readonly absent: readonly AbsentValues[];
}

/** Everything that the manifests name: each file by itself, then what the files decide of each other. */
export function scanManifests(files: Iterable<SourceFile>, options: ScanOptions = {}): TreeScan {
  const { around = [], rules = [] } = options;
  const place = options.place ?? '';
  const own = [...files];
  const all = [...own, ...around];
  const templates = options.templates ?? findChartTemplates(all);
  const listed = options.listed ?? new Set(all.map(({ path }) => path));
  if (around.length === 0 && place === '') {
    const { skipped, releases, namespaces, ...found } = scanTree(own, templates, rules, listed);
    const uses = settleNames(found.uses);
    return { uses, skipped, namespaces, absent: findAbsentValues(uses, releases) };
  }
  const outer = (path: string) => toOuter(place, path);
  const found = scanTree(
    place === '' ? all : all.map(({ path, text }) => ({ path: outer(path), text })),
    place === '' ? templates : new Set([...templates].map(outer)),
    rules,
    place === '' ? listed : new Set([...listed].map(outer)),
  );
  const asked = new Set(own.map(({ path }) => outer(path)));
  const uses = settleNames(found.uses.filter(({ file }) => asked.has(file)));
  return {
    uses: uses.map((use) => fromPlace(use, place)),
    absent: findAbsentValues(uses, found.releases).map((one) => ({
      ...one,
      file: fromOuter(place, one.file),
    })),
    skipped: found.skipped
      .filter(({ file }) => asked.has(file))
      .map((unread) => ({ ...unread, file: fromOuter(place, unread.file) })),
    namespaces: { of: (file, ...object) => found.namespaces.of(outer(file), ...object) },
  };
}

function fromPlace(use: ImageUse, place: string): ImageUse {
  const file = fromOuter(place, use.file);
  const heldBy = use.heldBy && { ...use.heldBy, file: fromOuter(place, use.heldBy.file) };
  const runs = use.runs?.map((pod) => ({ ...pod, file: fromOuter(place, pod.file) }));
  const nameAt = use.nameAt && { ...use.nameAt, file: fromOuter(place, use.nameAt.file) };
  return { ...use, file, heldBy, ...(runs && { runs }), ...(nameAt && { nameAt }) };
}

function scanTree(
  files: readonly SourceFile[],
  templates: ReadonlySet<string>,
  rules: readonly ImageRule[],
  listed: ReadonlySet<string>,
): Omit<TreeScan, 'absent'> & { readonly releases: readonly ChartRelease[] } {
  const all = files
    .map((file) => new OpenFile(file))
    .toSorted((a, b) => (a.path < b.path ? -1 : a.path > b.path ? 1 : 0));
  const facts = readCharts(all);
  const { releases, named } = findChartReleases(all, listed);
  const namespaces = findNamespaces(all);
  const patches = all.flatMap(findDeliveryPatches);
  const deliveries: Delivery[] = [];
  const updaters: Updater[] = [];
  for (const file of all) {
    const found = findDeliveries(file);
    deliveries.push(...found.deliveries);
    updaters.push(...found.updaters);
  }
  const uses: ImageUse[] = [];
  const skipped: Unread[] = [];
  for (const file of all) {
    // Helpers of charts are no manifests.
    if (file.path.endsWith('.tpl')) continue;
    const chart = facts.get(folderOf(file.path)) ?? null;
    const chartTemplate = templates.has(file.path);
    const isValues = isValuesPath(file.path) || (named.has(file.path) && !chartTemplate);
    const found = findInFile(file, { chartTemplate, isValues, chart, rules });
    for (const use of found.uses) uses.push(use);
    for (const unread of found.skipped) skipped.push(unread);
    // Kustomizations are asked for of their images, and charts of their values.
    if (!isKustomizationPath(file.path) && !found.uses.some(({ parts }) => parts)) file.close();
  }
  const placed = placeDeliveries(patchDeliveries(deliveries, patches), all);
  const tagged = joinTags(all, uses, releases);
  const joined = holdComposed(all, findChartRegistries(all, tagged, releases), releases);
  const decided = findOverlayUses(all, holdOverridden(all, joined, releases), placed);
  const decisions = findDecisions(all, placed, updaters);
  return {
    uses: decided
      .map((use) => decide(use, decisions.get(use.file)))
      .toSorted((a, b) => (a.file < b.file ? -1 : a.file > b.file ? 1 : comparePlace(a, b))),
    skipped,
    namespaces,
    releases,
  };
}

function decide(use: ImageUse, decisions: readonly Decision[] = []): ImageUse {
  if (use.hold !== null) return use;
  const decision = decisions.find((each) => each.decides(use.written));
  return decision ? { ...use, hold: 'image-updater', heldBy: decision.place } : use;
}
