import { listSpecs } from '../application-specs.ts';
import { findDocumentHold, isGeneratedFile } from '../document-holds.ts';
import type { UseContext } from '../image-use.ts';
import { isCustomResourceDefinition } from '../prefilter.ts';
import { nameOf } from '../split-image.ts';
import type { Place } from '../types.ts';
import type { DocumentPart } from '../yaml/documents.ts';
import { Lines } from '../yaml/lines.ts';
import type { OpenFile } from '../yaml/open-file.ts';
import { getItems, getText, getValue, type MapNode, type TreeNode } from '../yaml/tree.ts';
import { joinPath, type KubernetesObject, walkMaps } from '../yaml/walk.ts';
import { listGeneratedFolders, saysWords } from './delivery-folders.ts';
import { resolvePath } from './kustomization.ts';
import { anyName, entryItems, type OverlayEntry, readEntries, readOverrides } from './overlay-entry.ts';
import { listPatchedEntries } from './patched-entries.ts';
import { openTemplatePatch } from './template-patch.ts';

/** A name of an image, and where it stands. */
export interface NamedImage {
  readonly name: string;
  readonly place: Place;
}

/** A Flux Kustomization or an Argo CD Application: a folder that it delivers, and whose images it decides. */
export interface Delivery {
  readonly name: string | null;
  /** As they are written; see `placeDeliveries`. */
  readonly folders: readonly string[];
  /** Those that it leaves out. */
  readonly left: readonly string[];
  /** It puts these in place of the entries of the same names that the kustomization of a folder has. */
  readonly overlay: readonly OverlayEntry[];
  /** Names whose images it may decide, in a way that is not followed. */
  readonly guards: readonly NamedImage[];
  /** An image updater writes new tags of these images back. */
  readonly updated: readonly NamedImage[];
  readonly file: string;
  /** 0-based index of the document in its file. */
  readonly document: number;
  /** Field path in the document, below which its patches stand. */
  readonly path: string;
  readonly layer: 'flux' | 'argocd';
  /** 1-based, of the object or its source. */
  readonly line: number;
  /** What a folder without a kustomization gives: every file below it, or those in it. */
  readonly whole: boolean;
  /** Which of its folders it delivers is not known. */
  readonly loose?: true;
  /** It names no source, so that it may be a patch of the object of its name. */
  readonly partial: boolean;
  /** It adds these to those of the kustomization; their paths begin at the folder. */
  readonly components: readonly DeliveredComponent[];
}

export interface DeliveredComponent {
  readonly path: string;
  readonly place: Place;
  /** Nothing is said against one that is not there. */
  readonly optional: boolean;
}

/** An `ImageUpdater` object of the Argo CD image updater: names the images of the Applications that it matches. */
export interface Updater {
  readonly applications: string;
  readonly images: readonly NamedImage[];
}

export interface Deliveries {
  readonly deliveries: readonly Delivery[];
  readonly updaters: readonly Updater[];
}

/** What the file's objects deliver. Files without such an object are not parsed. */
export function findDeliveries(file: OpenFile): Deliveries {
  const deliveries: Delivery[] = [];
  const updaters: Updater[] = [];
  if (!mayDeliver(file)) return { deliveries, updaters };
  const lines = new Lines(file.text);
  for (const part of file.documents) {
    if (!mayDeliver(part) || isCustomResourceDefinition(part.text)) continue;
    const { root, problem } = part.read;
    if (problem) deliveries.push(...readBroken(part, file.path, lines));
    const hold = isGeneratedFile(file.path, file.text) ? 'generated' : findDocumentHold(part.text, root);
    const context: UseContext = { file, lines, document: part.index, hold, shared: new Set() };
    walkMaps(root, (map, { object }) => {
      if (object?.node !== map) return;
      const { apiVersion, kind, name } = object.workload;
      if (apiVersion.startsWith('kustomize.toolkit.fluxcd.io/') && kind === 'Kustomization') {
        const spec = getValue(map, 'spec');
        const overlay = entryItems(spec).flatMap(({ key, items }) =>
          readEntries({ items, path: below(object, `spec.${key}`), layer: 'flux', object, context }),
        );
        deliveries.push({
          name,
          folders: getValue(spec, 'sourceRef') && !getValue(spec, 'path') ? [''] : foldersOf(spec),
          left: [],
          overlay,
          guards: [],
          updated: [],
          file: file.path,
          document: part.index,
          path: below(object, 'spec'),
          layer: 'flux',
          line: lines.at(map.start).line,
          whole: true,
          components: listComponents(spec, context),
          partial: getValue(spec, 'sourceRef') === null,
        });
      } else if (apiVersion.startsWith('argoproj.io/') && kind.startsWith('Application')) {
        deliveries.push(...readApplication(map, object, context));
      } else if (apiVersion.startsWith('argocd-image-updater.argoproj.io/') && kind === 'ImageUpdater') {
        updaters.push(...readUpdaters(map, file.path, lines));
      }
    });
  }
  return { deliveries, updaters };
}

