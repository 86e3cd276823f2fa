import { filesOf } from '../decisions.ts';
import { isKustomizationPath, readKustomization } from '../kustomize/kustomization.ts';
import { matchesTarget } from '../kustomize/patch-target.ts';
import { speaksKustomize } from '../kustomize/speaks-kustomize.ts';
import { folderOf, inFolder, resolvePath } from '../tree-paths.ts';
import type { OpenFile } from '../yaml/open-file.ts';
import { type ConfigValues, listConfigFiles, readConfigValues } from './config-values.ts';
import { isValuesPath } from './find-helm-images.ts';
import {
  type Carrier,
  type Ranked,
  type Reach,
  ranks,
  readCarriers,
  readKustomizeCharts,
} from './values-carriers.ts';
import { type PlacedChart, ValuesFiles } from './values-files.ts';
import { readPatches } from './values-patches.ts';

/** All values that may be merged for one rendering of a chart. */
export interface ChartRelease {
  readonly values: readonly Ranked[];
  /** Which of those of one rank are used together is not said. */
  readonly loose: boolean;
  /** Of the tree, with those that they depend on. */
  readonly charts: readonly PlacedChart[];
  /** What else gives values, and is not here to be read. */
  readonly absent: readonly AbsentValues[];
}

/** Values that an object takes, and that are not here. */
export interface AbsentValues {
  readonly file: string;
  /** `HelmRelease web`. */
  readonly object: string;
  /** `Secret web-values`, or a file as the object names it. */
  readonly source: string;
  readonly rank: number;
}

/** `built` are the files of what it patches; null where that may be any. */
type Placed = Carrier & { readonly file: string; readonly built: ReadonlySet<string> | null };

export interface ChartReleases {
  readonly releases: readonly ChartRelease[];
  /** The files that objects name as values, whatever they are called. */
  readonly named: ReadonlySet<string>;
}

/** The releases that the files make: of each chart by itself, and of each object with its patches. */
export function findChartReleases(files: readonly OpenFile[], listed: ReadonlySet<string>): ChartReleases {
  const read = new ValuesFiles(files, listed);
  const { whole, parts } = readAll(files, read);
  const maps = new Map<string, readonly ConfigValues[]>();
  const mapFiles = new Map<string, readonly OpenFile[]>();

  function mapsOf({ name, key }: Reach['maps'][number]): readonly ConfigValues[] {
    const known = maps.get(`${key} ${name}`);
    if (known) return known;
    const all = mapFiles.get(key) ?? listConfigFiles(files, key);
    mapFiles.set(key, all);
    const found = readConfigValues(all, name, read).filter((each) => each.key === key);
    maps.set(`${key} ${name}`, found);
    return found;
  }

  function absentOf({ reach, file, kind, name }: Placed): AbsentValues[] {
    const object = [kind, name].filter((word) => word !== null).join(' ');
    const make = (source: string, rank: number): AbsentValues => ({ file, object, source, rank });
    return [
      ...reach.files.flatMap(({ path, rank }) => {
        const isKnown = reach.mayLack || read.isThere(path, reach.charts, folderOf(file));
        return isKnown ? [] : make(path, rank);
      }),
      ...reach.maps.flatMap((map) =>
        mapsOf(map).length > 0 ? [] : make(`ConfigMap ${map.name}`, ranks.reference),
      ),
      ...(reach.secrets ?? []).map((secret) => make(`Secret ${secret}`, ranks.reference)),
    ];
  }

  function valuesOf({ values, reach, file }: Placed, isPatch: boolean): Ranked[] {
    const folder = folderOf(file);
    const all = [
      ...read.rankCharts(reach.charts, folder),
      ...reach.files.flatMap(({ path, rank }) =>
        read.find(path, reach.charts, folder).flatMap((found) => {
          const ranked = read.rank(found, rank);
          // Files of other names are read where they say something of images.
          return path.includes('{{') && !isValuesPath(path) ? ranked.map(mayCount) : ranked;
        }),
      ),
      ...reach.maps.flatMap((map) => mapsOf(map).map(({ source }) => ({ source, rank: ranks.reference }))),
      // A patch is merged over what it patches.
      ...values.map(({ source, rank }) => ({ source, rank: isPatch ? rank + 0.5 : rank })),
    ];
    return isPatch ? all.map(mayCount) : all;
  }

  const chartsOf = (all: readonly Placed[]) =>
    all.flatMap(({ reach, file }) => read.listCharts(reach.charts, folderOf(file)));
  const lost = parts.filter((part) => !whole.some((carrier) => isFor(part, carrier)));
  const releases = [
    ...[...read.folders()].map(([folder, paths]): ChartRelease => {
      const own = inFolder(folder, 'values.yaml');
      const beside = paths.flatMap((path) => (path === own ? [] : read.rank(path, ranks.file)));
      return {
        values: [...read.rankChart(folder, ranks.chart, ''), ...beside],
        loose: true,
        charts: read.listChart(folder),
        absent: [],
      };
    }),
    ...whole.map((carrier): ChartRelease => {
      const patches = parts.filter((part) => isFor(part, carrier));
      const values = [...valuesOf(carrier, false), ...patches.flatMap((part) => valuesOf(part, true))];
      const charts = chartsOf([carrier, ...patches]);
      const absent = [carrier, ...patches].flatMap(absentOf);
      return { values, loose: false, charts, absent };
    }),
    // Patches of one object that is not here.
    ...lost.map((part): ChartRelease => {
      const others = lost.filter((other) => other !== part && isFor(other, part));
      const all = [part, ...others];
      return {
        values: all.flatMap((each) => valuesOf(each, true)),
        loose: false,
        charts: chartsOf(all),
        absent: all.flatMap(absentOf),
      };
    }),
  ];
  return { releases, named: read.named };
}

