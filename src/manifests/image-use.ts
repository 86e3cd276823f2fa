import { type FoundImage, type FoundPart, partsOf } from './found-image.ts';
import { findCommentHold, findTextHold } from './hold.ts';
import { composeImage } from './split-image.ts';
import type { HoldReason, ImagePart, ImageParts, ImageUse, SourceFile, Workload } from './types.ts';
import type { Lines } from './yaml/lines.ts';
import type { ScalarNode, TreeNode } from './yaml/tree.ts';

/** The document that an image was found in. */
export interface UseContext {
  readonly file: SourceFile;
  readonly lines: Lines;
  /** Index of the document in its file. */
  readonly document: number;
  /** What holds every image of the document. */
  readonly hold: HoldReason | null;
  /** Values that are also used for something that is no image. */
  readonly shared: ReadonlySet<TreeNode>;
}

const nobody: Workload = { apiVersion: '', kind: '', name: null, namespace: null };

/** Places what a form found in the text, and says what holds it. */
export function makeImageUse(
  found: FoundImage,
  { file, lines, document, hold, shared }: UseContext,
): ImageUse {
  const { node, object } = found;
  const place = placeValue(found, file.text);
  const comment =
    findCommentHold(lines.restOfLine(place.comment)) ??
    findCommentHold(lines.restOfLine(found.at)) ??
    firstOf(partsOf(found), (part) => findCommentHold(lines.restOfLine(part.node?.end ?? found.at)));
  const parts = placeParts(found, file.text);
  const ignored = object?.ignored === true || comment === 'ignored' ? 'ignored' : null;
  return {
    file: file.path,
    ...lines.at(place.at),
    range: place.range,
    written: place.written,
    layer: found.layer,
    field: found.field,
    workload: object?.workload ?? nobody,
    document,
    podSpec: found.podSpec,
    hold:
      ignored ??
      hold ??
      findValueHold(found, place) ??
      (found.duplicate ? 'duplicate-key' : null) ??
      ([node, ...partsOf(found).map((part) => part.node)].some((each) => each && shared.has(each))
        ? 'shared-anchor'
        : null) ??
      found.hold ??
      comment,
    heldBy: null,
    ...(parts && { parts }),
    ...(found.container !== undefined && { container: found.container }),
  };
}

function firstOf<T, R>(items: readonly T[], find: (item: T) => R | null): R | null {
  for (const item of items) {
    const found = find(item);
    if (found !== null) return found;
  }
  return null;
}

function placeParts({ split, inside }: FoundImage, text: string): ImageParts | null {
  if (inside?.override) return { kind: 'override', ...inside.override };
  if (!split) return null;
  const place = (part: FoundPart): ImagePart => {
    const node = part.node?.kind === 'scalar' ? part.node : null;
    const range =
      node && (node.style === 'block' ? placeBlock(node, text).range : ([node.start, node.end] as const));
    return { key: part.key, range, written: part.written };
  };
  return {
    kind: 'split',
    map: split.map,
    registry: split.registry && place(split.registry),
    repository: place(split.repository),
    // A part without a key counts, and no key of this place says it.
    tag: split.tag && split.tag.key !== '' ? place(split.tag) : null,
    digest: split.digest && split.digest.key !== '' ? place(split.digest) : null,
  };
}

function findValueHold({ node }: FoundImage, { written, spansLines }: Placed): HoldReason | null {
  // `image: {{ .Values.image }}` reads as a map of a map; any other map or list is no name, either.
  if (node && node.kind !== 'scalar') return written.includes('{{') ? 'template' : 'invalid';
  if (node?.style === 'plain' && /^(?:~|null|Null|NULL)$/.test(written)) return 'empty';
  const hold = findTextHold(written);
  return spansLines && (hold === null || hold === 'invalid') ? 'multi-line' : hold;
}

interface Placed {
  /** Where people look for the value. */
  readonly at: number;
  readonly range: readonly [number, number];
  readonly written: string;
  readonly spansLines: boolean;
  /** Where a comment on the value may begin. */
  readonly comment: number;
}

function placeValue({ node, at, split, inside }: FoundImage, text: string): Placed {
  if (inside) {
    const { range, written } = inside;
    const comment = node?.kind === 'scalar' && node.style !== 'block' ? node.end : range[1];
    return { at: range[0], range, written, spansLines: false, comment };
  }
  if (split && node) {
    const spansLines = text.slice(node.start, node.end).includes('\n');
    return {
      at: node.start,
      range: [node.start, node.end],
      written: composeImage(split),
      spansLines,
      comment: node.end,
    };
  }
  if (!node) {
    const colon = text.indexOf(':', at);
    const end = colon === -1 ? at : colon + 1;
    return { at: end, range: [end, end], written: '', spansLines: false, comment: end };
  }
  const range = [node.start, node.end] as const;
  if (node.kind !== 'scalar') {
    const written = text.slice(node.start, node.end).trim();
    return { at: node.start, range, written, spansLines: false, comment: node.end };
  }
  if (node.style === 'block') return placeBlock(node, text);
  const spansLines = text.slice(node.start, node.end).includes('\n');
  return { at: node.start, range, written: node.value, spansLines, comment: node.end };
}

/** A block scalar with one line of text is edited in that line; its header may carry a comment. */
function placeBlock(node: ScalarNode, text: string): Placed {
  const body = text.indexOf('\n', node.start) + 1;
  const written = node.value.trim();
  const start = body + text.slice(body, node.end).search(/\S/);
  const end = start + written.length;
  if (body === 0 || start < body || text.slice(start, end) !== written || written.includes('\n')) {
    const at = Math.max(node.start, start);
    return { at, range: [node.start, node.end], written, spansLines: true, comment: node.start };
  }
  return { at: start, range: [start, end], written, spansLines: false, comment: node.start };
}