/** `.argocd-source-<application>.yaml`: what an image updater, or a person, overrides for the folder it lies in. */
export function readSourceOverride(file: OpenFile): NamedImage[] {
  const lines = new Lines(file.text);
  const [part] = file.documents;
  if (!part) return [];
  const items = getItems(part.read.root, 'kustomize', 'images');
  const context: UseContext = { file, lines, document: part.index, hold: null, shared: new Set() };
  return readOverrides({ items, path: 'kustomize.images', layer: 'argocd', object: null, context });
}

/** Policies, workflows and role bindings name these groups, too; every folder of kustomize has a Kustomization. */
function mayDeliver({ kinds, text }: Pick<OpenFile, 'kinds' | 'text'>): boolean {
  const ofArgo = kinds.has('Application') || kinds.has('ApplicationSet') || kinds.has('ImageUpdater');
  if (ofArgo && text.includes('argoproj.io/')) return true;
  return kinds.has('Kustomization') && text.includes('kustomize.toolkit.fluxcd.io/');
}

/** One delivery for each source: what one of them decides, the others know nothing of. */
function readApplication(map: MapNode, object: KubernetesObject, context: UseContext): Delivery[] {
  const { file, lines } = context;
  // An ApplicationSet has its Applications' spec in a template.
  const template = object.workload.kind === 'ApplicationSet' ? 'spec.template' : '';
  const application = template === '' ? map : getValue(getValue(map, 'spec'), 'template');
  const list = getValue(
    getValue(getValue(application, 'metadata'), 'annotations'),
    'argocd-image-updater.argoproj.io/image-list',
  );
  const updated =
    list?.kind === 'scalar' ? splitImageList(list.value, file.path, lines.at(list.start).line) : [];
  const place = below(object, joinPath(template, 'spec'));
  const sources = listSpecs(map, object).flatMap(({ spec, path, whole }) =>
    listSources(spec, path).map((source) => ({ ...source, whole })),
  );
  // One without a source may still be what an image updater is told of.
  const given = (sources.length > 0 ? sources : [{ node: map, path: place, whole: true }]).map((source) => {
    const list = { items: getItems(source.node, 'kustomize', 'images'), layer: 'argocd' as const };
    const overlay = readOverrides({ ...list, path: `${source.path}.kustomize.images`, object, context });
    return { ...source, overlay };
  });
  // What is merged over the template of a set replaces its list, for some of the Applications.
  const merged = [
    ...given.filter(({ whole }) => !whole).flatMap(({ overlay }) => overlay),
    ...(template === '' ? [] : readPatchGuards(map, context)),
  ];
  const set = template === '' ? null : getValue(map, 'spec');
  const generated = listGeneratedFolders(set, false);
  const left = listGeneratedFolders(set, true);
  return given.map(
    ({ node, path, whole, overlay }): Delivery => ({
      name: object.workload.name,
      folders: foldersOf(node).flatMap((folder) =>
        saysWords(folder) || generated.length === 0 ? folder : generated,
      ),
      left,
      overlay,
      guards: whole ? merged : [],
      updated,
      file: file.path,
      document: context.document,
      path: `${path}.kustomize`,
      layer: 'argocd',
      line: lines.at(node.start).line,
      whole: getText(node, 'directory', 'recurse') === 'true',
      components: listComponents(getValue(node, 'kustomize'), context),
      partial: template === '' && getValue(node, 'repoURL') === null,
    }),
  );
}

