import type { ImageUse } from '../types.ts';
import { getItems, getText, type TreeNode } from '../yaml/tree.ts';

/** A field that kustomize takes for an image, besides those that it knows itself: an item of `images` in a configuration. */
export interface FieldSpec {
  readonly group: string | null;
  readonly version: string | null;
  readonly kind: string | null;
  /** `spec/image`, `spec/parts[]/image`. */
  readonly path: string;
}

/** The items of a list of `fieldSpecs`. */
export function readFieldSpecs(root: TreeNode | null, key: 'images' | 'fieldSpecs'): FieldSpec[] {
  return getItems(root, key).flatMap((item) => {
    const path = getText(item, 'path');
    if (path === null) return [];
    return [
      { group: getText(item, 'group'), version: getText(item, 'version'), kind: getText(item, 'kind'), path },
    ];
  });
}

/** Whether kustomize finds the image at the field. */
export function isNamedBy({ group, version, kind, path }: FieldSpec, { workload, field }: ImageUse): boolean {
  const slash = workload.apiVersion.indexOf('/');
  if (kind !== null && kind !== workload.kind) return false;
  if (group !== null && group !== workload.apiVersion.slice(0, Math.max(0, slash))) return false;
  if (version !== null && version !== workload.apiVersion.slice(slash + 1)) return false;
  const wanted = path.replaceAll('[]', '').replaceAll('/', '.').replace(/^\./, '');
  return `.${field.replaceAll(/\[\d+\]/g, '')}`.endsWith(`.${wanted}`);
}
