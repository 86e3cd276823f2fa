import type { FoundImage, FoundPart } from '../found-image.ts';
import type { UseContext } from '../image-use.ts';
import { nameOf } from '../split-image.ts';
import type { Layer, Place } from '../types.ts';
import { getItems, getText, getValue, type MapNode, type TreeNode } from '../yaml/tree.ts';
import type { KubernetesObject } from '../yaml/walk.ts';

/** An image as kustomize takes it apart; empty where there is none. */
export interface SplitName {
  readonly name: string;
  readonly tag: string;
  readonly digest: string;
}

/** Something that decides the images of one name in what a folder builds: an item of `images`. */
export interface OverlayEntry {
  readonly name: string;
  readonly newName: string;
  readonly newTag: string;
  readonly digest: string;
  readonly tagSuffix: string;
  readonly place: Place;
  readonly context: UseContext;
  /** What an edit would change, given the images that the entry makes of those it matches. */
  readonly find: (made: SplitName, only: boolean) => FoundImage;
}

/** The object that an entry stands in. */
interface EntryPlace {
  readonly layer: Layer;
  readonly object: KubernetesObject | null;
  readonly context: UseContext;
}

export interface EntryList extends EntryPlace {
  readonly items: readonly TreeNode[];
  /** Field path of the list. */
  readonly path: string;
}

/** Entries as kustomize and Flux write them: maps with a `name`. */
export function readEntries(list: EntryList): OverlayEntry[] {
  return list.items.flatMap((item, index) => {
    const name = getText(item, 'name');
    return name === null || item.kind !== 'map'
      ? []
      : [readEntry(list, item, `${list.path}[${index}]`, name)];
  });
}

/** An entry that stands at the field path `map`. */
export function readEntry(list: EntryPlace, item: MapNode, map: string, name: string): OverlayEntry {
  const part = (key: string): FoundPart => {
    const node = getValue(item, key);
    return { key, node, written: node?.kind === 'scalar' ? node.value.trim() : '' };
  };
  const [newName, newTag, digest] = [part('newName'), part('newTag'), part('digest')];
  const tagSuffix = part('tagSuffix').written;
  const node = newName.node ?? getValue(item, 'name');
  const at = item.pairs.find(({ key }) => key === (newName.node ? 'newName' : 'name'))?.at ?? item.start;
  return {
    name,
    newName: newName.written,
    newTag: newTag.written,
    digest: digest.written,
    tagSuffix,
    place: { file: list.context.file.path, line: list.context.lines.at(item.start).line },
    context: list.context,
    find: (made, only) => ({
      layer: list.layer,
      field: `${map}.${newName.node ? 'newName' : 'name'}`,
      podSpec: null,
      object: list.object,
      node,
      at,
      duplicate: new Set(item.pairs.map(({ key }) => key)).size < item.pairs.length,
      split: {
        map,
        registry: null,
        repository: { ...newName, written: made.name },
        tag: only && tagSuffix === '' ? { ...newTag, written: made.tag } : fixed(made.tag),
        digest: only && tagSuffix === '' ? { ...digest, written: made.digest } : fixed(made.digest),
      },
    }),
  };
}

/** A part that counts and that no key of this place says. */
function fixed(written: string): FoundPart | null {
  return written === '' ? null : { key: '', node: null, written };
}

/** Argo CD's spelling: `name:tag`, `name@digest`, `old=new:tag`. */
export function readOverrides(list: EntryList): OverlayEntry[] {
  return list.items.flatMap((item, index) => {
    if (item.kind !== 'scalar' || item.value === '') return [];
    const { value } = item;
    const equals = value.indexOf('=');
    const given = splitName(value.slice(equals + 1));
    const name = equals === -1 ? given.name : value.slice(0, equals);
    const text = list.context.file.text;
    const start = text.indexOf(value, item.start);
    const whole = start !== -1 && start + value.length <= item.end;
    const from = whole ? start + equals + 1 : item.start;
    const span = [from, whole ? start + value.length : item.end] as const;
    const entry: OverlayEntry = {
      name,
      newName: equals === -1 ? '' : given.name,
      newTag: given.tag,
      digest: given.digest,
      tagSuffix: '',
      place: { file: list.context.file.path, line: list.context.lines.at(item.start).line },
      context: list.context,
      find: (made) => ({
        layer: list.layer,
        field: `${list.path}[${index}]`,
        podSpec: null,
        object: list.object,
        node: item,
        at: item.start,
        duplicate: false,
        inside: {
          range: span,
          written: formatSplit(made),
          override: { name: equals === -1 ? name : '', pinned: given.digest !== '' },
        },
        ...(value.slice(equals + 1) === formatSplit(made) ? {} : { hold: 'unknown-tag' as const }),
      }),
    };
    return [entry];
  });
}

/** What an entry makes of an image that it matches; see kustomize's `imagetag` filter. */
export function applyEntry(entry: OverlayEntry, image: SplitName): SplitName {
  // Argo CD's `*` keeps what an entry of the kustomization says.
  const name = entry.newName === '' || entry.newName === '*' ? image.name : entry.newName;
  if (entry.newTag !== '' || entry.digest !== '') return { name, tag: entry.newTag, digest: entry.digest };
  if (entry.tagSuffix !== '') return { name, tag: image.tag + entry.tagSuffix, digest: '' };
  return { ...image, name };
}

export function splitName(written: string): SplitName {
  const at = written.indexOf('@');
  const named = at === -1 ? written : written.slice(0, at);
  const name = nameOf(written);
  return { name, tag: named.slice(name.length + 1), digest: at === -1 ? '' : written.slice(at + 1) };
}

export function formatSplit({ name, tag, digest }: SplitName): string {
  return name + (tag === '' ? '' : `:${tag}`) + (digest === '' ? '' : `@${digest}`);
}

/**
 * Whether kustomize takes an image for the one that an entry names: the text before its tag and digest. Kustomize
 * compiles the name as a pattern, so that a `.` is any character and other pattern signs may match anything.
 */
export function matchesEntry(name: string, written: string): boolean {
  if (isPattern(name)) return true;
  const rest = written.slice(name.length);
  if (rest !== '' && rest[0] !== ':' && rest[0] !== '@') return false;
  for (let i = 0; i < name.length; i++) {
    if (name[i] !== '.' && name[i] !== written[i]) return false;
  }
  return written.length >= name.length;
}

/** A pattern that any image matches. */
export const anyName = '.*';

/** The name has signs that mean more than themselves. */
export function isPattern(name: string): boolean {
  return /[*+?()[\]{}|^$\\]/.test(name);
}

/** The lists of entries of a map, under their present and their former name. */
export function entryItems(
  map: TreeNode | null,
): readonly { readonly key: string; readonly items: readonly TreeNode[] }[] {
  return ['images', 'imageTags'].map((key) => ({ key, items: getItems(map, key) }));
}
