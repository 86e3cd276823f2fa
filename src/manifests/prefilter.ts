import type { TextPiece } from './found-image.ts';

/**
 * True when a text may hold the image of a pod spec. Such an image stands in an
 * object that says its kind, in a list under `containers`, `initContainers` or `ephemeralContainers`, or as the
 * `reference` of an `image` in `volumes`.
 */
export function mayHoldPod({ text }: TextPiece): boolean {
  if (!text.includes('image')) return false;
  if (!hasContainerList(text) && !(text.includes('reference') && text.includes('volumes'))) return false;
  return text.includes('apiVersion') && text.includes('kind');
}

/**
 * True when a text names an image in an object whose Pods run one, and has no list of containers for it. What is
 * filled in first is no YAML by intention.
 */
export function mayBeBrokenPod({ text, kinds }: TextPiece): boolean {
  if (!podKinds.some((kind) => kinds.has(kind)) || !text.includes('image')) return false;
  if (hasContainerList(text) || text.includes('{{')) return false;
  return /image["']?[ \t]*:[ \t]*[^\s#{]/.test(text);
}

const podKinds = ['Pod', 'Deployment', 'StatefulSet', 'DaemonSet', 'Job', 'CronJob', 'ReplicaSet'];

/** A key that ends in `ontainers` whose value may be a list: not what begins like a map or a scalar. */
function hasContainerList(text: string): boolean {
  for (let at = text.indexOf('ontainers'); at !== -1; at = text.indexOf('ontainers', at + 9)) {
    beforeValue.lastIndex = at + 9;
    if (beforeValue.test(text)) return true;
  }
  return false;
}

/** A colon, and then the start of a list, an alias, an anchor, a tag, or a comment. */
const beforeValue = /["']?\s*:\s*[-[*&!#]/y;

/**
 * A CustomResourceDefinition of its own, by its first lines of column 0; the walk knows those inside a List. In a
 * flow map, whose lines may begin anywhere, a comma or a bracket comes before the next key.
 */
export function isCustomResourceDefinition(text: string): boolean {
  const found = /^kind:[ \t]*(['"]?)CustomResourceDefinition\1(?![^\s#])(?:\s|#.*)*/m.exec(text);
  return found !== null && !/[,\]}]/.test(text[found.index + found[0].length] ?? '');
}
