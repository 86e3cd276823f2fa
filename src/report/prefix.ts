import type { Report } from './types.ts';

/**
 * The report with every path seen from another folder: `prefix` is the way from there to the report's root, such as
 * `k8s/`. People and GitHub want paths from where they stand; the JSON contract wants them from the root.
 */
export function prefixPaths(report: Report, prefix: string): Report {
  if (prefix === '') return report;
  const move = <T extends { readonly file: string }>(value: T): T => ({
    ...value,
    file: prefix + value.file,
  });
  return {
    ...report,
    images: report.images.map((image) => ({ ...image, use: move(image.use) })),
    edits: report.edits.map(move),
    changes: report.changes.map((change) => ({ ...change, path: prefix + change.path })),
    skipped: report.skipped.map(move),
  };
}
