/**
 * What a document says, as far as finding needs it: the same shape whichever reader made it. Offsets are UTF-16
 * offsets in the file. An alias is the very node of its anchor, so that nodes can be compared by identity.
 */
export type TreeNode = ScalarNode | MapNode | ListNode;

export interface ScalarNode {
  readonly kind: 'scalar';
  /** Quotes included; of a block scalar its header and all its lines. Equal when nothing is written. */
  readonly start: number;
  readonly end: number;
  readonly style: 'plain' | 'quoted' | 'block';
  readonly value: string;
}

export interface MapNode {
  readonly kind: 'map';
  readonly start: number;
  readonly end: number;
  readonly pairs: readonly MapPair[];
  /** What `<<` adds: pairs of other maps whose keys are not written here, each key once. */
  readonly merged: readonly MapPair[];
}

export interface MapPair {
  readonly key: string;
  /** Where the key stands. */
  readonly at: number;
  readonly value: TreeNode | null;
  /** The value is an alias: its node stands elsewhere. */
  readonly alias: boolean;
}

export interface ListNode {
  readonly kind: 'list';
  readonly start: number;
  readonly end: number;
  readonly items: readonly ListItem[];
}

export interface ListItem {
  readonly value: TreeNode | null;
  readonly alias: boolean;
}

/** The value of a key, merged maps included. Of duplicate keys the last counts, as in Kubernetes. */
export function getValue(node: TreeNode | null | undefined, key: string): TreeNode | null {
  if (node?.kind !== 'map') return null;
  for (let i = node.pairs.length - 1; i >= 0; i--) {
    const pair = node.pairs[i];
    if (pair?.key === key) return pair.value;
  }
  return node.merged.find((pair) => pair.key === key)?.value ?? null;
}

export function hasKey(node: TreeNode | null, key: string): boolean {
  if (node?.kind !== 'map') return false;
  return node.pairs.some((pair) => pair.key === key) || node.merged.some((pair) => pair.key === key);
}

/** The text of a scalar, or null for anything else and for an empty one. */
export function getText(node: TreeNode | null | undefined, ...path: readonly string[]): string | null {
  let at: TreeNode | null | undefined = node;
  for (const key of path) at = getValue(at, key);
  return at?.kind === 'scalar' && at.value !== '' ? at.value : null;
}

/** The items of the list at a path, or none. */
export function getItems(node: TreeNode | null | undefined, ...path: readonly string[]): readonly TreeNode[] {
  let at: TreeNode | null | undefined = node;
  for (const key of path) at = getValue(at, key);
  return at?.kind === 'list' ? at.items.flatMap((item) => item.value ?? []) : [];
}
