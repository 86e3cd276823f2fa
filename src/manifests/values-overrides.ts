import { splitDocuments } from './documents.ts';
import { isValuesPath, listValues } from './find-helm-images.ts';
import { openInnerText } from './inner-text.ts';
import { folderOf, resolvePath } from './kustomization.ts';
import { readDocument } from './read-document.ts';
import { getItems, getText, getValue, type TreeNode } from './tree.ts';
import type { ImageUse, SourceFile } from './types.ts';
import { walkMaps } from './walk.ts';

/** Values that may be merged over those of a file. */
interface Source {
  readonly file: string;
  /** Folders of the files of values, or of the chart, that they are meant for. */
  readonly folders: readonly string[];
  readonly values: TreeNode;
}

const decisive = ['tag', 'version', 'digest', 'registry', 'hub', 'variant'];

/**
 * Holds images of a values file whose tag or registry other values decide: the name alone would be moved to a backup
 * that does not have that tag.
 */
export function holdOverridden(files: readonly SourceFile[], uses: readonly ImageUse[]): readonly ImageUse[] {
  const folders = new Set(
    uses.flatMap((use) =>
      use.layer === 'helm-values' && use.parts && isValuesPath(use.file) ? folderOf(use.file) : [],
    ),
  );
  if (folders.size === 0) return uses;
  const sources = files
    .flatMap((file) => readSources(file, folders))
    .filter((source) => source.folders.some((folder) => folders.has(folder)));
  return uses.map((use) => {
    if (use.hold !== null || use.parts?.kind !== 'split' || use.layer !== 'helm-values') return use;
    const { map } = use.parts;
    const over = sources.some(
      (source) =>
        source.file !== use.file &&
        source.folders.includes(folderOf(use.file)) &&
        isPartial(source.values, map),
    );
    return over ? { ...use, hold: 'composed' } : use;
  });
}

function readSources(file: SourceFile, wanted: ReadonlySet<string>): Source[] {
  const folder = folderOf(file.path);
  const isValues = isValuesPath(file.path);
  if (isValues ? !wanted.has(folder) : !mayRender(file.text) || !reaches(file, wanted)) return [];
  return splitDocuments(file.text).flatMap((part): Source[] => {
    if (!isValues && !mayRender(part.text)) return [];
    const { root } = readDocument(part);
    if (!root) return [];
    if (isValues) return [{ file: file.path, folders: [folder], values: root }];
    const found: Source[] = [];
    walkMaps(root, (map, { object }) => {
      if (object?.node !== map) return;
      const charts = chartFolders(map, folder);
      for (const { node } of listValues(map, object)) {
        for (const values of openValues(node, file.text))
          found.push({ file: file.path, folders: [folder, ...charts], values });
      }
    });
    return found;
  });
}

/** It lies in one of the folders, or may name one: as a path whose last part is the folder's. */
function reaches({ path, text }: SourceFile, folders: ReadonlySet<string>): boolean {
  if (folders.has(folderOf(path))) return true;
  return [...folders].some((folder) => text.includes(folder.slice(folder.lastIndexOf('/') + 1)));
}

/** Cheap, and with few false alarms: workflows name the group of Argo CD's objects, too. */
function mayRender(text: string): boolean {
  return (
    (text.includes('HelmRelease') || text.includes('argoproj.io/')) &&
    /\bkind['"]?\s*:\s*['"]?(?:HelmRelease|Application)/.test(text) &&
    decisive.some((key) => text.includes(key))
  );
}

/** Charts of the same repository that an object renders. */
function chartFolders(map: TreeNode, folder: string): string[] {
  const spec = getValue(map, 'spec');
  const argo = [getValue(spec, 'source'), ...getItems(spec, 'sources')].map((source) =>
    getText(source, 'path'),
  );
  const flux = getText(spec, 'chart', 'spec', 'chart');
  return [...argo, flux?.includes('/') === true ? flux : null].flatMap((path) =>
    path === null ? [] : [resolvePath('', path), resolvePath(folder, path)].flatMap((found) => found ?? []),
  );
}

function openValues(node: TreeNode, text: string): TreeNode[] {
  return node.kind === 'scalar' ? openInnerText(text, node).map(({ root }) => root) : [node];
}

/** It says a part of the image at this path, and not its name. */
function isPartial(values: TreeNode, path: string): boolean {
  if (values.kind === 'list')
    return values.items.some(({ value }) =>
      decisive.some((key) => getText(value, 'name') === `${path}.${key}`),
    );
  let at: TreeNode | null = values;
  for (const key of path.split('.')) {
    const [, name = key, index] = /^(.*)\[(\d+)\]$/.exec(key) ?? [];
    at = getValue(at, name);
    if (index !== undefined) at = at?.kind === 'list' ? (at.items[Number(index)]?.value ?? null) : null;
  }
  return decisive.some((key) => getText(at, key) !== null) && getText(at, 'repository') === null;
}
