import { readCharts } from './chart-facts.ts';
import { findChartTemplates } from './chart-templates.ts';
import { type Decision, findDecisions } from './decisions.ts';
import { type Delivery, findDeliveries, type Updater } from './delivery.ts';
import { comparePlace, findInFile } from './find-images.ts';
import { folderOf } from './kustomization.ts';
import { findOverlayUses } from './overlay-uses.ts';
import type { ImageRule, ImageUse, Scan, SourceFile, Unread } from './types.ts';
import { holdOverridden } from './values-overrides.ts';

/** What a scan is told of the tree beyond the files. */
export interface ScanOptions {
  /** Files that are templates of Helm charts; by default those below the charts of `files`. */
  readonly templates?: ReadonlySet<string>;
  /** Image fields of custom resources, besides the built-in ones. */
  readonly rules?: readonly ImageRule[];
}

/** Everything that the manifests name: each file by itself, then what the files decide of each other. */
export function scanManifests(files: Iterable<SourceFile>, options: ScanOptions = {}): Scan {
  const all = [...files].toSorted((a, b) => (a.path < b.path ? -1 : a.path > b.path ? 1 : 0));
  const templates = options.templates ?? findChartTemplates(all);
  const facts = readCharts(all);
  const rules = options.rules ?? [];
  const uses: ImageUse[] = [];
  const skipped: Unread[] = [];
  for (const file of all) {
    const chart = facts.get(folderOf(file.path)) ?? null;
    const found = findInFile(file, templates.has(file.path), chart, rules);
    for (const use of found.uses) uses.push(use);
    for (const unread of found.skipped) skipped.push(unread);
  }
  const deliveries: Delivery[] = [];
  const updaters: Updater[] = [];
  for (const file of all) {
    const found = findDeliveries(file);
    deliveries.push(...found.deliveries);
    updaters.push(...found.updaters);
  }
  const decided = findOverlayUses(all, holdOverridden(all, uses), deliveries);
  const decisions = findDecisions(all, deliveries, updaters);
  return {
    uses: decided
      .map((use) => decide(use, decisions.get(use.file)))
      .toSorted((a, b) => (a.file < b.file ? -1 : a.file > b.file ? 1 : comparePlace(a, b))),
    skipped,
  };
}

function decide(use: ImageUse, decisions: readonly Decision[] = []): ImageUse {
  if (use.hold !== null) return use;
  const decision = decisions.find((each) => each.decides(use.written));
  return decision ? { ...use, hold: 'image-updater', heldBy: decision.place } : use;
}
