import { type Digest, type ImageReference, parseDigest, parseImageReference } from '../reference/index.ts';

/**
 * What a node says that a container runs. `manifest`: the digest of an index or of one platform's manifest, in the
 * repository that it was pulled from. `config`: the digest of a config, which no registry can be asked for.
 */
export type RunningId =
  | { readonly kind: 'manifest'; readonly digest: Digest; readonly pulledFrom: ImageReference }
  | { readonly kind: 'config'; readonly digest: Digest };

/**
 * Reads `imageID` of a container's status: `docker-pullable://nginx@sha256:…` and `docker://sha256:…` of dockershim,
 * `docker.io/library/nginx@sha256:…` and `sha256:…` of containerd and CRI-O. Null for anything else.
 */
export function parseImageId(text: string): RunningId | null {
  const id = text.replace(/^(?:docker-pullable|docker|containerd|cri-o):\/\//, '');
  const bare = parseDigest(/^[a-f0-9]{64}$/.test(id) ? `sha256:${id}` : id);
  if (bare.ok) return { kind: 'config', digest: bare.value };
  const named = parseImageReference(id);
  if (!named.ok || named.value.digest === null) return null;
  return { kind: 'manifest', digest: named.value.digest, pulledFrom: named.value };
}

/** The digests that nodes name, each with the number of containers that run it. */
export function digestsOf(
  running: ReadonlyMap<string, number>,
): ReadonlyMap<Digest, { readonly count: number; readonly isConfig: boolean }> {
  const digests = new Map<Digest, { count: number; isConfig: boolean }>();
  for (const [text, count] of running) {
    const id = parseImageId(text);
    if (id === null) continue;
    const known = digests.get(id.digest);
    digests.set(id.digest, { count: count + (known?.count ?? 0), isConfig: id.kind === 'config' });
  }
  return digests;
}
