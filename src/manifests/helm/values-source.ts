import { groupBy } from '../group-by.ts';
import { openInnerText } from '../inner-text.ts';
import { getText, getValue, type ScalarNode, type TreeNode } from '../yaml/tree.ts';
import { below, formatPath, joinPath, type KubernetesObject, walkMaps } from '../yaml/walk.ts';

/** A value that says a part of the name of an image. */
export interface Leaf {
  /** Where Helm has it: `image.tag`. */
  readonly path: string;
  /** Where the document has it: `spec.values.image.tag`. */
  readonly field: string;
  readonly written: string;
  /** What reaches the chart may be another text: a number that Helm writes anew, or what an updater writes back. */
  readonly isUnsure?: true;
  /** UTF-16 offsets in the file; of the whole text, where it stands in text that has no places of its own. */
  readonly range: readonly [start: number, end: number];
}

/** One place that gives values to a release: a file, a field of an object, a patch. */
export interface ValuesSource {
  readonly file: string;
  /** 0-based index of the document in its file. */
  readonly document: number;
  /** By the path of the map that they stand in. */
  readonly maps: ReadonlyMap<string, readonly Leaf[]>;
  /** By their field. */
  readonly fields: ReadonlyMap<string, Leaf>;
  /** The images that it says are found as uses. */
  readonly found: boolean;
  /** Offset of something that may say any value, and cannot be read. */
  readonly unread: number | null;
  /** It says nothing, and asks for what stands at a path; with the offset of what it asks for. */
  readonly asked: { readonly path: string; readonly at: number } | null;
  /** Null in a file of values, and in a patch of operations. */
  readonly object: KubernetesObject | null;
}

/** What a source is made of. */
export interface SourceParts {
  readonly file: string;
  readonly document: number;
  readonly leaves: readonly Leaf[];
  readonly found?: boolean;
  readonly unread?: number | null;
  readonly asked?: ValuesSource['asked'];
  readonly object?: KubernetesObject | null;
}

export function makeSource(parts: SourceParts): ValuesSource {
  const { leaves, file, document, found = true, unread = null, asked = null, object = null } = parts;
  const maps = groupBy(leaves, ({ path }) => splitPath(path)[0]);
  const fields = new Map(leaves.map((leaf) => [leaf.field, leaf]));
  return { file, document, maps, fields, found, unread, asked, object };
}

/** The path of the map, and the key in it. */
export function splitPath(path: string): readonly [map: string, key: string] {
  const dot = path.lastIndexOf('.');
  return dot === -1 ? ['', path] : [path.slice(0, dot), path.slice(dot + 1)];
}

/** Keys that may say a part of a name; all others are of no use here. */
const naming =
  /(?:registry|repo|repository|(?:registry|repository)name|tag|digest|sha|hub|host|variant|flavou?r|suffix|prefix|org|version|name|image)$/i;

/** Whether values at a key are read here. */
export function saysName(key: string): boolean {
  return naming.test(key);
}

/** How nodes of a document stand in its file: a document may be text in another one. */
export interface Standing {
  /** The text that offsets of nodes are of; empty where that is text in a file, and not the file. */
  readonly text: string;
  readonly rangeOf: (node: TreeNode) => readonly [start: number, end: number];
}

/** The documents in a text, as they stand in its file. */
export function openStanding(
  node: ScalarNode,
  { text, rangeOf }: Standing,
): { readonly root: TreeNode; readonly standing: Standing }[] {
  return openInnerText(text, node).map(({ root, place }) => ({
    root,
    standing: {
      text: '',
      rangeOf: (inner: TreeNode) => {
        const outer = text === '' ? null : place(inner);
        return outer ? [outer.start, outer.end] : rangeOf(node);
      },
    },
  }));
}

/** Every value of a map of values, or of text that holds one. `field` is where it stands in its document. */
export function listLeaves(node: TreeNode, field: string, standing: Standing): Leaf[] {
  if (node.kind === 'map') return leavesOf(node, field, standing.rangeOf);
  if (node.kind === 'list') return [];
  return openStanding(node, standing).flatMap(({ root, standing: inner }) =>
    leavesOf(root, field, inner.rangeOf),
  );
}

function leavesOf(root: TreeNode, field: string, rangeOf: Standing['rangeOf']): Leaf[] {
  const leaves: Leaf[] = [];
  walkMaps(root, (map, spot) => {
    for (const { key, value } of [...map.pairs, ...map.merged]) {
      if ((value !== null && value.kind !== 'scalar') || !(naming.test(key) || spot.key === 'images'))
        continue;
      const path = joinPath(formatPath(spot), key);
      leaves.push({
        path,
        field: below(field, path),
        written: textOf(value),
        ...(isChangedNumber(value) && { isUnsure: true as const }),
        range: rangeOf(value ?? map),
      });
    }
  });
  return leaves;
}

/** Argo CD's `parameters` and `fileParameters`: a list of a `name` and a `value`. */
export function listParameterLeaves(list: TreeNode | null, field: string, standing: Standing): Leaf[] {
  if (list?.kind !== 'list') return [];
  return list.items.flatMap(({ value: item }, index) => {
    const path = getText(item, 'name');
    const value = getValue(item, 'value');
    if (path === null || item === null) return [];
    return [leafOf(path, `${field}[${index}].value`, value ?? item, standing)];
  });
}

/** The map `set` of k3s: its keys are the whole paths. */
export function listNamedLeaves(map: TreeNode | null, field: string, standing: Standing): Leaf[] {
  if (map?.kind !== 'map') return [];
  return map.pairs.map(({ key, value }) => leafOf(key, joinPath(field, key), value ?? map, standing));
}

export function leafOf(path: string, field: string, node: TreeNode, { rangeOf }: Standing): Leaf {
  return { path, field, written: textOf(node), range: rangeOf(node) };
}

function textOf(node: TreeNode | null): string {
  if (node?.kind !== 'scalar') return '';
  return node.style === 'plain' && /^(?:~|null)?$/i.test(node.value) ? '' : node.value.trim();
}

/** Whether Helm, which reads numbers as YAML 1.1 has them, writes this one in another way: `1.20`, `012`, `1e3`. */
export function isChangedNumber(node: TreeNode | null): boolean {
  if (node?.kind !== 'scalar' || node.style !== 'plain' || !/^\d/.test(node.value)) return false;
  const { value } = node;
  const plain = value.replaceAll('_', '');
  return (
    /^(?:\d+(?:\.\d*)?(?:e[-+]?\d+)?|0x[\da-f]+|0o[0-7]+|0b[01]+)$/i.test(plain) &&
    String(Number(plain)) !== value
  );
}
