import { folderOf, inFolder, resolvePath } from '../tree-paths.ts';
import type { ImageUse } from '../types.ts';
import type { OpenFile } from '../yaml/open-file.ts';
import { getItems, getText, getValue, type TreeNode } from '../yaml/tree.ts';
import { readCharts } from './chart-facts.ts';
import type { ChartRelease } from './chart-releases.ts';

/**
 * What is known of the chart that some values are for. `bare`: it puts no registry before a name that has none beside
 * it. `bitnami`: it puts docker.io there, and asks before it takes an image of another name. `pinning`: its own values
 * put a digest behind each image, which stays where only a name and a tag are said.
 */
export type ChartKind = 'bare' | 'bitnami' | 'pinning' | 'unknown';

/** The charts that the files render, and those that they hold. */
export class ChartSources {
  readonly #files: readonly OpenFile[];
  readonly #releases: readonly ChartRelease[];
  readonly #byPath: ReadonlyMap<string, OpenFile>;
  readonly #charts: ReadonlySet<string>;
  /** Values of charts whose registry stands before names in other files: `umbrella/values.yaml image`. */
  readonly #behind = new Set<string>();
  /** Whether the image that is asked for takes the registry of its chart. */
  #leans = false;
  #urls: ReadonlyMap<string, string> | null = null;

  constructor(files: readonly OpenFile[], releases: readonly ChartRelease[]) {
    this.#releases = releases;
    this.#files = files;
    this.#byPath = new Map(files.map((file) => [file.path, file]));
    this.#charts = new Set(readCharts(files).keys());
  }

  /**
   * Of the chart that an image of Helm values is rendered by; `values` is the way to them in the document, `leans` says
   * that the image has no registry of its own.
   */
  kindOf(use: ImageUse, map: string, values: string | null, leans: boolean): ChartKind {
    this.#leans = leans;
    const path = values === null ? null : map.slice(values === '' ? 0 : values.length + 1);
    if (isInValuesFile(use)) {
      const folder = folderOf(use.file);
      return this.#charts.has(folder)
        ? this.#kindAt(folder, path, use.file)
        : this.#kindOfFile(use.file, path);
    }
    const root = this.rootOf(use);
    const { kind } = use.workload;
    const own = getValue(root, 'spec');
    const spec = kind === 'ApplicationSet' ? getValue(getValue(own, 'template'), 'spec') : own;
    if (kind === 'HelmRelease') return this.#kindOfRelease(spec, use.file, path);
    if (kind === 'HelmChart') return classify(getText(spec, 'chart'), getText(spec, 'repo'));
    if (kind.startsWith('Application'))
      return common(
        [getValue(spec, 'source'), ...getItems(spec, 'sources')].flatMap((source) => {
          const folder = source && getText(source, 'path');
          if (folder) return this.#kindAt(resolvePath('', folder) ?? '', path, use.file);
          const chart = source && getText(source, 'chart');
          return chart ? classify(chart, getText(source, 'repoURL')) : [];
        }),
      );
    const index = /^helmCharts\[(\d+)\]/.exec(use.field)?.[1];
    const chart = index === undefined ? null : getItems(root, 'helmCharts')[Number(index)];
    return chart ? classify(getText(chart, 'name'), getText(chart, 'repo')) : 'unknown';
  }

