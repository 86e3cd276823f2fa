/** What a path of the distribution specification asks for. */
export type Route =
  | { readonly kind: 'base' }
  | { readonly kind: 'token' }
  | { readonly kind: 'manifest'; readonly name: string; readonly tagOrDigest: string }
  | { readonly kind: 'blob'; readonly name: string; readonly digest: string }
  | { readonly kind: 'uploads'; readonly name: string }
  | { readonly kind: 'upload'; readonly name: string; readonly id: string }
  | { readonly kind: 'tags'; readonly name: string }
  | { readonly kind: 'referrers'; readonly name: string; readonly digest: string };

/** Null for a path that no end point has. Names are not checked here: `isRepositoryName` does. */
export function parseRoute(path: string): Route | null {
  if (path === '/v2/' || path === '/v2') return { kind: 'base' };
  if (path === '/token') return { kind: 'token' };
  const found =
    /^\/v2\/(?<name>.+)\/(?:(?<list>tags\/list)|(?<kind>manifests|referrers|blobs\/uploads|blobs)\/(?<last>[^/]*))$/.exec(
      path,
    )?.groups;
  if (!found) return null;
  const name = decode(found['name'] ?? '');
  const last = decode(found['last'] ?? '');
  if (found['list']) return { kind: 'tags', name };
  switch (found['kind']) {
    case 'manifests':
      return { kind: 'manifest', name, tagOrDigest: last };
    case 'referrers':
      return { kind: 'referrers', name, digest: last };
    case 'blobs/uploads':
      return last === '' ? { kind: 'uploads', name } : { kind: 'upload', name, id: last };
    default:
      return { kind: 'blob', name, digest: last };
  }
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** distribution-spec § Pulling manifests. */
export function isRepositoryName(name: string): boolean {
  return (
    name.length <= 255 &&
    /^[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*(?:\/[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*)*$/.test(name)
  );
}

export function isTag(text: string): boolean {
  return /^[a-zA-Z0-9_][a-zA-Z0-9._-]{0,127}$/.test(text);
}

/**
 * This room checks digests by itself, so that a mistake in the client's own parser cannot hide in the registry that
 * it is tested against.
 */
export function isDigest(text: string): boolean {
  return /^(?:sha256:[a-f0-9]{64}|sha512:[a-f0-9]{128})$/.test(text);
}
