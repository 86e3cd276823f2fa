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
 * Where a registry was seen to have no referrers API. Learned by the first segment of a repository's name, as one
 * host may serve registries of several kinds (Artifactory's repository keys, Nexus).
 */
export class ReferrersApi {
  readonly #isKnown: boolean;
  readonly #absent = new Set<string>();

  constructor(isKnown: boolean) {
    this.#isKnown = isKnown;
  }

  mayHave(repository: string): boolean {
    return this.#isKnown && !this.#absent.has(firstSegment(repository));
  }

  markAbsent(repository: string): void {
    this.#absent.add(firstSegment(repository));
  }
}

function firstSegment(repository: string): string {
  return repository.split('/', 1)[0] ?? repository;
}

/**
 * distribution-spec § Listing Referrers: the API, or where that is a 404 the index under the fallback tag
 * (§ Referrers Tag Schema), unless that is not among the `tags` that are known. Sorted by digest, each once.
 */
export async function listReferrers(
  target: ManifestTarget,
  digest: Digest,
  api: ReferrersApi,
  tags: ReadonlySet<string> | null,
): Promise<readonly Descriptor[]> {
  const path = `/v2/${target.repository}/referrers/${digest}`;
  const mayHave = api.mayHave(target.repository);
  const pages = mayHave ? await getPages(target, path, indexType, withoutApi) : null;
  if (mayHave && pages === null) api.markAbsent(target.repository);
  const isIndex = pages?.every(({ manifests }) => Array.isArray(manifests)) === true;
  const found = isIndex ? pages : [await getFallback(target, digest, tags)];
  const byDigest = new Map<string, Descriptor>();
  for (const page of found)
    for (const descriptor of readDescriptors(page?.manifests)) byDigest.set(descriptor.digest, descriptor);
  return [...byDigest.values()].toSorted((a, b) => (a.digest < b.digest ? -1 : 1));
}

async function getFallback(target: ManifestTarget, digest: Digest, tags: ReadonlySet<string> | null) {
  const tag = digest.replace(':', '-').slice(0, 128);
  if (tags?.has(tag) === false) return null;
  const manifest = await getManifest(target, tag);
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
