import { findPaths, folderOf, inFolder, resolvePath } from '../tree-paths.ts';
import type { OpenDocument, OpenFile } from '../yaml/open-file.ts';
import { getItems, getText, type TreeNode } from '../yaml/tree.ts';
import { below, type KubernetesObject } from '../yaml/walk.ts';
import { isValuesPath } from './find-helm-images.ts';
import { isBesideValues, listBesideLeaves } from './values-beside.ts';
import { type CarrierContext, type Ranked, ranks } from './values-carriers.ts';
import type { PatchDocument } from './values-patches.ts';
import { listLeaves, makeSource, type Standing, type ValuesSource } from './values-source.ts';

const mostCharts = 8;

/** A chart of the tree, and the key that its values have in those of the chart that is rendered. */
export interface PlacedChart {
  readonly folder: string;
  readonly at: string;
}

/** The files as sources of values: charts with those that they depend on, and files that objects name. */
export class ValuesFiles {
  readonly #byPath: ReadonlyMap<string, OpenFile>;
  readonly #paths: ReadonlySet<string>;
  readonly #listed: ReadonlySet<string>;
  readonly #charts: ReadonlySet<string>;
  /** Charts, by the folder that they lie in. */
  readonly #inside = new Map<string, string[]>();
  readonly #documents = new Map<string, readonly PatchDocument[]>();
  readonly #sources = new Map<string, ValuesSource | null>();
  readonly #named = new Set<string>();
  /** What is merged over the values of a folder by how they are installed. */
  readonly #beside = new Map<string, string[]>();

