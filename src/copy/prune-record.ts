import { createHash } from 'node:crypto';
import { type Digest, parseDigest } from '../reference/index.ts';
import type { RawManifest, Registry } from '../registry/index.ts';
import { isRecord, readJson } from './manifest-parts.ts';

const mediaType = 'application/vnd.oci.image.index.v1+json';
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
  const bytes = Buffer.from(JSON.stringify({ schemaVersion: 2, mediaType, manifests: [], annotations }));
  const found = parseDigest(`sha256:${createHash('sha256').update(bytes).digest('hex')}`);
  if (!found.ok) throw new TypeError(found.problem);
  return { mediaType, bytes, digest: found.value };
}

/** What an earlier run had still to delete below that image; null when it left no word. */
export async function readPruneRecord(
  registry: Registry,
  repository: string,
  image: Digest,
  signal?: AbortSignal,
): Promise<{ readonly digest: Digest; readonly below: readonly Digest[] } | null> {
  const raw = await registry.getManifest(repository, pruneTag(image), signal);
  if (raw === null || raw.mediaType !== mediaType) return null;
  const { annotations } = readJson(raw);
  const text = isRecord(annotations) ? annotations[annotation] : null;
  if (typeof text !== 'string') return null;
  const [named, ...below] = text.split(' ').map(parseDigest);
  if (named?.ok !== true || named.value !== image) return null;
  return { digest: raw.digest, below: below.flatMap((one) => (one.ok ? [one.value] : [])) };
}
