import type { Digest, ImageReference } from '../reference/index.ts';

/** The tag that a source has in the backup; null when the source is named by digest alone. */
export function plainTag(source: ImageReference): string | null {
  return source.tag ?? (source.digest === null ? 'latest' : null);
}

/** Where a registry without a referrers API lists what refers to `digest` (distribution-spec § Referrers Tag Schema). */
export function referrersTag(digest: Digest): string {
  const [algorithm = '', hex = ''] = digest.split(':');
  return `${algorithm}-${hex.slice(0, 64)}`;
}
