import type { MapNode, TreeNode } from './tree.ts';
import type { Layer } from './types.ts';
import type { KubernetesObject, Spot } from './walk.ts';

/** A value that names an image, as a form found it in the tree. */
export interface FoundImage {
  readonly layer: Layer;
  readonly field: string;
  readonly podSpec: string | null;
  readonly object: KubernetesObject | null;
  /** Null, a map or a list where no text is written. */
  readonly node: TreeNode | null;
  /** Offset of the key. */
  readonly at: number;
  /** The key, or one above it, is written twice. */
  readonly duplicate: boolean;
}

/** A form is asked of every map of a document and yields the images that it knows there. */
export type Form = (map: MapNode, spot: Spot) => Iterable<FoundImage>;
