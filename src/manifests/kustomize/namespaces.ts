import { folderOf, inFolder, resolvePath } from '../tree-paths.ts';
import type { Workload } from '../types.ts';
import type { OpenFile } from '../yaml/open-file.ts';
import { getItems, getText, getValue, type TreeNode } from '../yaml/tree.ts';
import { isKustomizationPath } from './kustomization.ts';
import { type Carrier, type Route, readCarriers } from './namespace-carriers.ts';

/** The namespaces that objects have once kustomizations, Flux and Argo CD are through with them. */
export interface Namespaces {
  /** Of an object, or of what it makes, when it is one of Flux or Argo CD. Sorted; null for one that nothing says. */
  of(file: string, document: number, workload: Workload): readonly (string | null)[];
}

/** The kustomization of a folder, as far as namespaces go. */
interface Link {
  readonly folder: string;
  readonly namespace: string | null;
  readonly takes: readonly string[];
  readonly patches: readonly string[];
}

const unknown: Route = { forced: null, given: null };

/** Follows each file, of those sorted by path, through all that takes it. Their paths start from the folder that Flux and Argo CD see. */
export function findNamespaces(files: readonly OpenFile[]): Namespaces {
  const links = new Map<string, Link>();
  const takers = new Map<string, Link[]>();
  const carriers = new Map<string, Carrier[]>();
  const deliveries = new Map<string, Carrier[]>();
  const open = new Set<string>();
  const put = <T>(map: Map<string, T[]>, key: string, value: T) =>
    map.set(key, [...(map.get(key) ?? []), value]);

  for (const file of files) {
    if (!isKustomizationPath(file.path)) continue;
    const link = readLink(file);
    links.set(link.folder, link);
    for (const taken of new Set([...link.takes, ...link.patches])) put(takers, taken, link);
  }
  const paths = files.map(({ path }) => path);
  for (const file of files) {
    const { path } = file;
    for (const { document, carrier } of readCarriers(file, (own) => settle(path, own))) {
      put(carriers, `${document} ${path}`, carrier);
      for (const folder of carrier.folders) {
        const link = links.get(folder);
        for (const component of carrier.components) {
          const reached = resolvePath(folder, component);
          if (reached !== null && link) put(takers, reached, link);
          else if (reached !== null) put(deliveries, reached, carrier);
        }
        for (const reached of links.has(folder) ? [folder] : listBelow(folder, carrier.whole))
          put(deliveries, reached, carrier);
      }
      for (const named of carrier.files) put(deliveries, named, carrier);
    }
  }

  /** Files of a folder that has no kustomization, and kustomizations below it. */
  function listBelow(folder: string, whole: boolean): readonly string[] {
    const prefix = inFolder(folder, '');
    const inner = whole ? [...links.keys()].filter((one) => one.startsWith(prefix)) : [];
    return [
      ...inner,
      ...pathsBelow(paths, prefix).filter((path) => {
        if (inner.some((one) => path.startsWith(`${one}/`))) return false;
        return whole || !path.slice(prefix.length).includes('/');
      }),
    ];
  }

  /** How a file, or what the kustomization of a folder builds, gets to what is applied. */
  function routesOf(path: string): readonly Route[] {
    if (open.has(path)) return [];
    open.add(path);
    const routes = [
      ...(takers.get(path) ?? []).flatMap((link) => routesInside(link, link.patches.includes(path))),
      ...(deliveries.get(path) ?? []).flatMap((carrier) => carrier.routes()),
    ];
    open.delete(path);
    return routes.length > 0 ? routes : [unknown];
  }

  function routesInside(link: Link, isPatch: boolean): readonly Route[] {
    // What is patched is in the namespace that the bases have.
    const below = isPatch && link.namespace === null ? [...new Set(namespacesBelow(link))] : [];
    const own = link.namespace ?? (below.length === 1 ? (below[0] ?? null) : null);
    return routesOf(link.folder).map(({ forced, given }) => ({ forced: forced ?? own, given }));
  }

  function namespacesBelow(link: Link, seen = new Set<Link>()): readonly string[] {
    if (seen.has(link)) return [];
    seen.add(link);
    return link.takes.flatMap((path) => {
      const next = links.get(path);
      return next ? (next.namespace ?? namespacesBelow(next, seen)) : [];
    });
  }

  function settle(file: string, own: string | null): readonly (string | null)[] {
    const link = isKustomizationPath(file) ? links.get(folderOf(file)) : undefined;
    return choose(link ? routesInside(link, false) : routesOf(file), own);
  }

  return {
    of: (file, document, { kind, namespace }) => {
      const own = carriers.get(`${document} ${file}`);
      if (!own) return settle(file, namespace);
      const routes = own.flatMap((carrier) => carrier.routes());
      // Of the object itself the namespace says nothing of what it makes; patches in it have objects of their own.
      return choose(routes, own.some((carrier) => carrier.kind === kind) ? null : namespace);
    },
  };
}

/** Of sorted paths. */
function pathsBelow(paths: readonly string[], prefix: string): readonly string[] {
  let start = 0;
  for (let end = paths.length; start < end; ) {
    const middle = (start + end) >> 1;
    if ((paths[middle] ?? '') < prefix) start = middle + 1;
    else end = middle;
  }
  let end = start;
  while (paths[end]?.startsWith(prefix) === true) end++;
  return paths.slice(start, end);
}

function choose(routes: readonly Route[], own: string | null): readonly (string | null)[] {
  const found = routes.map(({ forced, given }) => forced ?? own ?? given);
  // What is filled in later names nothing yet.
  const real = found.map((name) =>
    name !== null && /^[a-z0-9](?:[a-z0-9-]*[a-z0-9])?$/.test(name) ? name : null,
  );
  return [...new Set(real)].toSorted((a, b) => ((a ?? '') < (b ?? '') ? -1 : 1));
}

function readLink({ path, documents }: OpenFile): Link {
  const root = documents[0]?.read.root ?? null;
  const folder = folderOf(path);
  const texts = (nodes: readonly (TreeNode | null)[]) =>
    nodes.flatMap((node) =>
      node?.kind === 'scalar' && !node.value.includes('\n') ? (resolvePath(folder, node.value) ?? []) : [],
    );
  const list = (...keys: readonly string[]) => texts(keys.flatMap((key) => getItems(root, key)));
  const patches = [...getItems(root, 'patches'), ...getItems(root, 'patchesJson6902')];
  const charts = getItems(root, 'helmCharts').flatMap((chart) => [
    getValue(chart, 'valuesFile'),
    ...getItems(chart, 'additionalValuesFiles'),
  ]);
  return {
    folder,
    namespace: getText(root, 'namespace'),
    takes: [...list('resources', 'bases', 'components', 'generators'), ...texts(charts)],
    patches: [...list('patchesStrategicMerge'), ...texts(patches.map((patch) => getValue(patch, 'path')))],
  };
}
