import { findDocumentHold, isGeneratedFile } from './document-holds.ts';
import { splitDocuments } from './documents.ts';
import type { UseContext } from './image-use.ts';
import { Lines } from './lines.ts';
import { entryItems, type OverlayEntry, readEntries } from './overlay-entry.ts';
import { readDocument } from './read-document.ts';
import { findSharedAnchors } from './shared-anchors.ts';
import { getItems, getText, getValue, type TreeNode } from './tree.ts';
import type { Place, SourceFile } from './types.ts';
import { type KubernetesObject, readObject } from './walk.ts';

/** What a kustomization says of images, and of the files that it acts on. */
export interface Kustomization {
  readonly file: SourceFile;
  /** Paths of files and folders, relative to the root; remote ones are left out. */
  readonly resources: readonly string[];
  readonly components: readonly string[];
  readonly entries: readonly OverlayEntry[];
  /** The key that its entries stand under. */
  readonly entryList: string;
  /** Where it takes more from a place that is not below the root. */
  readonly remote: Place | null;
  /** It only adds to what others build. */
  readonly component: boolean;
  /** What may copy parts of images from one place to another. */
  readonly replaces: Place | null;
  readonly context: UseContext;
}

export function isKustomizationPath(path: string): boolean {
  return /(?:^|\/)(?:kustomization\.ya?ml|Kustomization)$/.test(path);
}

export function readKustomization(file: SourceFile): Kustomization {
  const folder = folderOf(file.path);
  const part = splitDocuments(file.text)[0];
  const read = part ? readDocument(part) : null;
  const root = read?.root ?? null;
  const lines = new Lines(file.text);
  const context: UseContext = {
    file,
    lines,
    document: part?.index ?? 0,
    hold: isGeneratedFile(file.path, file.text) ? 'generated' : findDocumentHold(part?.text ?? '', root),
    shared: new Set(),
  };
  const object: KubernetesObject | null = root?.kind === 'map' ? readObject(root) : null;
  const lists = entryItems(root).flatMap(({ key, items }) =>
    readEntries({ items, path: key, layer: 'kustomize', object, context }),
  );
  const entries =
    read?.aliased === true
      ? lists.map((entry) => ({ ...entry, context: shareWith(context, root, lists) }))
      : lists;
  const written = ['resources', 'bases', 'patchesStrategicMerge'].flatMap((key) => [...getItems(root, key)]);
  const patches = ['patches', 'patchesJson6902'].flatMap((key) =>
    getItems(root, key).flatMap((patch) => getValue(patch, 'path') ?? []),
  );
  const resources = locate(folder, [...written, ...patches]);
  const components = locate(folder, getItems(root, 'components'));
  const charts = getValue(root, 'helmCharts');
  const remote = resources.remote ?? components.remote ?? charts;
  const place = (node: TreeNode): Place => ({ file: file.path, line: lines.at(node.start).line });
  const replaces = ['replacements', 'vars'].flatMap((key) => getValue(root, key) ?? []).find(mentionsImage);
  return {
    file,
    resources: resources.local,
    components: components.local,
    entries,
    entryList: getValue(root, 'imageTags') && !getValue(root, 'images') ? 'imageTags' : 'images',
    remote: remote && place(remote),
    component: getText(root, 'kind') === 'Component',
    replaces: replaces ? place(replaces) : null,
    context,
  };
}

/** Field paths and targets that reach an image. */
function mentionsImage(node: TreeNode): boolean {
  if (node.kind === 'scalar') return /\bimage\b/.test(node.value);
  const values = node.kind === 'list' ? node.items : node.pairs;
  return values.some(({ value }) => value !== null && mentionsImage(value));
}

function shareWith(context: UseContext, root: TreeNode | null, entries: readonly OverlayEntry[]): UseContext {
  const found = entries.map((entry) => entry.find({ name: '', tag: '', digest: '' }, true));
  return { ...context, shared: findSharedAnchors(root, found) };
}

function locate(
  folder: string,
  nodes: readonly TreeNode[],
): { readonly local: readonly string[]; readonly remote: TreeNode | null } {
  const local: string[] = [];
  let remote: TreeNode | null = null;
  for (const node of nodes) {
    // Text of several lines is a patch, not a path.
    if (node.kind !== 'scalar' || node.value.includes('\n')) continue;
    const path = resolvePath(folder, node.value);
    if (path === null) remote ??= node;
    else local.push(path);
  }
  return { local, remote };
}

export function folderOf(path: string): string {
  const slash = path.lastIndexOf('/');
  return slash === -1 ? '' : path.slice(0, slash);
}

/** A path below the root, or null for a remote one and one that leaves the root. */
export function resolvePath(folder: string, path: string): string | null {
  if (isRemote(path) || path.startsWith('/')) return null;
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

function isRemote(path: string): boolean {
  return /^[a-z][a-z0-9+.-]*:\/\/|^[^/]+@[^/]+:|\?|^(?:github\.com|gitlab\.com|bitbucket\.org)\/|\.git(?:\/|$)/.test(
    path,
  );
}
