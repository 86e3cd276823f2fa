import { groupBy } from '../group-by.ts';
import { folderOf, inFolder } from '../tree-paths.ts';
import type { ImageUse, Place } from '../types.ts';
import type { OpenFile } from '../yaml/open-file.ts';
import { type FieldSpec, readFieldSpecs } from './field-specs.ts';
import { findReplaced, isKustomizationPath, type Kustomization, readKustomization } from './kustomization.ts';
import { mayMakePods, readTransformers, type Transformation } from './kustomize-plugins.ts';
import { type Flow, startFlow, startValue } from './overlay-flow.ts';

/** The kustomizations of a tree and the files that they act with, each read once. */
export interface OverlayGraph {
  /** Folders that have a kustomization. */
  readonly folders: readonly string[];
  /** The second kustomization of a folder: kustomize builds neither. */
  readonly doubled: readonly Kustomization[];
  read(folder: string): Kustomization | null;
  /** Images that an object of the file names where a Pod, or a custom resource, has them. */
  start(path: string): readonly Flow[];
  /** Images of patches that stand in the file as text, below a field path of a document. */
  startPatches(path: string, document: number | null, field: string): readonly Flow[];
  /** Images of the Helm values that a kustomization gives to charts. */
  startValues(kustomization: Kustomization): readonly Flow[];
  /** Images that patches of the file ask for, below a field path of a document. */
  tests(path: string, document: number | null, field: string): readonly ImageUse[];
  /** Fields that the configurations of a kustomization name. */
  fieldSpecs(kustomization: Kustomization): readonly FieldSpec[];
  transformations(kustomization: Kustomization): readonly Transformation[];
  replaced(kustomization: Kustomization): Place | null;
  /** Where a generator may make Pods that nobody sees. */
  generated(kustomization: Kustomization): Place | null;
  /** Files with images below a folder that has no kustomization, and folders in it that have one. */
  below(
    folder: string,
    whole: boolean,
  ): { readonly files: readonly string[]; readonly folders: readonly string[] };
}

export function openOverlayGraph(files: readonly OpenFile[], uses: readonly ImageUse[]): OverlayGraph {
  const byPath = new Map(files.map((file) => [file.path, file]));
  const sources = new Map<string, OpenFile>();
  const second: OpenFile[] = [];
  for (const file of files) {
    if (!isKustomizationPath(file.path)) continue;
    const folder = folderOf(file.path);
    if (sources.has(folder)) second.push(file);
    else sources.set(folder, file);
  }
  const usesOf = groupBy(uses, ({ file }) => file);
  const readOnce = remember((folder: string) => {
    const file = sources.get(folder);
    return file ? readKustomization(file) : null;
  });
  const transformersOf = remember((path: string): readonly Transformation[] => {
    const file = byPath.get(path);
    return file ? readTransformers(file) : [];
  });

  const specsOf = remember((path: string): readonly FieldSpec[] => {
    const document = byPath.get(path)?.documents[0];
    return document ? readFieldSpecs(document.read.root, 'images') : [];
  });
  const pathsIn = groupBy([...usesOf.keys()], folderOf);
  const allBelow = remember((folder: string) => listBelow(files, sources, folder));

  function usesIn(path: string): readonly ImageUse[] {
    return usesOf.get(path) ?? [];
  }

  return {
    folders: [...sources.keys()],
    doubled: second.map(readKustomization),
    read: readOnce,
    start: (path) =>
      usesIn(path).flatMap((use) =>
        use.layer === 'custom' || (use.layer === 'pod' && use.parts === undefined) ? startFlow(use) : [],
      ),
    startPatches: (path, document, field) =>
      patchesBelow(usesIn(path), document, field)
        .filter((use) => use.hold !== 'tested' && isOfPod(use))
        .map((use) => startFlow(use)),
    startValues: ({ file, values, generators }) =>
      [file.path, ...values, ...generators].flatMap((path) =>
        usesIn(path)
          .filter((use) => use.layer === 'helm-values')
          .map(startValue),
      ),
    tests: (path, document, field) =>
      patchesBelow(usesIn(path), document, field).filter(({ hold }) => hold === 'tested'),
    fieldSpecs: ({ configurations }) => configurations.flatMap(specsOf),
    transformations: ({ transformers, file }) =>
      transformers.flatMap((path) => {
        const inner = readOnce(path);
        if (!inner) return transformersOf(path);
        const plain =
          inner.entries.length + inner.patches.length + inner.targets.size + inner.transformers.length === 0;
        if (!plain) return [{ kind: 'unknown' as const, place: { file: file.path, line: 1 } }];
        return inner.resources.flatMap(transformersOf);
      }),
    replaced: ({ replacements }) => {
      for (const path of replacements) {
        const file = byPath.get(path);
        const place = file ? findReplaced(file) : null;
        if (place) return place;
      }
      return null;
    },
    generated: ({ generators }) => {
      const found = generators.find((path) => {
        const file = byPath.get(path);
        return file !== undefined && mayMakePods(file.text);
      });
      return found === undefined ? null : { file: found, line: 1 };
    },
    below: (folder, whole) => (whole ? allBelow(folder) : { files: pathsIn.get(folder) ?? [], folders: [] }),
  };
}

/** Those of a JSON patch or of an object in a file of its own stand in no text. */
function patchesBelow(
  uses: readonly ImageUse[],
  document: number | null,
  field: string,
): readonly ImageUse[] {
  return uses.filter((use) => {
    if (use.parts !== undefined || !isPatch(use)) return false;
    return (document === null || use.document === document) && use.field.startsWith(field);
  });
}

/** An image of a list of containers or of a volume, or what an operation of a JSON patch writes. */
function isOfPod({ field }: ImageUse): boolean {
  return /ontainers\[\d+\]\.image$|\.image\.reference$|\[\d+\]\.value(?:$|[.[])/.test(field);
}

function isPatch({ field, hold }: ImageUse): boolean {
  return hold === 'tested' || /\bpatches(?:StrategicMerge|Json6902)?\[\d+\]/.test(field);
}

/** As Flux makes a kustomization for a folder without one: what has one of its own comes as that. */
function listBelow(
  files: readonly OpenFile[],
  sources: ReadonlyMap<string, OpenFile>,
  folder: string,
): { readonly files: readonly string[]; readonly folders: readonly string[] } {
  const prefix = inFolder(folder, '');
  const folders = new Set<string>();
  const loose = files.flatMap(({ path }) => {
    if (!path.startsWith(prefix)) return [];
    let at = prefix;
    for (const step of path.slice(prefix.length).split('/').slice(0, -1)) {
      at += step;
      if (sources.has(at)) {
        folders.add(at);
        return [];
      }
      at += '/';
    }
    return [path];
  });
  return { files: loose, folders: [...folders] };
}

function remember<K, V>(make: (key: K) => V): (key: K) => V {
  const known = new Map<K, V>();
  return (key) => {
    const found = known.get(key);
    if (found !== undefined) return found;
    const made = make(key);
    known.set(key, made);
    return made;
  };
}
