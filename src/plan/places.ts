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

/**
 * The text that an edit of a use changes: an anchor's is shared by its aliases, and a name's by the tags that stand in
 * other places. Null for a live workload.
 */
export function textKey(use: ImageUse): string | null {
  const [start, end] = use.nameAt?.range ?? use.range;
  return end > start ? `${start} ${editedFile(use)}` : null;
}

/** The file that an edit of a use changes. */
export function editedFile({ file, nameAt }: ImageUse): string {
  return nameAt?.file ?? file;
}

function workloadKey(use: ImageUse): string {
  const { apiVersion, kind, namespace, name } = use.workload;
  return [namespace ?? '', kind, name ?? '', apiVersion].join('/');
}