  /** `listed` are the paths of all files that are there, also of those that say nothing of images. */
  constructor(files: readonly OpenFile[], listed: ReadonlySet<string>) {
    this.#byPath = new Map(files.map((file) => [file.path, file]));
    this.#paths = new Set(this.#byPath.keys());
    this.#listed = listed;
    this.#charts = new Set(
      files.flatMap(({ path }) => (/(?:^|\/)(?:Chart|values)\.yaml$/.test(path) ? folderOf(path) : [])),
    );
    for (const { path } of files) {
      if (isBesideValues(path))
        this.#beside.set(folderOf(path), [...(this.#beside.get(folderOf(path)) ?? []), path]);
    }
    for (const chart of this.#charts) {
      const around = folderOf(chart);
      if (around === 'charts' || around.endsWith('/charts'))
        this.#inside.set(around, [...(this.#inside.get(around) ?? []), chart]);
    }
  }

  /** The documents of a file, each read when it is asked for; none where there is no such file. */
  open(path: string): readonly PatchDocument[] {
    const known = this.#documents.get(path);
    if (known) return known;
    const file = this.#byPath.get(path);
    const documents = file?.documents.map((document) => new Opened(file, document)) ?? [];
    this.#documents.set(path, documents);
    return documents;
  }

  /** The files of values of each folder that has some, and of each chart that depends on others. */
  folders(): ReadonlyMap<string, readonly string[]> {
    const folders = new Map<string, string[]>();
    for (const chart of this.#charts) if (this.#dependenciesOf(chart).length > 0) folders.set(chart, []);
    for (const path of new Set([...this.#paths, ...this.#listed])) {
      if (!isValuesPath(path)) continue;
      const beside = folders.get(folderOf(path));
      if (beside) beside.push(path);
      else folders.set(folderOf(path), [path]);
      // `prod/values.yaml` in the folder of a chart is merged over its values.
      const around = this.#chartAround(folderOf(path));
      if (around !== null) folders.set(around, [...(folders.get(around) ?? []), path]);
    }
    return folders;
  }

  /** The chart that a folder without one of its own lies in. */
  #chartAround(folder: string): string | null {
    for (let at = folder; ; at = folderOf(at)) {
      if (this.#paths.has(inFolder(at, 'Chart.yaml'))) return at === folder ? null : at;
      if (at === '') return null;
    }
  }

  /** A file of values. `at` is the key that a chart's own have in those of the chart around. */
  rank(path: string, rank: number, at = ''): Ranked[] {
    const key = `${at} ${path}`;
    const known = this.#sources.get(key);
    const source = known === undefined ? this.#read(path, at) : known;
    this.#sources.set(key, source);
    return source ? [{ source, rank }] : [];
  }

  #read(path: string, at: string): ValuesSource | null {
    const [document] = this.open(path);
    if (!document?.root) return this.#isUnread(path, document) ? unreadSource(path) : null;
    const leaves = listLeaves(document.root, '', document.context.standing).map((leaf) => ({
      ...leaf,
      path: leaf.path.startsWith('global.') ? leaf.path : below(at, leaf.path),
    }));
    const named = this.#named;
    return {
      ...makeSource({ file: path, document: document.context.document, leaves }),
      // An object may name it after it was read.
      get found() {
        return isValuesPath(path) || named.has(path);
      },
    };
  }

  /** It may say any part of a name: no YAML, such as a template of values, or too large or no text at all. */
  #isUnread(path: string, document: PatchDocument | undefined): boolean {
    return document
      ? document.broken
      : isValuesPath(path) && this.#listed.has(path) && !this.#paths.has(path);
  }

  /** The files that objects name as values, whatever they are called. */
  get named(): ReadonlySet<string> {
    return this.#named;
  }

  /** Notes that an object names a file as values. */
  name(path: string): void {
    if (this.#paths.has(path) && mayBeValues(path)) this.#named.add(path);
  }

  /** What charts of these folders say themselves. */
  rankCharts(paths: readonly string[], folder: string): Ranked[] {
    return paths
      .flatMap((path) => findPaths(path, folder, this.#charts))
      .flatMap((chart) => this.rankChart(chart, ranks.chart, ''));
  }

  /** A chart's own values, and below them those of the charts that it depends on. */
  rankChart(folder: string, rank: number, at: string): Ranked[] {
    const inner = rank > ranks.chart - mostCharts ? this.#dependenciesOf(folder) : [];
    return [
      ...inner.flatMap(({ name, folder: chart }) =>
        chart === folder ? [] : this.rankChart(chart, rank - 1, below(at, name)),
      ),
      ...this.rank(inFolder(folder, 'values.yaml'), rank, at),
      ...(at === '' ? this.#rankBeside(folder) : []),
    ];
  }

  /** What files beside a chart say over its values. */
  #rankBeside(folder: string): Ranked[] {
    return (this.#beside.get(folder) ?? []).flatMap((path): Ranked[] => {
      const [document] = this.open(path);
      if (!document?.root)
        return document?.broken && /\b(?:tag|registry|repository)\b/.test(document.text)
          ? [{ rank: ranks.single, source: unreadSource(path) }]
          : [];
      const { standing, document: index } = document.context;
      const leaves = listBesideLeaves(document.root, standing);
      const source = makeSource({ file: path, document: index, leaves, found: false });
      return leaves.length === 0 ? [] : [{ rank: ranks.single, source }];
    });
  }

  /** The charts of these folders, and those that they depend on, each with the key of its values. */
  listCharts(paths: readonly string[], folder: string): PlacedChart[] {
    const found = paths.flatMap((path) => findPaths(path, folder, this.#charts));
    return found.flatMap((chart) => this.listChart(chart));
  }

  listChart(folder: string, at = '', depth = 0): PlacedChart[] {
    const inner = depth < mostCharts ? this.#dependenciesOf(folder) : [];
    return [
      { folder, at },
      ...inner.flatMap(({ name, folder: chart }) =>
        chart === folder ? [] : this.listChart(chart, below(at, name), depth + 1),
      ),
    ];
  }

  #dependenciesOf(folder: string): { readonly name: string; readonly folder: string }[] {
    const inside = this.#inside.get(inFolder(folder, 'charts')) ?? [];
    const [chart] = this.open(inFolder(folder, 'Chart.yaml'));
    if (inside.length === 0 && chart?.text.includes('file:') !== true) return [];
    const listed = getItems(chart?.root, 'dependencies').flatMap((each) => {
      const name = getText(each, 'name') ?? '';
      const path = /^file:\/\/(.*)$/.exec(getText(each, 'repository') ?? '')?.[1];
      const local = path === undefined ? null : resolvePath(folder, path);
      const found = local ?? inside.find((one) => this.#nameOf(one) === name);
      return found === undefined ? [] : { name: getText(each, 'alias') ?? name, folder: found };
    });
    const known = new Set(listed.map((each) => each.folder));
    const rest = inside.filter((one) => !known.has(one));
    return [...listed, ...rest.map((one) => ({ name: this.#nameOf(one), folder: one }))];
  }

  #nameOf(folder: string): string {
    const [chart] = this.open(inFolder(folder, 'Chart.yaml'));
    return getText(chart?.root, 'name') ?? folder.slice(folder.lastIndexOf('/') + 1);
  }

  /** Files that an object in a folder names, beside one of its charts or from the root. */
  find(path: string, charts: readonly string[], folder: string): readonly string[] {
    const all = spellPaths(path, charts);
    const found = [...new Set(all.flatMap((each) => findPaths(each, folder, this.#paths)))];
    if (saysWords(path)) for (const each of found) this.name(each);
    return found;
  }

  /** Whether any file is there that an object may mean. */
  isThere(path: string, charts: readonly string[], folder: string): boolean {
    return spellPaths(path, charts).some((each) => findPaths(each, folder, this.#listed).length > 0);
  }

  isListed(path: string): boolean {
    return this.#listed.has(path);
  }
}

function spellPaths(path: string, charts: readonly string[]): readonly string[] {
  const fromRoot = /^(?:\$[\w-]+)?\/(.*)$/.exec(path)?.[1];
  return fromRoot === undefined ? [path, ...charts.map((chart) => `${chart}/${path}`)] : [fromRoot];
}

/** What a path of templates alone means may be any file, of values or not. */
function saysWords(path: string): boolean {
  return /\w/.test(path.replaceAll(/\{\{.*?\}\}|\.\w+$|^\$[\w-]+/g, ''));
}

function mayBeValues(path: string): boolean {
  return /\.(?:ya?ml|json)$/i.test(path) && !/(?:^|\/)(?:Chart|kustomization)\.ya?ml$/.test(path);
}

function unreadSource(file: string): ValuesSource {
  return makeSource({ file, document: 0, leaves: [], found: false, unread: 0 });
}

class Opened implements PatchDocument {
  readonly context: CarrierContext;
  readonly #document: OpenDocument;

  constructor({ path: file, text }: OpenFile, document: OpenDocument) {
    const standing: Standing = { text, rangeOf: ({ start, end }) => [start, end] };
    this.context = { file, document: document.index, standing, field: '', found: true };
    this.#document = document;
  }

  get text(): string {
    return this.#document.text;
  }

  get kinds(): ReadonlySet<string> {
    return this.#document.kinds;
  }

  get objects(): readonly KubernetesObject[] {
    return this.#document.objects;
  }

  get broken(): boolean {
    return this.#document.read.problem !== null;
  }

  get root(): TreeNode | null {
    const { root, problem } = this.#document.read;
    return problem ? null : root;
  }
}
