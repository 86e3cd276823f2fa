import {
  folderOf,
  type ImageEntry,
  isKustomizationPath,
  type Kustomization,
  readKustomization,
} from './kustomization.ts';
import type { SourceFile } from './types.ts';

/** Which files a folder is built from, and which entries decide their images. */
export interface OverlayGraph {
  /** The folders whose kustomization, or one of its components, has image entries. */
  readonly deciding: readonly string[];
  entriesOf(folder: string): readonly ImageEntry[];
  /** Every file that the folder's kustomization reaches; without one, every file below the folder. */
  filesOf(folder: string): ReadonlySet<string>;
}

/** Kustomizations are read when they are reached, because most repositories have many, few of them with images. */
export function buildOverlayGraph(files: readonly SourceFile[]): OverlayGraph {
  const sources = new Map<string, SourceFile>();
  for (const file of files) if (isKustomizationPath(file.path)) sources.set(folderOf(file.path), file);
  const read = new Map<string, Kustomization>();

  function open(folder: string): Kustomization | null {
    const known = read.get(folder);
    const source = sources.get(folder);
    if (known || !source) return known ?? null;
    const made = readKustomization(source);
    read.set(folder, made);
    return made;
  }

  function collectEntries(folder: string, seen: Set<string>): ImageEntry[] {
    const kustomization = seen.has(folder) ? null : open(folder);
    seen.add(folder);
    if (!kustomization) return [];
    return [
      ...kustomization.images,
      ...kustomization.components.flatMap((path) => collectEntries(path, seen)),
    ];
  }

  function collectFiles(folder: string, seen: Set<string>, found: Set<string>): void {
    const kustomization = seen.has(folder) ? null : open(folder);
    seen.add(folder);
    for (const path of [...(kustomization?.resources ?? []), ...(kustomization?.components ?? [])]) {
      if (sources.has(path)) collectFiles(path, seen, found);
      else found.add(path);
    }
  }

  return {
    deciding: [...sources]
      .filter(([, file]) => file.text.includes('images') || file.text.includes('components'))
      .map(([folder]) => folder)
      .filter((folder) => collectEntries(folder, new Set()).length > 0),
    entriesOf: (folder) => collectEntries(folder, new Set()),
    filesOf(folder) {
      const found = new Set<string>();
      if (sources.has(folder)) {
        collectFiles(folder, new Set(), found);
      } else {
        const prefix = folder === '' ? '' : `${folder}/`;
        for (const { path } of files) if (path.startsWith(prefix)) found.add(path);
      }
      return found;
    },
  };
}
