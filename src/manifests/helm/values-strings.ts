import { parseImageReference } from '../../reference/index.ts';
import { findNames, listNames } from '../find-other-images.ts';
import type { FoundImage } from '../found-image.ts';
import { openInnerText } from '../inner-text.ts';
import { getText, type MapNode, type ScalarNode, type TreeNode } from '../yaml/tree.ts';
import { formatPath, joinPath, type Spot, walkMaps } from '../yaml/walk.ts';

/** A text in a map of values, or in a list of it. */
export interface Text {
  readonly node: ScalarNode;
  readonly field: string;
  readonly at: number;
}

type MakeFound = (text: Text) => FoundImage;

/** Whole references under `images`: as a list, or by names of somebody's choice. */
export function findListedImages(map: MapNode, spot: Spot, make: MakeFound): FoundImage[] {
  const isListed = (key: string, inList: boolean) => (inList ? key === 'images' : spot.key === 'images');
  return listTexts(map, spot, (key, { value }, inList) => isListed(key, inList) && isWhole(value)).map(make);
}

/**
 * Images of containers in text that a chart puts into its templates (`extraContainers: |`): maps with a `name` and an
 * `image`. What is no YAML, and any other reference of such text, is listed.
 */
export function findTextImages(map: MapNode, spot: Spot, source: string, make: MakeFound): FoundImage[] {
  const isText = ({ style, value }: ScalarNode) => style === 'block' && /\w:|\w\//.test(value);
  return listTexts(map, spot, (_, node) => isText(node)).flatMap((text) => {
    const { node } = text;
    const found = /\bimage['"]?[ \t]*:/.test(node.value)
      ? openInnerText(source, node).flatMap(({ root, lift }) =>
          listContainerImages(root).map((inner) =>
            lift({ ...make(inner), field: inner.field }, make(text).field),
          ),
        )
      : [];
    const known = new Set(found.map((image) => image.inside?.written ?? textOf(image)));
    const others = findNames(node, source).filter(({ written }) => !known.has(written));
    return [
      ...found,
      ...others.map(
        (inside): FoundImage => ({ ...make(text), inside, layer: 'other', hold: 'reported-only' }),
      ),
    ];
  });
}

function textOf({ node }: FoundImage): string {
  return node?.kind === 'scalar' ? node.value : '';
}

function listContainerImages(root: TreeNode): Text[] {
  const found: Text[] = [];
  walkMaps(root, (map, spot) => {
    const image = map.pairs.find(({ key }) => key === 'image');
    if (image?.value?.kind !== 'scalar' || getText(map, 'name') === null || image.value.value.includes('{{'))
      return;
    if (isWhole(image.value.value))
      found.push({ node: image.value, field: joinPath(formatPath(spot), 'image'), at: image.at });
  });
  return found;
}

/** Text that looks like a reference, under keys that no chart is known for: nothing says that it is an image. */
export function findLookalikes(map: MapNode, spot: Spot, make: MakeFound): FoundImage[] {
  return listTexts(map, spot, (_, node) => looksLikeOne(node)).flatMap((text) => {
    const { node } = text;
    let from = 0;
    return listNames(node.value).map((name): FoundImage => {
      const quote = node.style === 'quoted' ? 1 : 0;
      const at = node.value.indexOf(name, from);
      from = at + name.length;
      const start = node.start + quote + at;
      // What is escaped in quotes has other places.
      const plain = node.end - node.start - 2 * quote === node.value.length;
      const range = plain ? ([start, start + name.length] as const) : ([node.start, node.end] as const);
      const inside = name === node.value ? {} : { inside: { range, written: name } };
      return { ...make(text), ...inside, layer: 'other', hold: 'reported-only' };
    });
  });
}

/** Labels of Kubernetes (`kubernetes.io/os:linux`) are spelled as images are. */
function looksLikeOne({ style, value }: ScalarNode): boolean {
  return style !== 'block' && value.includes('/') && !/\bkubernetes\.io\//.test(value);
}

function isWhole(written: string): boolean {
  const parsed = /[:@]/.test(written) ? parseImageReference(written) : null;
  return parsed?.ok === true && (parsed.value.tag !== null || parsed.value.digest !== null);
}

/** The texts of a map and of its lists that are wanted; the way to them is spelled for no others. */
function listTexts(
  map: MapNode,
  spot: Spot,
  isWanted: (key: string, node: ScalarNode, inList: boolean) => boolean,
): Text[] {
  return map.pairs.flatMap(({ key, value, at }): Text[] => {
    if (value?.kind === 'scalar' && isWanted(key, value, false))
      return [{ node: value, field: joinPath(formatPath(spot), key), at }];
    if (value?.kind !== 'list') return [];
    return value.items.flatMap(({ value: node }, index) =>
      node?.kind === 'scalar' && isWanted(key, node, true)
        ? [{ node, field: `${joinPath(formatPath(spot), key)}[${index}]`, at }]
        : [],
    );
  });
}