function mayCount(ranked: Ranked): Ranked {
  return { ...ranked, maybe: true };
}

function readAll(files: readonly OpenFile[], read: ValuesFiles) {
  const carriers: Placed[] = [];
  const patched = new Map<string, ReadonlySet<string> | null>();
  const place = (found: readonly Carrier[], file: string, built: Placed['built'] = null) =>
    carriers.push(...found.map((carrier) => ({ ...carrier, file, built })));
  for (const file of files) {
    const { path } = file;
    if (!mayCarry(file)) continue;
    for (const document of read.open(path)) {
      if (!mayCarry(document)) continue;
      const { root, objects, context } = document;
      for (const object of objects) place(readCarriers(object.node, object, context), path);
      if (root) place(readKustomizeCharts(root, context), path);
    }
  }
  const buildOf = openBuilds(files);
  for (const file of carriers.length === 0 ? [] : files) {
    if (!mayPatch(file)) continue;
    const beside = (path: string) => read.open(resolvePath(folderOf(file.path), path) ?? '');
    for (const { root, context } of read.open(file.path)) {
      const found = readPatches(root, context, beside);
      const built = found.carriers.length + found.files.length > 0 ? buildOf(file) : null;
      place(found.carriers, file.path, built);
      for (const path of found.files) {
        const before = patched.get(path);
        patched.set(path, before === null || built === null ? null : new Set([...(before ?? []), ...built]));
      }
    }
  }
  const isWhole = (carrier: Placed) => carrier.whole && !patched.has(carrier.file);
  return {
    whole: carriers.filter(isWhole),
    parts: carriers
      .filter((carrier) => !isWhole(carrier))
      .map((part) => ({ ...part, built: part.built ?? patched.get(part.file) ?? null })),
  };
}

/** The files that a kustomization builds; null where others may be among them: a component's, and remote ones. */
function openBuilds(files: readonly OpenFile[]): (file: OpenFile) => ReadonlySet<string> | null {
  const sources = new Map<string, OpenFile>();
  for (const file of files) if (isKustomizationPath(file.path)) sources.set(folderOf(file.path), file);
  return (file) => {
    if (!isKustomizationPath(file.path)) return null;
    const built = filesOf(folderOf(file.path), files, sources);
    const open = [...sources.values()].some((source) => {
      if (!built.has(source.path)) return false;
      const { component, remote } = readKustomization(source);
      return remote !== null || (component && source === file);
    });
    return open ? null : built;
  };
}

const carriers = ['HelmRelease', 'HelmChart', 'HelmChartConfig', 'Application', 'ApplicationSet'];

/** With few false alarms: most objects have no values that say a part of an image. */
function mayCarry({ kinds, text }: Pick<OpenFile, 'kinds' | 'text'>): boolean {
  if (!carriers.some((kind) => kinds.has(kind)) && !text.includes('helmCharts')) return false;
  return text.includes('elm') && /tag|digest|registry|repository|hub|variant|image|values?F|\{\{/i.test(text);
}

function mayPatch(file: OpenFile): boolean {
  if (!isKustomizationPath(file.path) && !speaksKustomize(file)) return false;
  return /\b(?:patches(?:Json6902|StrategicMerge)?|replacements)\b/.test(file.text);
}

/** Whether a patch may be for an object, by all that it says of it. */
function isFor(part: Placed, carrier: Placed): boolean {
  return (
    (part.built === null || part.built.has(carrier.file)) &&
    matchesTarget(part.kind, carrier.kind) &&
    matchesTarget(part.name, carrier.name) &&
    (part.slot === null || part.slot === carrier.slot) &&
    (part.namespace === null || carrier.namespace === null || part.namespace === carrier.namespace)
  );
}
