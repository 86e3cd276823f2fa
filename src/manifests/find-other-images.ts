import type { Form, FoundImage, FoundInside, TextPiece } from './found-image.ts';
import type { MapNode, ScalarNode, TreeNode } from './yaml/tree.ts';
import { formatPath, joinPath, type KubernetesObject, type Spot } from './yaml/walk.ts';

/**
 * References in arguments, environment, annotations and the text of ConfigMaps. Nothing says that they are images
 * but their look, so they are listed, and edited only by a rule.
 */
export const findOtherImages: Form = (map, spot, context) => {
  const { object } = spot;
  if (object === null) return [];
  return listTexts(map, spot, object).flatMap(({ node, field, at }) =>
    findNames(node, context.file.text).map(
      (inside): FoundImage => ({
        layer: 'other',
        field,
        podSpec: null,
        object,
        node,
        at,
        duplicate: false,
        inside,
        hold: 'reported-only',
      }),
    ),
  );
};

export function mayHoldOther({ text }: TextPiece): boolean {
  if (!/\b(?:args|command|env|annotations|data)\b/.test(text)) return false;
  for (const { index } of text.matchAll(midst)) {
    let start = index;
    while (/[a-z0-9.-]/.test(text[start - 1] ?? '')) start--;
    nameHere.lastIndex = start;
    if (nameHere.test(text)) return true;
  }
  return false;
}

/** What every `name` has in its midst: to look for a sign that is seldom is much faster. Bounded, for long paths. */
const midst = /\.[a-z]{2,}(?::\d{2,5})?\/[a-z0-9][a-z0-9._/-]{0,255}[:@]/g;

/** A registry with a dot, a path, and a tag or a digest: less is a host and a port, or a path. */
const name =
  /(?<![\w./:@%$}-])(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.)+[a-z]{2,}(?::\d{2,5})?(?:\/[a-z0-9]+(?:[._-]+[a-z0-9]+)*)+(?::[A-Za-z0-9_][\w.-]{0,127}(?:@sha256:[0-9a-f]{64})?|@sha256:[0-9a-f]{64})(?![\w/:{$])/g;
const nameHere = new RegExp(name.source, 'y');

/** References in the text of a scalar, each as often as it stands there; what is escaped has the place of the whole. */
export function findNames(node: ScalarNode, source: string): readonly FoundInside[] {
  // A name stands on one line, so that the text of a block need not be read as YAML does.
  const text = node.style === 'block' ? source.slice(node.start, node.end) : node.value;
  let from = node.start;
  return listNames(text).map((written) => {
    const start = source.indexOf(written, from);
    if (start === -1 || start + written.length > node.end) return { range: [node.start, node.end], written };
    from = start + written.length;
    return { range: [start, from], written };
  });
}

/** In their order, each as often as it stands there. */
export function listNames(text: string): readonly string[] {
  if (!text.includes('/')) return [];
  return [...text.matchAll(name)].flatMap(([found]) => (isFalseFriend(found) ? [] : found));
}

/** Labels and taints of Kubernetes (`node.cilium.io/agent-not-ready:NoExecute`), and places of code. */
export function isFalseFriend(written: string): boolean {
  return falseFriend.test(written);
}

const falseFriend =
  /^(?:[a-z0-9.-]+\.)?kubernetes\.io\/|^(?:github\.com|gitlab\.com|bitbucket\.org)\/|:(?:Prefer)?No(?:Schedule|Execute)$/;

interface Text {
  readonly node: ScalarNode;
  readonly field: string;
  readonly at: number;
}

function listTexts(map: MapNode, spot: Spot, object: KubernetesObject): Text[] {
  const all = isTextMap(map, spot, object);
  return map.pairs.flatMap(({ key, value, at, alias }): Text[] => {
    if (alias || value === null) return [];
    if (value.kind === 'list' && (key === 'args' || key === 'command')) {
      const field = joinPath(formatPath(spot), key);
      return value.items.flatMap((item, index) => placeOf(item.value, `${field}[${index}]`, at));
    }
    if (!all && !(key === 'value' && isEnvironment(spot))) return [];
    if (key.startsWith('argocd-image-updater.') || key.endsWith('/last-applied-configuration')) return [];
    return placeOf(value, joinPath(formatPath(spot), key), at);
  });
}

function placeOf(node: TreeNode | null, field: string, at: number): Text[] {
  return node?.kind === 'scalar' ? [{ node, field, at }] : [];
}

/** Every value is text that means something elsewhere. */
function isTextMap(map: MapNode, spot: Spot, object: KubernetesObject): boolean {
  if (map === object.node) return false;
  if (spot.key === 'annotations') return spot.parent?.key === 'metadata';
  return (
    spot.key === 'data' && object.workload.kind === 'ConfigMap' && spot.parent?.object?.node === object.node
  );
}

function isEnvironment(spot: Spot): boolean {
  return spot.parent?.key === 'env';
}
