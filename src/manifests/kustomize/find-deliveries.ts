import { findDocumentHold, isGeneratedFile } from '../document-holds.ts';
import type { UseContext } from '../image-use.ts';
import { isCustomResourceDefinition } from '../prefilter.ts';
import { nameOf } from '../split-image.ts';
import { Lines } from '../yaml/lines.ts';
import type { OpenFile } from '../yaml/open-file.ts';
import { getItems, getText, getValue, type MapNode } from '../yaml/tree.ts';
import { below } from '../yaml/walk.ts';
import { readApplication } from './application-deliveries.ts';
import { readBroken } from './broken-deliveries.ts';
import type { Deliveries, Delivery, NamedImage, Updater } from './delivery.ts';
import { foldersOf, listComponents } from './delivery-fields.ts';
import { entryItems, readEntries, readOverrides } from './overlay-entry.ts';
import { speaksKustomize } from './speaks-kustomize.ts';

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
    for (const object of part.objects) {
      const map = object.node;
      const { apiVersion, kind, name } = object.workload;
      if (apiVersion.startsWith('kustomize.toolkit.fluxcd.io/') && kind === 'Kustomization') {
        const spec = getValue(map, 'spec');
        const overlay = entryItems(spec).flatMap(({ key, items }) =>
          readEntries({ items, path: below(object.path, `spec.${key}`), layer: 'flux', object, context }),
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
          path: below(object.path, 'spec'),
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
    }
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

/** Policies, workflows and role bindings name these groups, too. */
function mayDeliver(part: Pick<OpenFile, 'kinds' | 'text'>): boolean {
  return speaksKustomize(part) || (part.kinds.has('ImageUpdater') && part.text.includes('argoproj.io/'));
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
