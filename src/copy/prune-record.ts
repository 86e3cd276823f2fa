import { type Digest, parseDigest } from '../reference/index.ts';
import type { RawManifest, Registry } from '../registry/index.ts';
import { makeManifest, ociIndex } from './make-manifest.ts';
import { isRecord, readJson } from './manifest-parts.ts';

const annotation = 'dev.holdfast.pruning';

/**
 * Where it is written what else has to go of an image that is gone, while that lasts: nothing but the image named it,
 * and a run that is cut would leave it for good.
 */
export function pruneTag(image: Digest): string {
  return `holdfast-pruning-${image.slice(image.indexOf(':') + 1).slice(0, 12)}`;
}

/** An index with no entries: what a manifest names, ECR, Artifact Registry, Harbor and zot do not delete. */
export function formatPruneRecord(image: Digest, below: readonly Digest[]): RawManifest {
  const annotations = { [annotation]: [image, ...below].join(' ') };
  return makeManifest({ schemaVersion: 2, mediaType: ociIndex, manifests: [], annotations });
}

/** What an earlier run had still to delete below that image; null when it left no word. */
export async function readPruneRecord(
  registry: Registry,
  repository: string,
  image: Digest,
  signal?: AbortSignal,
): Promise<{ readonly digest: Digest; readonly below: readonly Digest[] } | null> {
  const raw = await registry.getManifest(repository, pruneTag(image), signal);
  if (raw === null || raw.mediaType !== ociIndex) return null;
  const { annotations } = readJson(raw);
  const text = isRecord(annotations) ? annotations[annotation] : null;
  if (typeof text !== 'string') return null;
  const [named, ...below] = text.split(' ').map(parseDigest);
  if (named?.ok !== true || named.value !== image) return null;
  return { digest: raw.digest, below: below.flatMap((one) => (one.ok ? [one.value] : [])) };
}