  /** Of the charts that objects name a file of values for. */
  #kindOfFile(file: string, path: string | null): ChartKind {
    const naming = this.#releases.filter(
      ({ loose, values }) => !loose && values.some(({ source }) => source.file === file),
    );
    return common(
      naming.flatMap(({ charts }) => {
        const rendered = charts.filter(({ at }) => at === '');
        return rendered.length === 0
          ? 'unknown'
          : rendered.map(({ folder }) => this.#kindAt(folder, path, file));
      }),
    );
  }

  /** Whether other values, of those that were asked for, lean on the registry that an image has. */
  isLeanedOn({ file }: ImageUse, map: string): boolean {
    return this.#behind.has(`${file} ${map}`);
  }

  /** The document that an image stands in. */
  rootOf({ file, document }: ImageUse): TreeNode | null {
    return this.#read(file, document);
  }

  #read(path: string, document: number): TreeNode | null {
    return this.#byPath.get(path)?.documents[document]?.read.root ?? null;
  }

  /** A chart of the files: what its own values say at a path, unless a dependency has that path. */
  #kindAt(folder: string, path: string | null, file: string): ChartKind {
    if (path === null || !this.#charts.has(folder)) return 'unknown';
    const chart = this.#read(inFolder(folder, 'Chart.yaml'), 0);
    const [first = ''] = path.split('.');
    const dependency = getItems(chart, 'dependencies').find((each) =>
      [getText(each, 'alias'), getText(each, 'name')].includes(first),
    );
    const local = /^file:\/\/(.*)$/.exec(getText(dependency ?? null, 'repository') ?? '')?.[1];
    const inTree = local === undefined ? null : resolvePath(folder, local);
    if (inTree !== null && this.#charts.has(inTree) && inTree !== folder && path.includes('.'))
      return this.#kindAt(inTree, path.slice(first.length + 1), file);
    if (dependency) return classify(getText(dependency, 'name'), getText(dependency, 'repository'));
    const common = getItems(chart, 'dependencies').find((each) => getText(each, 'name') === 'common');
    if (common && classify('common', getText(common, 'repository')) === 'bitnami') return 'bitnami';
    const own = inFolder(folder, 'values.yaml');
    if (own === file) return 'bare';
    const usual = path.split('.').reduce<TreeNode | null>(getValue, this.#read(own, 0));
    if (getText(usual, 'registry') === null) return 'bare';
    if (this.#leans) this.#behind.add(`${own} ${path}`);
    return 'unknown';
  }

  #kindOfRelease(spec: TreeNode | null, file: string, path: string | null): ChartKind {
    const reference = getValue(spec, 'chartRef');
    if (reference) {
      const name = getText(reference, 'name');
      return classify(name, this.#urlOf(getText(reference, 'kind'), name));
    }
    const chart = getText(spec, 'chart', 'spec', 'chart') ?? getText(spec, 'chart', 'name');
    if (chart?.includes('/') === true) {
      const folders = [resolvePath('', chart), resolvePath(folderOf(file), chart)];
      return common(
        folders.flatMap((folder) =>
          folder && this.#charts.has(folder) ? this.#kindAt(folder, path, file) : [],
        ),
      );
    }
    const source = getValue(getValue(getValue(spec, 'chart'), 'spec'), 'sourceRef');
    const name = getText(source, 'name');
    return classify(chart, this.#urlOf(getText(source, 'kind'), name) ?? name);
  }

  #urlOf(kind: string | null, name: string | null): string | null {
    this.#urls ??= readUrls(this.#files);
    return this.#urls.get(`${kind} ${name}`) ?? null;
  }
}

/** An image of a file of values, which is no object. */
export function isInValuesFile({ layer, workload }: ImageUse): boolean {
  return layer === 'helm-values' && workload.kind === '';
}

/** Where the repositories of Flux lie, by kind and name. */
function readUrls(files: readonly OpenFile[]): ReadonlyMap<string, string> {
  const urls = new Map<string, string>();
  const isOne = ({ kinds }: Pick<OpenFile, 'kinds'>) =>
    kinds.has('HelmRepository') || kinds.has('OCIRepository');
  for (const document of files.filter(isOne).flatMap(({ documents }) => documents)) {
    if (isOne(document)) {
      const { root } = document.read;
      const url = getText(root, 'spec', 'url');
      if (url !== null) urls.set(`${getText(root, 'kind')} ${getText(root, 'metadata', 'name')}`, url);
    }
  }
  return urls;
}

/**
 * `digest` in the values of github.com/kubernetes/ingress-nginx charts/ingress-nginx; `digest` and `useDigest` in those
 * of github.com/cilium/cilium install/kubernetes/cilium.
 */
const pinning: ReadonlySet<string> = new Set(['ingress-nginx', 'cilium']);

/**
 * By the repository that a chart comes from. bjw-s' app-template is what many releases have that are no chart of their
 * own (https://bjw-s-labs.github.io/helm-charts/docs/app-template/).
 */
function classify(chart: string | null, repository: string | null): ChartKind {
  const where = repository ?? '';
  if (
    /(?:^|\/)charts\.bitnami\.com(?:\/|$)|\/bitnami(?:charts|prem|secure)?(?:\/|$)|^bitnami(?:-charts)?$/.test(
      where,
    )
  )
    return 'bitnami';
  const name = chart ?? where.slice(where.lastIndexOf('/') + 1);
  if (pinning.has(name) || pinning.has(where.slice(where.lastIndexOf('/') + 1))) return 'pinning';
  return name === 'app-template' || where.endsWith('/app-template') ? 'bare' : 'unknown';
}

/** What all of them are. */
function common(kinds: readonly ChartKind[]): ChartKind {
  const [first = 'unknown'] = kinds;
  return kinds.every((kind) => kind === first) ? first : 'unknown';
}
