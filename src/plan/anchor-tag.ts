import type { Digest } from '../reference/index.ts';

const longestTag = 128;
const shortHex = 12;

/**
 * The tag that keeps one digest from a registry's clean-up of untagged manifests, and that never moves:
 * `1.25-0a1b2c3d4e5f`, or `digest-0a1b2c3d4e5f` for a source without a tag. Never more than 128 characters, and never
 * named like the fallback tags of referrers (`sha256-…`, distribution-spec § Referrers Tag Schema).
 */
export function anchorTag(tag: string | null, digest: Digest): string {
  const hex = digest.slice(digest.indexOf(':') + 1, digest.indexOf(':') + 1 + shortHex);
  const stem = tag === null ? 'digest' : /^sha(?:256|512)-/i.test(tag) ? `tag-${tag}` : tag;
  return `${stem.slice(0, longestTag - shortHex - 1)}-${hex}`;
}
