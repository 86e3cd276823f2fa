import { findDocumentHold, isGeneratedFile } from '../document-holds.ts';
import type { UseContext } from '../image-use.ts';
import { findSharedAnchors } from '../shared-anchors.ts';
import { folderOf, resolvePath } from '../tree-paths.ts';
import type { Place, SourceFile } from '../types.ts';
import { Lines } from '../yaml/lines.ts';
import type { OpenFile } from '../yaml/open-file.ts';
import { getItems, getText, getValue, type TreeNode } from '../yaml/tree.ts';
import { type KubernetesObject, readObject } from '../yaml/walk.ts';
import { touchesImages } from './kustomize-plugins.ts';
import { entryItems, type OverlayEntry, readEntries } from './overlay-entry.ts';

/** What a kustomization says of images, and of the files that it acts on. */
export interface Kustomization {
  readonly file: SourceFile;
  /** Paths of files and folders, relative to the root; remote ones are left out. */
  readonly resources: readonly string[];
  readonly components: readonly string[];
  /** Files of patches; they come after the components. */
  readonly patches: readonly { readonly path: string; readonly target: PatchTarget | null }[];
  /** Targets of the patches that are text, by their place in the lists: `patches[0]`. */
  readonly targets: ReadonlyMap<string, PatchTarget>;
  /** Files of `configurations`, which may name more fields for images. */
  readonly configurations: readonly string[];
  /** Files and folders of `transformers`, which come last. */
  readonly transformers: readonly string[];
  readonly generators: readonly string[];
  /** Files of replacements. */
  readonly replacements: readonly string[];
  /** Files of values for charts. */
  readonly values: readonly string[];
  readonly entries: readonly OverlayEntry[];
  /** The key that its entries stand under. */
  readonly entryList: string;
  /** Where it takes more from a place that is not below the root. */
  readonly remote: Place | null;
  /** It only adds to what others build. */
  readonly component: boolean;
  /** What may copy parts of images from one place to another, or changes them in a way that is not known. */
  readonly replaces: Place | null;
  readonly context: UseContext;
}

/** The objects that a patch is meant for, besides those that it names itself. */
export interface PatchTarget {
  readonly kind: string | null;
  /** A pattern. */
  readonly name: string | null;
  /** It asks for more than that. */
  readonly more: boolean;
}

export function isKustomizationPath(path: string): boolean {
  return /(?:^|\/)(?:kustomization\.ya?ml|Kustomization)$/.test(path);
}

export function readKustomization(file: OpenFile): Kustomization {
  const folder = folderOf(file.path);
  const [part] = file.documents;
  const read = part?.read;
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
  const listed = (...keys: readonly string[]) => keys.flatMap((key) => [...getItems(root, key)]);
  const paths = (key: string) => listed(key).flatMap((item) => getValue(item, 'path') ?? []);
  const resources = locate(folder, listed('resources', 'bases'));
  const components = locate(folder, listed('components'));
  const patches = locate(folder, [
    ...listed('patchesStrategicMerge'),
    ...paths('patches'),
    ...paths('patchesJson6902'),
  ]);
  const targets = readTargets(root, folder);
  const configurations = locate(folder, listed('configurations'));
  const transformers = locate(folder, listed('transformers'));
  const generators = locate(folder, listed('generators'));
  const replacements = locate(folder, paths('replacements'));
  const charts = getValue(root, 'helmCharts');
  const remote = resources.remote ?? generators.remote ?? charts;
  const place = (node: TreeNode): Place => ({ file: file.path, line: lines.at(node.start).line });
  const replaces =
    [components, patches, configurations, transformers, replacements].find((each) => each.remote)?.remote ??
    listed('replacements', 'vars').find(reachesImage) ??
    listed('transformers').find(isTouching);
  return {
    file,
    resources: resources.local,
    components: components.local,
    patches: patches.local.map((path) => ({ path, target: targets.get(path) ?? null })),
    targets,
    configurations: configurations.local,
    transformers: transformers.local,
    generators: generators.local,
    replacements: replacements.local,
    values: listValuesFiles(root, folder),
    entries,
    entryList: getValue(root, 'imageTags') && !getValue(root, 'images') ? 'imageTags' : 'images',
    remote: remote && place(remote),
    component: getText(root, 'kind') === 'Component',
    replaces: replaces ? place(replaces) : null,
    context,
  };
}

/** By the place in its list of a patch, and by the path of its file. */
function readTargets(root: TreeNode | null, folder: string): ReadonlyMap<string, PatchTarget> {
  const targets = new Map<string, PatchTarget>();
  for (const key of ['patches', 'patchesJson6902']) {
    for (const [index, item] of getItems(root, key).entries()) {
      const node = getValue(item, 'target');
      if (node?.kind !== 'map') continue;
      const more = node.pairs.some((pair) => pair.key !== 'kind' && pair.key !== 'name');
      const target = { kind: getText(node, 'kind'), name: getText(node, 'name'), more };
      const path = resolvePath(folder, getText(item, 'path') ?? '');
      targets.set(`${key}[${index}]`, target);
      // Of a file with several targets none is certain.
      if (path) targets.set(path, targets.has(path) ? { ...target, more: true } : target);
    }
  }
  return targets;
}

/** Where replacements of a file reach an image. */
export function findReplaced(file: OpenFile): Place | null {
  for (const { read } of file.documents) {
    const { root } = read;
    if (root && reachesImage(root))
      return { file: file.path, line: new Lines(file.text).at(root.start).line };
  }
  return null;
}

/** Text in the list itself; a path has one line. */
function isTouching(node: TreeNode): boolean {
  return node.kind === 'scalar' && node.value.includes('\n') && touchesImages(node.value);
}

/** Values that the charts of a kustomization are given, or have themselves where they lie in the tree. */
function listValuesFiles(root: TreeNode | null, folder: string): string[] {
  const home = getText(root, 'helmGlobals', 'chartHome') ?? 'charts';
  return getItems(root, 'helmCharts').flatMap((chart) => {
    const own = `${home}/${getText(chart, 'name') ?? ''}/values.yaml`;
    const named = getItems(chart, 'additionalValuesFiles').flatMap((node) => getText(node) ?? []);
    const given = [getText(chart, 'valuesFile') ?? own, ...named];
    return given.flatMap((path) => resolvePath(folder, path) ?? []);
  });
}

/** Field paths and targets that reach an image. */
function reachesImage(node: TreeNode): boolean {
  if (node.kind === 'scalar') return /\bimage\b|ontainers(?:[./][^./]+)?$/.test(node.value);
  const values = node.kind === 'list' ? node.items : node.pairs;
  return values.some(({ value }) => value !== null && reachesImage(value));
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
