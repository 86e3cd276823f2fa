import { findNames } from '../find-other-images.ts';
import type { Form, FormContext, FoundImage, FoundInside, TextPiece } from '../found-image.ts';
import { groupBy } from '../group-by.ts';
import { findValuesImages } from '../helm/values-image.ts';
import { findTextHold } from '../hold.ts';
import type { ImageRule } from '../types.ts';
import { getText, getValue, hasKey, type MapNode, type ScalarNode, type TreeNode } from '../yaml/tree.ts';
import { joinPath, type KubernetesObject } from '../yaml/walk.ts';
import { builtInRules } from './image-rules.ts';
import { saysImage } from './says-image.ts';

/** Image fields of custom resources, by the built-in rules and those of the user. */
export const findCustomImages: Form = (map, { object }, context) => {
  if (object?.node !== map) return [];
  const own = rulesByKind(context).get(object.workload.kind) ?? [];
  const rules = own.filter((rule) => isOfVersion(rule.apiVersion, object.workload.apiVersion));
  return rules.flatMap((rule) => findByRule(map, object, rule, rules, context));
};

export function mayHoldCustom({ text, kinds }: TextPiece, context: FormContext): boolean {
  const rules = rulesByKind(context);
  return [...kinds].some(
    (kind) => rules.get(kind)?.some(({ field }) => text.includes(lastKeyOf(field))) === true,
  );
}

const known = new WeakMap<readonly ImageRule[], ReadonlyMap<string, readonly ImageRule[]>>();

function rulesByKind({ rules }: FormContext): ReadonlyMap<string, readonly ImageRule[]> {
  const made = known.get(rules);
  if (made) return made;
  const kinds = groupBy([...builtInRules, ...rules], ({ kind }) => kind);
  known.set(rules, kinds);
  return kinds;
}

/** `example.com/*` is every version of a group. */
export function isOfVersion(rule: string, apiVersion: string): boolean {
  return rule.endsWith('/*') ? apiVersion.startsWith(rule.slice(0, -1)) : rule === apiVersion;
}

/** A value that the field of a rule leads to. */
interface Reached {
  readonly node: TreeNode | null;
  readonly at: number;
  readonly path: string;
  /** The map that holds it. */
  readonly map: MapNode | null;
  readonly duplicate: boolean;
  /** What the value is called, where that stands beside it: the flag before an argument, the name of a variable. */
  readonly called?: string;
}

function findByRule(
  map: MapNode,
  object: KubernetesObject,
  rule: ImageRule,
  rules: readonly ImageRule[],
  { file }: FormContext,
): FoundImage[] {
  if (rule.format === 'tag') return [];
  const start: Reached = { node: map, at: map.start, path: object.path, map: null, duplicate: false };
  return reach(start, parseField(rule.field)).flatMap((reached): FoundImage[] => {
    const { node, at, path, duplicate } = reached;
    const base = { layer: 'custom', field: path, podSpec: null, object, node, at, duplicate } as const;
    if (rule.format === 'map') return node?.kind === 'map' ? findInMap(node, path, object) : [];
    if (rule.format === 'repository') return [{ ...base, ...splitOf(reached, rule, rules) }];
    if (node?.kind !== 'scalar') return [base];
    return readText(node, file.text, isOneOfMany(rule), reached.called).map((inside) => {
      if (!inside) return base;
      const { range, written } = inside;
      const escaped = range[1] - range[0] !== written.length;
      return { ...base, inside, ...(escaped && { hold: 'quoted-text' as const }) };
    });
  });
}

/**
 * What a scalar says of images: null for one that is a reference as a whole. After `--image=` stands one; in text that
 * is none, each reference with a registry and a tag is one. Of arguments and environment, whose other values are no
 * images, only those count that look like one.
 */
function readText(
  node: ScalarNode,
  source: string,
  oneOfMany: boolean,
  called = '',
): readonly (FoundInside | null)[] {
  const value = node.value.trim();
  const equals = /^-{0,2}[\w.-]+=/.exec(value)?.[0] ?? '';
  const written = value.slice(equals.length);
  if (/\s/.test(written) || findTextHold(written) === 'invalid') {
    const names = findNames(node, source);
    if (names.length > 0 || oneOfMany || written.includes('\n')) return names;
  }
  if (oneOfMany && !saysImage(written, equals === '' ? called : equals)) return [];
  if (equals === '') return [null];
  const from = source.indexOf(value, node.start);
  if (from === -1 || from + value.length > node.end) return [null];
  return [{ range: [from + equals.length, from + value.length], written }];
}

const lists: ReadonlySet<string | null> = new Set(['args', 'command', 'env']);

