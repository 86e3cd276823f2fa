import { parseImageReference } from '../reference/index.ts';
import { isSourceOverride } from './helm/values-beside.ts';
import type { Delivery, NamedImage, Updater } from './kustomize/delivery.ts';
import { readSourceOverride } from './kustomize/find-deliveries.ts';
import { isKustomizationPath, readKustomization } from './kustomize/kustomization.ts';
import { folderOf, inFolder } from './tree-paths.ts';
import type { Place } from './types.ts';
import type { OpenFile } from './yaml/open-file.ts';

/** An image updater writes back the images of one name in a file. */
export interface Decision {
  readonly place: Place;
  decides(written: string): boolean;
}

/** For each file, the updaters of its images; in the order of the deciding files. */
export function findDecisions(
  files: readonly OpenFile[],
  deliveries: readonly Delivery[],
  updaters: readonly Updater[],
): ReadonlyMap<string, readonly Decision[]> {
  const decisions = new Map<string, Decision[]>();
  const sources = new Map<string, OpenFile>();
  for (const file of files) if (isKustomizationPath(file.path)) sources.set(folderOf(file.path), file);

  function add(paths: Iterable<string>, images: readonly NamedImage[]): void {
    const made = images.map(({ name, place }) => ({
      place,
      decides: (written: string) => isSameRepository(name, written),
    }));
    for (const path of made.length === 0 ? [] : paths)
      decisions.set(path, [...(decisions.get(path) ?? []), ...made]);
  }

  for (const file of files) {
    if (!isSourceOverride(file.path)) continue;
    add(filesOf(folderOf(file.path), files, sources), readSourceOverride(file));
  }
  for (const { name, folders, updated, file } of deliveries) {
    const byUpdaters = updaters
      .filter(({ applications }) => matchesGlob(applications, name ?? ''))
      .flatMap(({ images }) => images);
    const images = [...updated, ...byUpdaters];
    if (images.length === 0) continue;
    add([file], images);
    for (const folder of folders) add(filesOf(folder, files, sources), images);
  }
  return decisions;
}

/** Every file that a folder is built from; without a kustomization, every file below it. */
export function filesOf(
  folder: string,
  files: readonly OpenFile[],
  sources: ReadonlyMap<string, OpenFile>,
): ReadonlySet<string> {
  const found = new Set<string>();
  const collect = (path: string) => {
    const source = sources.get(path);
    if (!source) found.add(path);
    if (!source || found.has(source.path)) return;
    found.add(source.path);
    const { resources, components, patches } = readKustomization(source);
    for (const next of [...resources, ...components, ...patches.map(({ path }) => path)]) collect(next);
  };
  if (sources.has(folder)) collect(folder);
  else {
    const prefix = inFolder(folder, '');
    for (const { path } of files) if (path.startsWith(prefix)) found.add(path);
  }
  return found;
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
