import { getItems, getText, getValue, type TreeNode } from '../yaml/tree.ts';
import { below, formatPath, joinPath, type KubernetesObject, walkMaps } from '../yaml/walk.ts';
import { type Carrier, type CarrierContext, nowhere, ranks, readCarriers } from './values-carriers.ts';
import { readOperations } from './values-operations.ts';
import { leafOf, makeSource, openStanding } from './values-source.ts';

/** What a patch is for, as far as that is said. */
interface Target {
  readonly kind: string | null;
  readonly name: string | null;
  readonly namespace: string | null;
}

/** What the patches of kustomizations, and of objects that speak kustomize, say of values. */
export interface PatchRead {
  readonly carriers: readonly Carrier[];
  /** Files that are patches, and objects of their own in no case. */
  readonly files: readonly string[];
}

/** A document of a patch's file. */
export interface PatchDocument {
  /** Null where it cannot be read. */
  readonly root: TreeNode | null;
  readonly broken: boolean;
  readonly text: string;
  readonly kinds: ReadonlySet<string>;
  readonly objects: readonly KubernetesObject[];
  readonly context: CarrierContext;
}

/** Reads the patches in a document. `open` answers the documents of a file that the document names. */
export function readPatches(
  root: TreeNode | null,
  context: CarrierContext,
  open: (path: string) => readonly PatchDocument[],
): PatchRead {
  const carriers: Carrier[] = [];
  const files: string[] = [];

  function readText(node: TreeNode, target: Target | null, field: string): void {
    if (node.kind === 'list') {
      const operations = getAll(node).map((operation, index) => ({ operation, field: `${field}[${index}]` }));
      carriers.push(...readOperations(operations, target ?? anything, context));
      return;
    }
    if (node.kind === 'map') {
      carriers.push(...readPatch(node, target, { ...context, found: false }));
      return;
    }
    for (const { root: inner, standing } of openStanding(node, context.standing))
      carriers.push(...readPatch(inner, target, { ...context, standing, field }));
  }

  function readFile(path: string, target: Target | null): void {
    for (const document of open(path)) {
      files.push(document.context.file);
      // Without a target, the document says itself what it is for, and is read with all the others.
      if (target === null && document.root?.kind !== 'list') continue;
      carriers.push(...readPatch(document.root, target, document.context));
    }
  }

  walkMaps(root, (map, spot) => {
    const at = (key: string, index: number) => `${joinPath(formatPath(spot), key)}[${index}]`;
    for (const key of ['patches', 'patchesJson6902']) {
      for (const [index, item] of getItems(map, key).entries()) {
        const target = readTarget(getValue(item, 'target'));
        const path = getText(item, 'path');
        const patch = getValue(item, 'patch');
        if (path !== null) readFile(path, target);
        if (patch) readText(patch, target, joinPath(at(key, index), 'patch'));
      }
    }
    for (const [index, item] of getItems(map, 'patchesStrategicMerge').entries()) {
      if (item.kind === 'scalar' && !item.value.includes('\n')) readFile(item.value, null);
      else readText(item, null, at('patchesStrategicMerge', index));
    }
    for (const item of getItems(map, 'replacements')) {
      const path = getText(item, 'path');
      if (path === null) carriers.push(...readReplacement(item, context));
      else
        for (const { root: replacement, context: own } of open(path))
          for (const one of replacement?.kind === 'list' ? getAll(replacement) : [replacement])
            carriers.push(...readReplacement(one, own));
    }
  });
  return { carriers, files };
}

function readPatch(root: TreeNode | null, target: Target | null, context: CarrierContext): Carrier[] {
  if (root?.kind === 'list') {
    const operations = getAll(root).map((operation, index) => ({
      operation,
      field: below(context.field, `[${index}]`),
    }));
    return readOperations(operations, target ?? anything, context);
  }
  const found: Carrier[] = [];
  walkMaps(root, (map, { object }) => {
    if (object?.node !== map) return;
    const carriers = readCarriers(map, object, context);
    found.push(...carriers.map((carrier) => ({ ...carrier, ...aim(carrier, target), whole: false })));
  });
  return found;
}

const anything: Target = { kind: null, name: null, namespace: null };

/** A target counts in place of the names that the patch has. */
function aim(carrier: Carrier, target: Target | null): Pick<Carrier, 'kind' | 'name' | 'namespace'> {
  if (target === null) return carrier;
  return { kind: target.kind ?? carrier.kind, name: target.name, namespace: target.namespace };
}

function readTarget(target: TreeNode | null): Target | null {
  if (target === null) return null;
  return { kind: getText(target, 'kind'), name: getText(target, 'name'), namespace: null };
}

/** Fields of values that a replacement of kustomize fills in. */
function readReplacement(replacement: TreeNode | null, context: CarrierContext): Carrier[] {
  return getItems(replacement, 'targets').flatMap((target) => {
    const select = readTarget(getValue(target, 'select')) ?? anything;
    return getItems(target, 'fieldPaths').flatMap((field): Carrier[] => {
      const path = field.kind === 'scalar' ? /^spec\.values\.(.+)$/.exec(field.value)?.[1] : undefined;
      if (path === undefined) return [];
      const { file, document, standing } = context;
      const leaves = [{ ...leafOf(path, path, field, standing), written: '' }];
      const source = makeSource({ file, document, leaves, found: false });
      return [
        {
          ...select,
          kind: 'HelmRelease',
          slot: '',
          whole: false,
          values: [{ source, rank: ranks.values }],
          reach: nowhere,
        },
      ];
    });
  });
}

function getAll(list: TreeNode): readonly TreeNode[] {
  return list.kind === 'list' ? list.items.flatMap(({ value }) => value ?? []) : [];
}
