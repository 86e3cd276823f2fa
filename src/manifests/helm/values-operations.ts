import { getText, getValue, type TreeNode } from '../yaml/tree.ts';
import { below } from '../yaml/walk.ts';
import { type Carrier, type CarrierContext, nowhere, ranks } from './values-carriers.ts';
import {
  type Leaf,
  leafOf,
  listLeaves,
  listParameterLeaves,
  makeSource,
  type Standing,
} from './values-source.ts';

/** Where a JSON patch reaches the values of an object: what follows is the path in them. */
const valuesPointer =
  /^\/spec\/values(?=\/|$)|^\/spec\/(?:template\/spec\/)?(sources?(?:\/\d+)?)\/helm\/(valuesObject|values|parameters)(?=\/|$)/;

/** Where an operation of a JSON patch reaches values. */
interface Reached {
  readonly slot: string;
  readonly key: string;
  /** The path in the values. */
  readonly keys: readonly string[];
  /** It writes nothing, and fails where another value stands there. */
  readonly asks: boolean;
  /** Its value may be a map of values, whose images are found as uses. */
  readonly writesMap: boolean;
}

export function reachValues(operation: TreeNode | null): Reached | null {
  const pointer = getText(operation, 'path');
  const reached = pointer === null ? null : valuesPointer.exec(pointer);
  const op = getText(operation, 'op');
  if (pointer === null || !reached) return null;
  const [matched, slot = '', key = 'values'] = reached;
  const keys = pointer
    .slice(matched.length + 1)
    .split('/')
    .map(unescapePointer);
  const writes = op === 'add' || op === 'replace';
  return {
    slot,
    key,
    keys,
    asks: op === 'test',
    writesMap: writes && (slot === '' || key === 'valuesObject'),
  };
}

/** What the operations of a JSON patch, each at its field path, say of the values of the objects of one kind that they are for. */
export function readOperations(
  operations: readonly { readonly operation: TreeNode | null; readonly field: string }[],
  target: Pick<Carrier, 'kind' | 'name' | 'namespace'>,
  context: CarrierContext,
): Carrier[] {
  return operations.flatMap(({ operation, field: own }): Carrier[] => {
    const reached = reachValues(operation);
    if (!operation || !reached) return [];
    const { slot, key, keys: rest, writesMap, asks } = reached;
    const value = getValue(operation, 'value') ?? operation;
    const { file, document, standing } = context;
    const isList = key === 'parameters';
    const isFound = writesMap && value.kind !== 'list' && value !== operation;
    const field = `${own}.value`;
    const leaves = isList ? listParameters(value, rest, standing) : listAt(value, rest, field, standing);
    const [at] = standing.rangeOf(value);
    // An item of a list is named in the list alone.
    const unread = isList && rest.length > 1 ? at : null;
    const isText = isList || (key === 'values' && slot !== '');
    const source = asks
      ? makeSource({
          file,
          document,
          leaves: [],
          found: false,
          asked: { path: isText ? '' : pathOf(rest), at },
        })
      : makeSource({ file, document, leaves, found: context.found && isFound, unread });
    return [
      {
        ...target,
        slot: slot.replace(/\/(\d+)$/, '[$1]'),
        whole: false,
        values: [
          { source, rank: isList ? ranks.single : key === 'valuesObject' ? ranks.object : ranks.values },
        ],
        reach: nowhere,
      },
    ];
  });
}

function listParameters(value: TreeNode, [index = '']: readonly string[], standing: Standing): Leaf[] {
  if (index === '') return listParameterLeaves(value, '', standing);
  const name = getText(value, 'name');
  return name === null ? [] : [leafOf(name, name, value, standing)];
}

function listAt(value: TreeNode, keys: readonly string[], field: string, standing: Standing): Leaf[] {
  const path = pathOf(keys);
  if (path !== '' && value.kind === 'scalar') return [leafOf(path, field, value, standing)];
  return listLeaves(value, field, standing).map((leaf) => ({ ...leaf, path: below(path, leaf.path) }));
}

function pathOf(keys: readonly string[]): string {
  return keys
    .filter((key) => key !== '')
    .join('.')
    .replaceAll(/\.(\d+)(?=\.|$)/g, '[$1]');
}

function unescapePointer(key: string): string {
  return key.replaceAll('~1', '/').replaceAll('~0', '~');
}
