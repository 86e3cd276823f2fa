import type { Digest, ImageReference } from '../reference/index.ts';

const longestTag = 128;

/** The tag that a source has in the backup; null when the source is named by digest alone. */
export function plainTag(source: ImageReference): string | null {
  return source.tag ?? (source.digest === null ? 'latest' : null);
}

/**
 * The tag that every copied digest gets, so that no clean-up of untagged manifests takes it: `1.25-<12 hex>`, or
 * `digest-<12 hex>`. Never `sha256-…`, which is the referrers fallback (distribution-spec § Referrers Tag Schema).
 */
export function anchorTag(plain: string | null, digest: Digest): string {
  const suffix = `-${hexOf(digest).slice(0, 12)}`;
  const stem = plain === null ? 'digest' : /^sha(?:256|512)-/i.test(plain) ? `tag-${plain}` : plain;
  return stem.slice(0, longestTag - suffix.length) + suffix;
}

/** Where manifests that refer to `digest` are listed by a registry without a referrers API. */
export function referrersTag(digest: Digest): string {
  const [algorithm = ''] = digest.split(':');
  return `${algorithm}-${hexOf(digest).slice(0, 64)}`;
}

function hexOf(digest: Digest): string {
  return digest.slice(digest.indexOf(':') + 1);
}
