import type { Digest } from '../reference/index.ts';
import type { Registry } from '../registry/index.ts';
import type { ManifestFacts } from './contents.ts';
import { codeOf } from './failure.ts';
import { type Origin, originOf } from './platforms.ts';

/** What a tag of the backup names. `origin` is known only where the manifest was fetched. */
export interface Found extends ManifestFacts {
  readonly digest: Digest;
  readonly origin: Origin | null;
}

/**
 * One HEAD. GitLab and Harbor may answer 403 for what is not there: that counts as absent, as the push will say what is
 * wrong.
 */
export function lookUp(
  registry: Registry,
  repository: string,
  tagOrDigest: string,
  signal?: AbortSignal,
): Promise<Found | null> {
  return absentWhenDenied(async () => {
    const head = await registry.headManifest(repository, tagOrDigest, signal);
    return head === null ? null : { ...head, origin: null };
  });
}

/** One GET, for what an index says of its origin. */
export function lookUpOrigin(
  registry: Registry,
  repository: string,
  tagOrDigest: string,
  signal?: AbortSignal,
): Promise<Found | null> {
  return absentWhenDenied(async () => {
    const raw = await registry.getManifest(repository, tagOrDigest, signal);
    if (raw === null) return null;
    const { digest, mediaType, bytes } = raw;
    return { digest, mediaType, size: bytes.length, origin: originOf(raw) };
  });
}

async function absentWhenDenied(look: () => Promise<Found | null>): Promise<Found | null> {
  try {
    return await look();
  } catch (error) {
    if (codeOf(error) === 'denied') return null;
    throw error;
  }
}

/** The tag of `registry/repository:tag`, when it stands in the repository that is asked for. */
export function tagIn(place: string, reference: string): string | null {
  const [name = ''] = reference.split('@');
  return name.startsWith(`${place}:`) ? name.slice(place.length + 1) : null;
}
