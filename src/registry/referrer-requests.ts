import type { Digest } from '../reference/index.ts';
import { readDigest } from './digest-of.ts';
import { parseJsonObject } from './docker-config.ts';
import { getManifest, type ManifestTarget } from './manifest-requests.ts';
import { getPages } from './page-requests.ts';
import type { Descriptor } from './types.ts';

/** What registries without the API answer to it; go-containerregistry (pkg/v1/remote/referrers.go) has seen the same. */
const withoutApi = [400, 404, 405, 406];
const indexType = 'application/vnd.oci.image.index.v1+json';

/**
 * distribution-spec § Listing Referrers: the API, or where that is a 404 the index under the fallback tag
 * (§ Referrers Tag Schema). Sorted by digest, each once.
 */
export async function listReferrers(
  target: ManifestTarget,
  digest: Digest,
  hasApi: boolean,
): Promise<readonly Descriptor[]> {
  const path = `/v2/${target.repository}/referrers/${digest}`;
  const pages = hasApi ? await getPages(target, path, indexType, withoutApi) : null;
  const isIndex = pages?.every(({ manifests }) => Array.isArray(manifests)) === true;
  const found = isIndex ? pages : [await getFallback(target, digest)];
  const byDigest = new Map<string, Descriptor>();
  for (const page of found)
    for (const descriptor of readDescriptors(page?.manifests)) byDigest.set(descriptor.digest, descriptor);
  return [...byDigest.values()].toSorted((a, b) => (a.digest < b.digest ? -1 : 1));
}

async function getFallback(target: ManifestTarget, digest: Digest) {
  const manifest = await getManifest(target, digest.replace(':', '-').slice(0, 128));
  return manifest === null ? null : parseJsonObject(manifest.bytes.toString('utf8'));
}

/** Those that have what copying needs; a foreign answer may hold anything. */
function readDescriptors(value: unknown): readonly Descriptor[] {
  if (!Array.isArray(value)) return [];
  return value.flatMap((entry: unknown) => {
    if (typeof entry !== 'object' || entry === null) return [];
    const { mediaType, size, artifactType, annotations, digest: text } = entry as Record<string, unknown>;
    const digest = readDigest(text);
    if (digest === null || typeof mediaType !== 'string' || !Number.isSafeInteger(size)) return [];
    return [
      {
        mediaType,
        digest,
        size: size as number,
        ...(typeof artifactType === 'string' ? { artifactType } : {}),
        ...(isStringRecord(annotations) ? { annotations } : {}),
      },
    ];
  });
}

function isStringRecord(value: unknown): value is Record<string, string> {
  return (
    typeof value === 'object' &&
    value !== null &&
    Object.values(value).every((text) => typeof text === 'string')
  );
}
