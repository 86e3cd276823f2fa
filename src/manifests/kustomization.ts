import { splitDocuments } from './documents.ts';
import { Lines } from './lines.ts';
import { readDocument } from './read-document.ts';
import { getItems, getText, getValue, type TreeNode } from './tree.ts';
import type { Place, SourceFile } from './types.ts';

/** What a kustomization says of images, and of the files that it acts on. */
export interface Kustomization {
  /** Paths of files and folders, relative to the root; remote ones are left out. */
  readonly resources: readonly string[];
  readonly components: readonly string[];
  readonly images: readonly ImageEntry[];
}

/** An entry that decides the images of one name. */
export interface ImageEntry {
  readonly name: string;
  readonly place: Place;
}

export function isKustomizationPath(path: string): boolean {
  return /(?:^|\/)(?:kustomization\.ya?ml|Kustomization)$/.test(path);
}

export function readKustomization(file: SourceFile): Kustomization {
  const folder = folderOf(file.path);
  const part = splitDocuments(file.text)[0];
  const root = part ? readDocument(part).root : null;
  const lines = new Lines(file.text);
  const local = (nodes: readonly TreeNode[]) =>
    nodes.flatMap((node) => (node.kind === 'scalar' ? (resolvePath(folder, node.value) ?? []) : []));
  const patches = getItems(root, 'patches').flatMap((patch) => getValue(patch, 'path') ?? []);
  const paths = ['resources', 'bases', 'patchesStrategicMerge'].flatMap((key) => [...getItems(root, key)]);
  return {
    resources: local([...paths, ...patches]),
    components: local(getItems(root, 'components')),
    images: readImageEntries(getItems(root, 'images'), file.path, lines),
  };
}

/** Entries as kustomize and Flux write them: maps with a `name`. */
export function readImageEntries(items: readonly TreeNode[], file: string, lines: Lines): ImageEntry[] {
  return items.flatMap((item) => {
    const name = getText(item, 'name');
    return name === null ? [] : [{ name, place: { file, line: lines.at(item.start).line } }];
  });
}

/**
 * Whether kustomize takes an image for the one that an entry names: the text before its tag and digest. Kustomize
 * compiles the name as a pattern, so that a `.` is any character and other pattern signs may match anything.
 */
export function matchesEntry(name: string, written: string): boolean {
  if (/[*+?()[\]{}|^$\\]/.test(name)) return true;
  const rest = written.slice(name.length);
  if (rest !== '' && rest[0] !== ':' && rest[0] !== '@') return false;
  for (let i = 0; i < name.length; i++) {
    if (name[i] !== '.' && name[i] !== written[i]) return false;
  }
  return written.length >= name.length;
}

export function folderOf(path: string): string {
  const slash = path.lastIndexOf('/');
  return slash === -1 ? '' : path.slice(0, slash);
}

/** A path below the root, or null for a remote one and one that leaves the root. */
export function resolvePath(folder: string, path: string): string | null {
  if (/^[a-z][a-z0-9+.-]*:\/\/|^[^/]+@[^/]+:|\?/.test(path) || path.startsWith('/')) return null;
  const segments = folder === '' ? [] : folder.split('/');
  for (const segment of path.split('/')) {
    if (segment === '..') {
      if (segments.pop() === undefined) return null;
    } else if (segment !== '.' && segment !== '') {
      segments.push(segment);
    }
  }
  return segments.join('/');
}
