import { listSources } from '../application-specs.ts';
import { resolveFromRoot, resolvePath } from '../tree-paths.ts';
import type { OpenFile } from '../yaml/open-file.ts';
import { getItems, getText, getValue, type MapNode, type TreeNode } from '../yaml/tree.ts';
import type { KubernetesObject } from '../yaml/walk.ts';

/** What is said of a namespace on one way to the cluster. */
export interface Route {
  /** Put in place of what an object says. */
  readonly forced: string | null;
  /** For an object that says none. */
  readonly given: string | null;
}

/** An object of Flux, Argo CD or k3s that applies files, or a chart. */
export interface Carrier {
  readonly kind: string;
  readonly folders: readonly string[];
  /** What it adds to the kustomization of a folder; their paths begin there. */
  readonly components: readonly string[];
  readonly files: readonly string[];
  /** Takes what is below a folder without a kustomization, too. */
  readonly whole: boolean;
  readonly routes: () => readonly Route[];
}

/** `settle` says where an object of the file with this namespace is. */
export function readCarriers(
  file: OpenFile,
  settle: (own: string | null) => readonly (string | null)[],
): readonly { readonly document: number; readonly carrier: Carrier }[] {
  if (!mayCarry(file)) return [];
  const found: { document: number; carrier: Carrier }[] = [];
  for (const document of file.documents) {
    if (!mayCarry(document)) continue;
    for (const object of document.objects)
      for (const carrier of readCarrier(object.node, object, settle))
        found.push({ document: document.index, carrier });
  }
  return found;
}

const carriers = ['Kustomization', 'HelmRelease', 'HelmChart', 'Application', 'ApplicationSet'];

/** Every folder of kustomize has a Kustomization, too, and that is none of Flux. */
function mayCarry({ kinds, text }: Pick<OpenFile, 'kinds' | 'text'>): boolean {
  return (
    carriers.some((kind) => kinds.has(kind)) && /fluxcd\.io\/|argoproj\.io\/|helm\.cattle\.io\//.test(text)
  );
}

function readCarrier(
  map: MapNode,
  { workload }: KubernetesObject,
  settle: (own: string | null) => readonly (string | null)[],
): readonly Carrier[] {
  const { apiVersion, kind, namespace } = workload;
  const spec = getValue(map, 'spec');
  const target = getText(spec, 'targetNamespace');
  if (apiVersion.startsWith('kustomize.toolkit.fluxcd.io/') && kind === 'Kustomization') {
    const routes = () => [{ forced: target, given: null }];
    const folders = paths([getValue(spec, 'path')]);
    return [{ kind, folders, components: texts(spec), files: [], whole: true, routes }];
  }
  if (
    /^helm\.(?:(?:toolkit\.)?fluxcd|cattle)\.io\//.test(apiVersion) &&
    /^Helm(?:Release|Chart)$/.test(kind)
  ) {
    const routes = () =>
      (target === null ? settle(namespace) : [target]).map((given) => ({ forced: null, given }));
    const chart = getValue(getValue(spec, 'chart'), 'spec');
    const local = getText(chart, 'sourceRef', 'kind') === 'HelmRepository' ? null : chart;
    const files = paths(getItems(local, 'valuesFiles'));
    const folders = paths([getValue(local, 'chart')]);
    return [{ kind, folders, components: [], files, whole: false, routes }];
  }
  if (!apiVersion.startsWith('argoproj.io/') || !/^Application(?:Set)?$/.test(kind)) return [];
  const owner = kind === 'Application' ? spec : getValue(getValue(spec, 'template'), 'spec');
  const given = getText(owner, 'destination', 'namespace');
  return listSources(owner, 'spec').map(({ node }): Carrier => {
    const folders = paths([getValue(node, 'path')]);
    const forced = getText(node, 'kustomize', 'namespace');
    return {
      kind,
      folders,
      components: texts(getValue(node, 'kustomize')),
      files: getItems(node, 'helm', 'valueFiles').flatMap((item) => valueFile(item, folders[0] ?? '')),
      whole: getText(node, 'directory', 'recurse') === 'true',
      routes: () => [{ forced, given }],
    };
  });
}

/** `$values/env/prod.yaml` begins at the root of another source, which may be this very tree. */
function valueFile(item: TreeNode, folder: string): readonly string[] {
  const path = getText(item) ?? '';
  const ofSource = /^\$[^/]+\/(.*)$/.exec(path)?.[1];
  const resolved = ofSource === undefined ? resolvePath(folder, path) : resolvePath('', ofSource);
  return resolved === null ? [] : [resolved];
}

function texts(map: TreeNode | null): readonly string[] {
  return getItems(map, 'components').flatMap((node) => getText(node) ?? []);
}

function paths(nodes: readonly (TreeNode | null)[]): readonly string[] {
  return nodes.flatMap((node) => {
    const path = getText(node);
    const resolved = path === null ? null : resolveFromRoot(path);
    return resolved === null ? [] : [resolved];
  });
}
