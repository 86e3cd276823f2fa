import { existsSync, realpathSync } from 'node:fs';
import { dirname, isAbsolute, join, posix, relative, sep } from 'node:path';
import { findInlineValues, type InlineValues } from '../manifests/index.ts';
import type { FileChange } from '../report/index.ts';

/** One rendering of a chart that changes touch. Paths are relative to the root. */
export interface ChangedChart {
  /** Of its `Chart.yaml`; empty for the root itself. */
  readonly folder: string;
  /** A file of values that is not read by itself (`values-prod.yaml`); null for the chart's own values. */
  readonly values: string | null;
  /** What a HelmRelease or an Application says in place of a file. */
  readonly inline?: InlinePair;
}

/** Values of one object as they stand and as they would be. */
export interface InlinePair {
  readonly before: InlineValues;
  readonly after: InlineValues;
}

/** The charts of the tree whose values objects of the changed files hold, and why others cannot be rendered. */
export function findInlineCharts(
  root: string,
  changes: readonly FileChange[],
): { readonly charts: readonly ChangedChart[]; readonly notes: readonly string[] } {
  const charts: ChangedChart[] = [];
  const notes: string[] = [];
  for (const { path, before, after } of changes) {
    const now = findInlineValues(after);
    for (const [index, was] of findInlineValues(before).entries()) {
      const is = now[index];
      if (is === undefined || is.values === was.values) continue;
      const { folder, unknown, object } = was;
      const here = folder !== null && isChartBelow(root, folder);
      if (here && unknown === null) charts.push({ folder, values: path, inline: { before: was, after: is } });
      else
        notes.push(
          `${path}: ${object}: not rendered, as ${unknown === null ? 'its chart is not in the folders that were read' : `it ${unknown}`}.`,
        );
    }
  }
  return { charts, notes };
}

/**
 * The charts below the root that changed files lie in, the outermost where charts hold charts; each with its own
 * values, and with each changed file of values that stands beside them. Sorted.
 */
export function findChangedCharts(
  root: string,
  changes: readonly Pick<FileChange, 'path'>[],
): readonly ChangedChart[] {
  const found = new Map<string, ChangedChart>();
  for (const { path } of changes) {
    const folder = findChart(root, path);
    if (folder === null) continue;
    const inside = folder === '' ? path : path.slice(folder.length + 1);
    const own = inside === 'values.yaml' || /^(?:charts\/[^/]+\/)+values\.yaml$/.test(inside);
    found.set(own ? folder : path, { folder, values: own ? null : path });
  }
  return [...found.keys()].toSorted().flatMap((key) => found.get(key) ?? []);
}

/** The folder of the chart that a file lies in; null where it lies in none below the root. */
export function findChart(root: string, path: string): string | null {
  const isChart = (folder: string) => existsSync(join(root, folder, 'Chart.yaml'));
  let folder = parentOf(path);
  while (!isChart(folder)) {
    if (folder === '') return null;
    folder = parentOf(folder);
  }
  while (posix.basename(parentOf(folder)) === 'charts' && isChart(parentOf(parentOf(folder))))
    folder = parentOf(parentOf(folder));
  return folder;
}

function parentOf(path: string): string {
  const parent = dirname(path);
  return parent === '.' || parent === '/' ? '' : parent;
}

/** No link on the way leads out of the tree. */
function isChartBelow(root: string, folder: string): boolean {
  const chart = join(root, folder);
  if (!existsSync(join(chart, 'Chart.yaml'))) return false;
  const inside = relative(realpathSync(root), realpathSync(chart));
  return inside !== '..' && !inside.startsWith(`..${sep}`) && !isAbsolute(inside);
}
