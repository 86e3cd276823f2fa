import { isKustomizationPath } from '../kustomize/kustomization.ts';
import { folderOf, resolvePath } from '../tree-paths.ts';
import type { OpenFile } from '../yaml/open-file.ts';
import { getItems, getText, getValue } from '../yaml/tree.ts';
import { walkMaps } from '../yaml/walk.ts';
import type { ValuesFiles } from './values-files.ts';
import type { PatchDocument } from './values-patches.ts';
import { listLeaves, makeSource, type ValuesSource } from './values-source.ts';

/** Text of values in a ConfigMap. */
export interface ConfigValues {
  readonly key: string;
  readonly source: ValuesSource;
}

/** The files that may hold text of values at a key of a ConfigMap, or make one. */
export function listConfigFiles(files: readonly OpenFile[], key: string): OpenFile[] {
  return files.filter(
    ({ path, kinds, text }) => (kinds.has('ConfigMap') || isKustomizationPath(path)) && text.includes(key),
  );
}

/** The values in ConfigMaps of a name, and in those that kustomizations make of files. */
export function readConfigValues(
  files: readonly OpenFile[],
  wanted: string,
  read: ValuesFiles,
): ConfigValues[] {
  return files.flatMap(({ path, text }) => {
    if (!text.includes(wanted)) return [];
    return read
      .open(path)
      .flatMap((document) =>
        document.text.includes(wanted)
          ? [...valuesOfMaps(document, wanted), ...valuesOfGenerators(document, wanted, read)]
          : [],
      );
  });
}

function valuesOfMaps({ root, context }: PatchDocument, wanted: string): ConfigValues[] {
  const found: ConfigValues[] = [];
  walkMaps(root, (map, { object }) => {
    if (object?.node !== map) return;
    const { kind, name } = object.workload;
    const content = kind === 'ConfigMap' && name === wanted ? getValue(map, 'data') : null;
    for (const { key, value } of content?.kind === 'map' ? content.pairs : []) {
      const leaves = value ? listLeaves(value, `data.${key}`, context.standing) : [];
      found.push({ key, source: makeSource({ ...context, leaves, found: false }) });
    }
  });
  return found;
}

function valuesOfGenerators(
  { root, context }: PatchDocument,
  wanted: string,
  read: ValuesFiles,
): ConfigValues[] {
  const generators = getItems(root, 'configMapGenerator').filter((each) => getText(each, 'name') === wanted);
  return generators.flatMap((generator) =>
    getItems(generator, 'files').flatMap((item) => {
      const spelled = item.kind === 'scalar' ? item.value : '';
      const equals = spelled.indexOf('=');
      const path = resolvePath(folderOf(context.file), spelled.slice(equals + 1));
      const key = equals === -1 ? spelled.slice(spelled.lastIndexOf('/') + 1) : spelled.slice(0, equals);
      if (path === null || !read.isListed(path)) return [];
      const [ranked] = read.rank(path, 0);
      if (/\.ya?ml$/i.test(key)) read.name(path);
      return [{ key, source: ranked?.source ?? makeSource({ ...context, leaves: [], found: false }) }];
    }),
  );
}
