import { composeImage } from '../split-image.ts';
import type { ImageUse } from '../types.ts';
import type { ChartRelease } from './chart-releases.ts';
import type { Ranked } from './values-carriers.ts';
import { globalRegistries, namesHost } from './values-image.ts';
import { type Leaf, splitPath, type ValuesSource } from './values-source.ts';

/** Keys that say a part of a name beside any repository. */
const always = new Set(
  (
    'registry repository repo tag digest sha hub variant imageRegistry imageRepository imageTag imageDigest ' +
    'tagSuffix suffix flavor registryName repositoryName'
  ).split(' '),
);

/** Something that decides a part of a name. */
export interface Other {
  readonly source: ValuesSource;
  readonly at: number;
  readonly leaf: Leaf | null;
  /** What it makes of the image; null where that is not known. */
  readonly written: string | null;
  /** It says the tag and nothing else. */
  readonly tags: boolean;
  /** It fails where the name is another one. */
  readonly asks?: true;
}

/** What decides a part of the image whose name stands at `leaf`, besides its own values. */
export function findOthers(own: Ranked, leaf: Leaf, use: ImageUse, { values, loose }: ChartRelease): Other[] {
  const [map, key] = splitPath(leaf.path);
  const mine = partsIn(own.source, map, key, use);
  return values.flatMap(({ source, rank }): Other[] => {
    if (source === own.source || isSame(source, own.source, leaf)) return [];
    const { asked } = source;
    if (asked)
      return isAskedFor(asked.path, leaf.path, use)
        ? [{ source, at: asked.at, leaf: null, written: null, tags: false, asks: true }]
        : [];
    if (source.unread !== null)
      return [{ source, at: source.unread, leaf: null, written: null, tags: false }];
    const everywhere = isHosted(use) ? undefined : findGlobal(source);
    if (everywhere) return [{ source, at: everywhere.range[0], leaf: null, written: null, tags: false }];
    const theirs = partsIn(source, map, key, use);
    const [first] = theirs.values();
    if (first === undefined) return [];
    const fits =
      loose && rank === own.rank
        ? theirs.has(key)
        : (rank < own.rank || covers(theirs, mine)) && (rank > own.rank || covers(mine, theirs));
    if (source.found && fits) return [];
    const left = rank < own.rank ? [...theirs].find(([each]) => !mine.has(each))?.[1] : undefined;
    const place = left ?? theirs.get('tag') ?? first;
    const merged = rank < own.rank ? new Map([...theirs, ...mine]) : new Map([...mine, ...theirs]);
    // Without a value, it says that nobody knows here what counts.
    const said =
      !theirs.has(key) && [...theirs.values()].every((each) => each.written !== '' && !each.isUnsure);
    const written = said ? composeFrom(merged, key, use) : null;
    const tag = theirs.size === 1 ? theirs.get(tagKeyOf(use)) : undefined;
    const tags = tag !== undefined && written?.endsWith(`:${tag.written}`) === true;
    return [{ source, at: place.range[0], leaf: place, written, tags }];
  });
}

/** Whether a path is that of a part of the name, or of what is around it. */
function isAskedFor(path: string, name: string, use: ImageUse): boolean {
  if (path === '' || path === name || name.startsWith(`${path}.`) || name.startsWith(`${path}[`)) return true;
  const [map, key] = splitPath(name);
  const [other, part] = splitPath(path);
  return other === map && partTest(key, prefixOf(key), use)(part);
}

/** The key of the tag in the map of an image. */
export function tagKeyOf({ parts }: ImageUse): string {
  return (parts?.kind === 'split' && parts.tag?.key) || 'tag';
}

/** The name that merged values say, where all that they say is known. */
function composeFrom(merged: ReadonlyMap<string, Leaf>, key: string, use: ImageUse): string | null {
  const { parts } = use;
  const split = parts?.kind === 'split' ? parts : null;
  const keys = {
    registry: split?.registry?.key ?? 'registry',
    repository: key,
    tag: tagKeyOf(use),
    digest: split?.digest?.key ?? 'digest',
  };
  const known = new Set<string>(Object.values(keys));
  if ([...merged].some(([each, { written }]) => !known.has(each) && written !== '')) return null;
  const { registry, repository, tag, digest } = keys;
  const part = (each: string) => ({ written: merged.get(each)?.written ?? '' });
  const name = part(repository);
  return name.written === ''
    ? null
    : composeImage({ registry: part(registry), repository: name, tag: part(tag), digest: part(digest) });
}

/** One place that is read twice: a patch by itself, and by the target of a kustomization. */
function isSame(source: ValuesSource, own: ValuesSource, leaf: Leaf): boolean {
  return source.file === own.file && source.fields.get(leaf.field)?.range[0] === leaf.range[0];
}

/** What a source says of the name that begins at a key of a map; by key. */
function partsIn(source: ValuesSource, map: string, key: string, use: ImageUse): ReadonlyMap<string, Leaf> {
  const found = new Map<string, Leaf>();
  const isPart = partTest(key, prefixOf(key), use);
  for (const leaf of source.maps.get(map) ?? []) {
    const [, own] = splitPath(leaf.path);
    if (isPart(own)) found.set(own, leaf);
  }
  return found;
}

function prefixOf(key: string): string | undefined {
  return /^(.*?image_?)repo(?:sitory)?$/i.exec(key)?.[1];
}

function partTest(key: string, prefix: string | undefined, { parts }: ImageUse): (key: string) => boolean {
  if (prefix !== undefined)
    return (other) => other.startsWith(prefix) && /(?:registry|repo|repository|tag|digest)$/i.test(other);
  const split = parts?.kind === 'split' ? parts : null;
  const own = new Set([key, split?.registry?.key, split?.tag?.key, split?.digest?.key]);
  if (split === null && key !== 'image') return (other) => other === key;
  return (other) => own.has(other) || always.has(other);
}

/** Whether values that are merged over others leave nothing of them. What is empty says nothing, unless it is filled. */
function covers(over: ReadonlyMap<string, Leaf>, under: ReadonlyMap<string, Leaf>): boolean {
  return [...under].every(
    ([key, { written }]) => over.has(key) || (written === '' && !/registry|digest/i.test(key)),
  );
}

function findGlobal(source: ValuesSource): Leaf | undefined {
  const leaves = ['global', 'global.image'].flatMap((map) => source.maps.get(map) ?? []);
  return leaves.find(({ path, written }) => written !== '' && globalRegistries.includes(path));
}

/** A registry that charts put before every name stays away from one that has its own. */
function isHosted({ parts, written }: ImageUse): boolean {
  return !(parts?.kind === 'split' && parts.registry !== null) && namesHost(written);
}
