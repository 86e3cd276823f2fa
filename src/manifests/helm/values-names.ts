import type { FoundImage } from '../found-image.ts';
import type { Layer } from '../types.ts';
import { getText, getValue, type ListNode, type MapNode, type TreeNode } from '../yaml/tree.ts';
import { joinPath, type KubernetesObject } from '../yaml/walk.ts';
import { globalRegistries, namesHost } from './values-image.ts';

/** Whether parameters say more of a name than its usual parts. */
function isComposed(names: ReadonlyMap<string, unknown>, prefix: string, whole: boolean): boolean {
  if (!whole && globalRegistries.some((path) => names.has(path))) return true;
  const more = /^(?:imageRegistry|hub|.*(?:prefix|suffix|variant|flavou?r))$/i;
  return [...names.keys()].some((name) => name.startsWith(prefix) && more.test(name.slice(prefix.length)));
}

/** Values by their whole names, `image.repository`. */
type NamedValues = ReadonlyMap<string, { readonly node: TreeNode; readonly field: string }>;

/** Argo CD's `parameters`: a list of names and values. */
export function namesOfList({ items }: ListNode, path: string): NamedValues {
  return new Map(
    items.flatMap(({ value: item }, index) => {
      const name = getText(item, 'name');
      const node = getValue(item, 'value');
      return name !== null && node ? [[name, { node, field: joinPath(`${path}[${index}]`, 'value') }]] : [];
    }),
  );
}

/** The map `set` of k3s. */
export function namesOfMap({ pairs }: MapNode, path: string): NamedValues {
  return new Map(
    pairs.flatMap(({ key, value }) => (value ? [[key, { node: value, field: joinPath(path, key) }]] : [])),
  );
}

/** The images that values say which are set one by one. */
export function findNamedValues(values: NamedValues, layer: Layer, object: KubernetesObject): FoundImage[] {
  const part = (name: string) => {
    const value = values.get(name);
    return value?.node.kind === 'scalar' && value.node.value !== ''
      ? { key: 'value', node: value.node, written: value.node.value }
      : null;
  };
  return [...values].flatMap(([name, { node, field }]) => {
    const base = { layer, object, field, podSpec: null, node, at: node.start, duplicate: false };
    if (/(?:^i|[.a-z]I|\.i)mage$/.test(name) && node.kind === 'scalar') {
      const whole = /[:@]/.test(node.value.slice(node.value.lastIndexOf('/') + 1));
      return [whole ? base : { ...base, hold: 'unknown-tag' as const }];
    }
    const prefix = /^(.*)\.repository$/.exec(name)?.[1];
    const repository = part(name);
    if (prefix === undefined || !repository || node.kind !== 'scalar' || node.value.includes('://'))
      return [];
    const tag = part(`${prefix}.tag`);
    const digest = part(`${prefix}.digest`);
    const split = { map: field, registry: part(`${prefix}.registry`), repository, tag, digest };
    if (isComposed(values, `${prefix}.`, namesHost(node.value) && !split.registry))
      return [{ ...base, split, hold: 'composed' as const }];
    return [{ ...base, split, ...(tag || digest ? {} : { hold: 'unknown-tag' as const }) }];
  });
}
