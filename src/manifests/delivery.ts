import { splitDocuments } from './documents.ts';
import { type ImageEntry, readImageEntries, resolvePath } from './kustomization.ts';
import { Lines } from './lines.ts';
import { isCustomResourceDefinition } from './prefilter.ts';
import { readDocument } from './read-document.ts';
import { getItems, getText, getValue, type MapNode, type TreeNode } from './tree.ts';
import type { SourceFile } from './types.ts';
import { walkMaps } from './walk.ts';

/** A Flux Kustomization or an Argo CD Application: a folder that it delivers, and whose images it decides. */
export interface Delivery {
  readonly name: string | null;
  readonly folders: readonly string[];
  /** It replaces images of these names while it delivers. */
  readonly overlay: readonly ImageEntry[];
  /** An image updater writes new tags of these images back. */
  readonly updated: readonly ImageEntry[];
}

/** An `ImageUpdater` object of the Argo CD image updater: names the images of the Applications that it matches. */
export interface Updater {
  readonly applications: string;
  readonly images: readonly ImageEntry[];
}

export interface Deliveries {
  readonly deliveries: readonly Delivery[];
  readonly updaters: readonly Updater[];
}

/** What the file's objects deliver. Files without such an object are not parsed. */
export function findDeliveries(file: SourceFile): Deliveries {
  const deliveries: Delivery[] = [];
  const updaters: Updater[] = [];
  if (!mayDeliver(file.text)) return { deliveries, updaters };
  const lines = new Lines(file.text);
  for (const part of splitDocuments(file.text)) {
    if (!mayDeliver(part.text) || isCustomResourceDefinition(part.text)) continue;
    walkMaps(readDocument(part).root, (map, { object }) => {
      if (object?.node !== map) return;
      const { apiVersion, kind, name } = object.workload;
      if (apiVersion.startsWith('kustomize.toolkit.fluxcd.io/') && kind === 'Kustomization') {
        const overlay = readImageEntries(getItems(map, 'spec', 'images'), file.path, lines);
        deliveries.push({ name, folders: foldersOf([getValue(map, 'spec')]), overlay, updated: [] });
      } else if (apiVersion.startsWith('argoproj.io/') && kind.startsWith('Application')) {
        deliveries.push(readApplication(map, name, file.path, lines));
      } else if (apiVersion.startsWith('argocd-image-updater.argoproj.io/') && kind === 'ImageUpdater') {
        updaters.push(...readUpdaters(map, file.path, lines));
      }
    });
  }
  return { deliveries, updaters };
}

/** `.argocd-source-<application>.yaml`: what an image updater, or a person, overrides for the folder it lies in. */
export function readSourceOverride(file: SourceFile): ImageEntry[] {
  const lines = new Lines(file.text);
  const part = splitDocuments(file.text)[0];
  return part ? nameEntries(getItems(readDocument(part).root, 'kustomize', 'images'), file.path, lines) : [];
}

/** Cheap, and with few false alarms: policies, workflows and role bindings name these groups, too. */
function mayDeliver(text: string): boolean {
  if (text.includes('argoproj.io/')) {
    if (!text.includes('Application') && !text.includes('ImageUpdater')) return false;
    return /\bkind['"]?\s*:\s*['"]?(?:Application|ImageUpdater)/.test(text);
  }
  return text.includes('kustomize.toolkit.fluxcd.io/') && text.includes('images');
}

function readApplication(map: MapNode, name: string | null, file: string, lines: Lines): Delivery {
  // An ApplicationSet has its Applications' spec in a template.
  const application =
    getText(map, 'kind') === 'ApplicationSet' ? getValue(getValue(map, 'spec'), 'template') : map;
  const spec = getValue(application, 'spec');
  const sources = [getValue(spec, 'source'), ...getItems(spec, 'sources')];
  const list = getValue(
    getValue(getValue(application, 'metadata'), 'annotations'),
    'argocd-image-updater.argoproj.io/image-list',
  );
  return {
    name,
    folders: foldersOf(sources),
    overlay: sources.flatMap((source) => nameEntries(getItems(source, 'kustomize', 'images'), file, lines)),
    updated: list?.kind === 'scalar' ? splitImageList(list.value, file, lines.at(list.start).line) : [],
  };
}

function readUpdaters(map: MapNode, file: string, lines: Lines): Updater[] {
  return getItems(map, 'spec', 'applicationRefs').map((reference) => ({
    applications: getText(reference, 'namePattern') ?? '*',
    images: getItems(reference, 'images').flatMap((image) => {
      const name = getText(image, 'imageName');
      return name === null
        ? []
        : [{ name: bareName(name), place: { file, line: lines.at(image.start).line } }];
    }),
  }));
}

function foldersOf(sources: readonly (TreeNode | null)[]): string[] {
  return sources.flatMap((source) => {
    const path = getText(source, 'path');
    return path === null ? [] : (resolvePath('', path.replace(/^\/+/, '')) ?? []);
  });
}

/** Argo CD's spelling: `name:tag`, `name@digest`, `old=new:tag`. */
function nameEntries(items: readonly TreeNode[], file: string, lines: Lines): ImageEntry[] {
  return items.flatMap((item) => {
    if (item.kind !== 'scalar') return [];
    const [old = ''] = item.value.split('=');
    return [{ name: bareName(old), place: { file, line: lines.at(item.start).line } }];
  });
}

/** `alias=name:constraint, name, …` */
function splitImageList(list: string, file: string, line: number): ImageEntry[] {
  return list.split(/[\s,]+/).flatMap((item) => {
    const name = bareName(item.slice(item.indexOf('=') + 1));
    return name === '' ? [] : [{ name, place: { file, line } }];
  });
}

/** Without tag, version constraint and digest. */
function bareName(image: string): string {
  const [name = ''] = image.split('@');
  const colon = name.indexOf(':', name.lastIndexOf('/') + 1);
  return colon === -1 ? name : name.slice(0, colon);
}
