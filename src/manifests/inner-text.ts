import { openBlockText } from './edit/splice-block-text.ts';
import type { FoundImage, FoundInside } from './found-image.ts';
import { composeImage } from './split-image.ts';
import type { HoldReason } from './types.ts';
import { splitDocuments } from './yaml/documents.ts';
import { readDocument } from './yaml/read-document.ts';
import type { ScalarNode, TreeNode } from './yaml/tree.ts';

/** A document that stands as text in a scalar, and what is found in it as it is found in the file. */
export interface InnerDocument {
  readonly root: TreeNode;
  /** A value of the text with its place in the file; null where it has none of its own. */
  readonly place: (inner: TreeNode) => TreeNode | null;
  readonly lift: (found: FoundImage, field: string) => FoundImage;
}

/**
 * The documents in the text of a scalar. In a literal block every value has a place in the file, and can be edited
 * there; what stands in folded or quoted text, where lines are not lines, is found and held. `clean` may put blanks in
 * place of what is no YAML.
 */
export function openInnerText(
  source: string,
  node: ScalarNode,
  clean: (text: string) => string = (text) => text,
): InnerDocument[] {
  const block = openBlockText(source, [node.start, node.end]);
  const text = clean(block.ok ? block.text : node.value);
  return splitDocuments(text).flatMap((part) => {
    const { root, problem } = readDocument(part);
    if (!root || problem) return [];
    const place = (inner: TreeNode): TreeNode | null => {
      if (!block.ok || inner.kind !== 'scalar' || inner.style === 'block') return null;
      const [outer] = block.toOuter([{ start: inner.start, end: inner.end, text: '' }]);
      return outer ? { ...inner, start: outer.start, end: outer.end } : null;
    };
    return [
      { root, place, lift: (found: FoundImage, field: string) => lift(found, field, node, place, block.ok) },
    ];
  });
}

function lift(
  found: FoundImage,
  field: string,
  outer: ScalarNode,
  place: (inner: TreeNode) => TreeNode | null,
  literal: boolean,
): FoundImage {
  const reason = literal ? 'multi-line' : 'quoted-text';
  const lifted = { ...found, field: `${field}.${found.field}`, podSpec: null, at: outer.start };
  const { split, node } = found;
  if (split) {
    const parts = [split.registry, split.repository, split.tag, split.digest];
    const placed = parts.map((part) => (part?.node ? { ...part, node: place(part.node) } : part));
    const [registry = null, repository, tag = null, digest = null] = placed;
    const whole = placed.every((part, index) => !parts[index]?.node || part?.node);
    const own = node && place(node);
    if (!whole || !repository || !own) return hold(lifted, outer, composeImage(split), reason);
    // Keys are only added to documents of the file itself.
    const known = (part: typeof tag) => (part?.node || part?.written ? part : null);
    return {
      ...lifted,
      node: own,
      split: { map: `${field}.${split.map}`, registry, repository, tag: known(tag), digest: known(digest) },
    };
  }
  const own = node && place(node);
  if (!own || !node) return hold(lifted, outer, found.inside?.written ?? composeWritten(found), reason);
  return {
    ...lifted,
    node: own,
    at: own.start,
    ...(found.inside && move(found.inside, own.start - node.start)),
  };
}

/** Reasons that count more than how the text is written. */
const ofOthers: ReadonlySet<HoldReason> = new Set(['tested', 'reported-only']);

function move({ range: [start, end], ...inside }: FoundInside, by: number): { readonly inside: FoundInside } {
  return { inside: { ...inside, range: [start + by, end + by] } };
}

function composeWritten({ node }: FoundImage): string {
  return node?.kind === 'scalar' ? node.value : '';
}

function hold(found: FoundImage, outer: ScalarNode, written: string, reason: HoldReason): FoundImage {
  const { split: _, ...rest } = found;
  return {
    ...rest,
    node: outer,
    inside: { range: [outer.start, outer.end], written },
    hold: found.hold !== undefined && ofOthers.has(found.hold) ? found.hold : reason,
  };
}
