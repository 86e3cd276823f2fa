import { existsSync } from 'node:fs';
import { dirname, join, posix } from 'node:path';
import type { FileChange } from '../report/index.ts';

/** One rendering of a chart that changes touch. Paths are relative to the root. */
export interface ChangedChart {
  /** Of its `Chart.yaml`; empty for the root itself. */
  readonly folder: string;
  /** A file of values that is not read by itself (`values-prod.yaml`); null for the chart's own values. */
  readonly values: string | null;
}

/**
 * The charts below the root that changed files lie in, the outermost where charts hold charts; each with its own
 * values, and with each changed file of values that stands beside them. Sorted.
 */
export function findChangedCharts(root: string, changes: readonly FileChange[]): readonly ChangedChart[] {
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