/** Whether a rule asks for every argument or variable that there is. */
function isOneOfMany({ field }: ImageRule): boolean {
  const steps = parseField(field);
  return steps.some((step, index) => {
    const next = steps[index + 1];
    return lists.has(step) && (next === null || next === '*');
  });
}

/** The tag beside a repository is what another rule of the same map says. */
function splitOf(
  { node, map, path }: Reached,
  rule: ImageRule,
  rules: readonly ImageRule[],
): Pick<FoundImage, 'split' | 'hold'> {
  const [parent, key] = splitField(rule.field);
  const other = rules.find(({ format, field }) => format === 'tag' && splitField(field)[0] === parent);
  const tagKey = other ? splitField(other.field)[1] : null;
  const tag = tagKey === null ? null : getValue(map, tagKey);
  const written = node?.kind === 'scalar' ? node.value.trim() : '';
  const text = tag?.kind === 'scalar' ? tag.value.trim() : '';
  return {
    split: {
      map: path.slice(0, -key.length - 1),
      registry: null,
      repository: { key, node, written },
      tag: tagKey !== null && tag ? { key: tagKey, node: tag, written: text } : null,
      digest: null,
    },
    ...(text === '' ? { hold: 'unknown-tag' as const } : {}),
  };
}

function splitField(field: string): readonly [parent: string, key: string] {
  const dot = field.lastIndexOf('.');
  return [field.slice(0, Math.max(0, dot)), field.slice(dot + 1)];
}

function findInMap(node: MapNode, path: string, object: KubernetesObject): FoundImage[] {
  const spot = { parent: null, key: null, object, duplicate: false, aliased: false };
  const place = {
    layer: 'custom' as const,
    object,
    root: path,
    registryIsGlobal: false,
    registryIsAround: () => false,
    variantIsGlobal: false,
    defaultTag: () => null,
    addsText: () => false,
  };
  return findValuesImages(node, spot, place);
}

const steps = new Map<string, readonly (string | null)[]>();

/** `spec.steps[].image`, `spec.steps[*].image`, `spec.images.*`, `metadata.annotations["example.com/image"]`. */
export function parseField(field: string): readonly (string | null)[] {
  const parsed = steps.get(field);
  if (parsed) return parsed;
  const found = [...field.matchAll(/\[["']([^"']*)["']\]|\[\*?\]|([^.[\]]+)/g)].map(
    (match) => match[1] ?? match[2] ?? null,
  );
  steps.set(field, found);
  return found;
}

/** The key that a rule's field ends with: a text without it holds none of its images. */
export function lastKeyOf(field: string): string {
  return parseField(field).findLast((step) => step !== null && step !== '*') ?? '';
}

/** A null step is each item of a list, `*` each value of a map, and text in a list each item that begins with it. */
function reach(from: Reached, steps: readonly (string | null)[], depth = 0): readonly Reached[] {
  const key = steps[depth];
  if (key === undefined) return [from];
  const { node, path, duplicate, at } = from;
  const next = steps[depth + 1];
  if (node?.kind === 'list')
    return node.items.flatMap(({ value }, index) => {
      if (key !== null && !(value?.kind === 'scalar' && value.value.startsWith(key))) return [];
      if (!leadsOn(value, next)) return [];
      const item = { node: value, at: value?.start ?? at, path: `${path}[${index}]`, map: null, duplicate };
      const before = node.items[index - 1]?.value;
      const called = before?.kind === 'scalar' && /^-[^=]*$/.test(before.value) ? before.value : '';
      return reach({ ...item, called }, steps, depth + 1);
    });
  if (node?.kind !== 'map' || !leadsOn(node, key)) return [];
  const isStep = (pair: { readonly key: string }) => key === '*' || pair.key === key;
  const own = node.pairs.filter(isStep);
  return (own.length > 0 ? own : node.merged.filter(isStep)).flatMap((pair) => {
    if (!leadsOn(pair.value, next)) return [];
    const called = pair.key === 'value' ? (getText(node, 'name') ?? '') : '';
    const below = { node: pair.value, at: pair.at, path: joinPath(path, pair.key), map: node, called };
    const twice = own.filter((other) => other.key === pair.key).length > 1;
    return reach({ ...below, duplicate: duplicate || twice }, steps, depth + 1);
  });
}

/** Whether anything may be found at a step: mostly nothing is, and then its path is not spelled. */
function leadsOn(node: TreeNode | null, step: string | null | undefined): boolean {
  if (step === undefined || node?.kind === 'list') return true;
  return node?.kind === 'map' && step !== null && (step === '*' || hasKey(node, step));
}
