import { type Document, isMap, isSeq, type Node, type YAMLMap } from 'yaml';
import { refuse, type Splice, type Spliced } from './splice.ts';
import { type Fragment, flowStyleOf } from './splice-fragment.ts';
import { appendItems } from './splice-item.ts';
import { insertKey } from './splice-key.ts';
import { locateNode, pairsOf } from './splice-locate.ts';

/** A key that a map gets, or an item that the list under a key gets; the list is made where it is missing. */
export type Addition = AddedKey | AddedItem | AddedSwitch;

export interface AddedKey {
  readonly kind: 'key';
  readonly map: string;
  readonly key: string;
  readonly value: string;
  /** Keys beside which it may stand, best first. */
  readonly after: readonly string[];
}

export interface AddedItem {
  readonly kind: 'item';
  readonly list: string;
  readonly item: Readonly<Record<string, string>>;
}

/** Keys, each below the one before, of which the last one says `true`; above the others of a map. */
export interface AddedSwitch {
  readonly kind: 'switch';
  readonly map: string;
  readonly keys: readonly string[];
}

/** What the additions of a document change, and the leaves that it has then. */
export interface AdditionEdit {
  readonly splices: readonly Splice[];
  readonly added: readonly { readonly target: Node; readonly below: string; readonly value: string }[];
  /** An empty list that is one no more. */
  readonly filled: readonly Node[];
}

type Refusal = Extract<Spliced, { ok: false }>;

export function planAdditions(
  source: string,
  document: Document.Parsed,
  additions: readonly Addition[],
): AdditionEdit | Refusal {
  const splices: Splice[] = [];
  const added: { target: Node; below: string; value: string }[] = [];
  const filled: Node[] = [];
  for (const addition of additions) {
    if (addition.kind === 'item') continue;
    const isKey = addition.kind === 'key';
    const spliced = isKey ? addKey(source, document, addition) : addSwitch(source, document, addition);
    if (!spliced.ok) return spliced;
    splices.push(...(isKey ? spliced.splices.map((s) => ({ ...s, map: addition.map })) : spliced.splices));
    const below = isKey ? `/${addition.key}` : `/${addition.keys.join('/')}`;
    added.push({ target: spliced.map, below, value: isKey ? addition.value : 'true' });
  }
  const items = additions.filter((addition) => addition.kind === 'item');
  for (const key of new Set(items.map(({ list }) => list))) {
    const own = items.filter(({ list }) => list === key).map(({ item }) => item);
    const edit = addItems(source, document, key, own);
    if (!edit.ok) return edit;
    splices.push(...edit.splices);
    if (edit.had === 0 && !edit.created) filled.push(edit.target);
    own.forEach((item, index) => {
      for (const [name, value] of Object.entries(item)) {
        const below = `${edit.created ? `/${key}` : ''}/${edit.had + index}/${name}`;
        added.push({ target: edit.target, below, value });
      }
    });
  }
  return { splices, added, filled };
}

type KeyEdit = Refusal | { readonly ok: true; readonly splices: readonly Splice[]; readonly map: Node };

function addSwitch(source: string, document: Document.Parsed, { map: path, keys }: AddedSwitch): KeyEdit {
  const map = locateNode(document, path)?.node;
  const beside = isMap<Node, Node | null>(map) ? map.items[0] : undefined;
  if (!isMap<Node, Node | null>(map) || !beside) return refuse(0, `nothing stands at ${path}`);
  const [first = '', ...rest] = keys;
  const value = rest.reduceRight<Fragment>((below, key) => ({ [key]: below }), true);
  const spliced = insertKey(source, map, { before: beside }, first, value);
  return spliced.ok ? { ...spliced, map } : spliced;
}

function addKey(
  source: string,
  document: Document.Parsed,
  { map: path, key, value, after }: AddedKey,
): KeyEdit {
  const found = locateNode(document, path);
  if (!found || !isMap<Node, Node | null>(found.node)) return refuse(0, `nothing stands at ${path}`);
  const map = found.node;
  if (pairsOf(map, key).length > 0) return refuse(map.range?.[0] ?? 0, `${key} is there already`);
  const beside = after.flatMap((name) => pairsOf(map, name).slice(-1))[0];
  if (!beside) return refuse(map.range?.[0] ?? 0, `no key beside which ${key} could stand`);
  const spliced = insertKey(source, map, { after: beside }, key, value);
  return spliced.ok ? { ...spliced, map } : spliced;
}

type ItemEdit =
  | Refusal
  | {
      readonly ok: true;
      readonly splices: readonly Splice[];
      readonly target: Node;
      readonly created: boolean;
      readonly had: number;
    };

/** The list is a key of the document's own map. */
function addItems(
  source: string,
  document: Document.Parsed,
  key: string,
  items: readonly Fragment[],
): ItemEdit {
  const root = document.contents as Node | null;
  if (!isMap<Node, Node | null>(root)) return refuse(0, 'the document is no map');
  const [pair] = pairsOf(root, key);
  if (!pair) return createList(source, root, key, items);
  if (!isSeq<Node | null>(pair.value)) return refuse(pair.key.range?.[0] ?? 0, `${key} is not a list`);
  const list = pair.value;
  const spliced = appendItems(source, list, items, flowStyleOf(source, root, pair));
  return spliced.ok ? { ...spliced, target: list, created: false, had: list.items.length } : spliced;
}

function createList(
  source: string,
  root: YAMLMap<Node, Node | null>,
  key: string,
  items: readonly Fragment[],
): ItemEdit {
  const last = root.items.at(-1);
  if (!last) return refuse(0, 'the document is empty');
  const spliced = insertKey(source, root, { after: last }, key, items);
  return spliced.ok ? { ...spliced, target: root, created: true, had: 0 } : spliced;
}
