import type { ImageUse } from '../manifests/index.ts';

/** The order of every list of uses: by file, position in it, and field. */
export function byPlace(a: ImageUse, b: ImageUse): number {
  return (
    compareText(a.file, b.file) ||
    a.document - b.document ||
    a.range[0] - b.range[0] ||
    compareText(a.field, b.field) ||
    compareText(workloadKey(a), workloadKey(b))
  );
}

/** By code unit, so that no machine's locale changes an order. */
export function compareText(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}

/** The text that a use is written in: an anchor's is shared by its aliases. Null for a live workload. */
export function textKey(use: ImageUse): string | null {
  return use.range[1] > use.range[0] ? `${use.range[0]} ${use.file}` : null;
}

function workloadKey(use: ImageUse): string {
  const { apiVersion, kind, namespace, name } = use.workload;
  return [namespace ?? '', kind, name ?? '', apiVersion].join('/');
}
