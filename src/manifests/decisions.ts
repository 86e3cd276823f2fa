import { parseImageReference } from '../reference/index.ts';
import { type Delivery, findDeliveries, readSourceOverride, type Updater } from './delivery.ts';
import { folderOf, type ImageEntry, matchesEntry } from './kustomization.ts';
import { buildOverlayGraph } from './overlay-graph.ts';
import type { HoldReason, Place, SourceFile } from './types.ts';

/** Something outside of a file decides, or writes back, the images of one name in it. */
export interface Decision {
  readonly reason: Extract<HoldReason, 'overlay' | 'image-updater'>;
  readonly place: Place;
  decides(written: string): boolean;
}

/** For each file, what decides its images from outside; in the order of the deciding files. */
export function findDecisions(files: readonly SourceFile[]): ReadonlyMap<string, readonly Decision[]> {
  const decisions = new Map<string, Decision[]>();
  const graph = buildOverlayGraph(files);
  const add = (folder: string, reason: Decision['reason'], entries: readonly ImageEntry[]) => {
    if (entries.length === 0) return;
    const made = entries.map((entry) => makeDecision(reason, entry));
    for (const path of graph.filesOf(folder)) {
      const known = decisions.get(path);
      if (known) known.push(...made);
      else decisions.set(path, [...made]);
    }
  };

  for (const folder of graph.deciding) add(folder, 'overlay', graph.entriesOf(folder));
  const deliveries: Delivery[] = [];
  const updaters: Updater[] = [];
  for (const file of files) {
    const found = findDeliveries(file);
    deliveries.push(...found.deliveries);
    updaters.push(...found.updaters);
    if (/(?:^|\/)\.argocd-source[^/]*\.ya?ml$/.test(file.path)) {
      add(folderOf(file.path), 'image-updater', readSourceOverride(file));
    }
  }
  for (const { name, folders, overlay, updated } of deliveries) {
    const byUpdaters = updaters
      .filter(({ applications }) => matchesGlob(applications, name ?? ''))
      .flatMap(({ images }) => images);
    for (const folder of folders) {
      add(folder, 'overlay', overlay);
      add(folder, 'image-updater', [...updated, ...byUpdaters]);
    }
  }
  return decisions;
}

function makeDecision(reason: Decision['reason'], { name, place }: ImageEntry): Decision {
  if (reason === 'overlay') return { reason, place, decides: (written) => matchesEntry(name, written) };
  return { reason, place, decides: (written) => isSameRepository(name, written) };
}

/** An updater knows an image by its canonical name, whatever the manifest spells. */
function isSameRepository(name: string, written: string): boolean {
  const one = parseImageReference(name);
  const other = parseImageReference(written);
  if (!one.ok || !other.ok) return name === written;
  return one.value.registry === other.value.registry && one.value.repository === other.value.repository;
}

/** What stands before the first pattern sign decides; a match too many only ever holds back. */
function matchesGlob(pattern: string, name: string): boolean {
  const [start = ''] = pattern.split(/[*?[{\\]/);
  return start === pattern ? name === pattern : name.startsWith(start);
}