/** A template, as those of charts that make Applications: nobody knows which folders, but names of images are said. */
function readBroken({ text, offset, index }: DocumentPart, file: string, lines: Lines): Delivery[] {
  const guards = [
    ...text.matchAll(/\bimages['"]?[ \t]*:(?:[ \t]*\[[^\]]*|(?:[ \t]*\n[ \t]*(?:-|\{\{|new|digest).*)+)/g),
  ].flatMap((list) =>
    [...list[0].matchAll(/(?:[[,-]|\bname:)[ \t]*['"]?([a-z0-9][\w./:@-]*)/g)].map(
      ({ 1: name = '', index: at }): NamedImage => ({
        name: nameOf(name),
        place: { file, line: lines.at(offset + list.index + at).line },
      }),
    ),
  );
  if (guards.length === 0) return [];
  return [
    {
      name: null,
      folders: ['{{}}'],
      left: [],
      overlay: [],
      guards,
      updated: [],
      file,
      document: index,
      path: '',
      layer: 'argocd',
      line: guards[0]?.place.line ?? 1,
      whole: false,
      components: [],
      partial: false,
    },
  ];
}

/** Images that a `templatePatch` names; of one that cannot be read any image. */
function readPatchGuards(map: MapNode, { file, lines }: UseContext): NamedImage[] {
  const text = getValue(getValue(map, 'spec'), 'templatePatch');
  if (text?.kind !== 'scalar' || !text.value.includes('kustomize')) return [];
  const place = (node: TreeNode | null) => ({ file: file.path, line: lines.at((node ?? text).start).line });
  const inner = openTemplatePatch(file.text, text);
  if (inner.length === 0) return [{ name: anyName, place: place(null) }];
  return inner.flatMap((document) => {
    const found: NamedImage[] = [];
    walkMaps(document.root, (inside, spot) => {
      for (const { name, at } of listPatchedEntries(inside, spot))
        found.push({ name, place: place(document.place(at)) });
    });
    return found;
  });
}

function listComponents(map: TreeNode | null, { file, lines }: UseContext): DeliveredComponent[] {
  const optional = getText(map, 'ignoreMissingComponents') === 'true';
  return getItems(map, 'components').flatMap((node) =>
    node.kind === 'scalar'
      ? { path: node.value, place: { file: file.path, line: lines.at(node.start).line }, optional }
      : [],
  );
}

/** `spec.source`, `spec.sources` and what is hydrated, with their field paths. */
export function listSources(
  spec: TreeNode | null,
  path: string,
): readonly { readonly node: TreeNode; readonly path: string }[] {
  const source = getValue(spec, 'source');
  const dry = getValue(getValue(spec, 'sourceHydrator'), 'drySource');
  return [
    ...(dry ? [{ node: dry, path: `${path}.sourceHydrator.drySource` }] : []),
    ...(source ? [{ node: source, path: `${path}.source` }] : []),
    ...getItems(spec, 'sources').map((node, index) => ({ node, path: `${path}.sources[${index}]` })),
  ];
}

/** A field path of an object, from the root of its document. */
function below({ path }: KubernetesObject, field: string): string {
  return path === '' ? field : `${path}.${field}`;
}

function readUpdaters(map: MapNode, file: string, lines: Lines): Updater[] {
  return getItems(map, 'spec', 'applicationRefs').map((reference) => ({
    applications: getText(reference, 'namePattern') ?? '*',
    images: getItems(reference, 'images').flatMap((image) => {
      const name = getText(image, 'imageName');
      return name === null ? [] : [{ name: nameOf(name), place: { file, line: lines.at(image.start).line } }];
    }),
  }));
}

function foldersOf(source: TreeNode | null): string[] {
  const path = getText(source, 'path');
  const folder = path === null ? null : resolvePath('', path.replace(/^\/+/, ''));
  return folder === null ? [] : [folder];
}

/** `alias=name:constraint, name, …` */
function splitImageList(list: string, file: string, line: number): NamedImage[] {
  return list.split(/[\s,]+/).flatMap((item) => {
    const name = nameOf(item.slice(item.indexOf('=') + 1));
    return name === '' ? [] : [{ name, place: { file, line } }];
  });
}
