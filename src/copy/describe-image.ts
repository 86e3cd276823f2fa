import type { Digest } from '../reference/index.ts';
import type { Descriptor, Registry } from '../registry/index.ts';
import { platformsIn } from './derive-image.ts';
import { CopyFailure } from './failure.ts';
import { parseManifest } from './manifest-parts.ts';
import { readBlob } from './read-blob.ts';

/** What the manifests of an image say of it. */
export interface ImageFacts {
  /** Sorted; empty when the image does not say. */
  readonly platforms: readonly string[];
  /** Of its configs and layers, each once, whatever a copy had to move. */
  readonly bytes: number;
}

/** Reads the manifests of an image that is there: one GET each, best asked of the backup, which counts no pulls. */
export async function describeImage(
  registry: Registry,
  repository: string,
  digest: Digest,
  signal?: AbortSignal,
): Promise<ImageFacts> {
  const sizes = new Map<Digest, number>();
  const visit = async (name: Digest, depth: number): Promise<readonly string[]> => {
    const raw = await registry.getManifest(repository, name, signal);
    if (raw === null || depth > 8)
      throw new CopyFailure('not-found', `${registry.host}/${repository} does not have ${name} whole.`);
    const parts = parseManifest(raw);
    for (const { digest: blob, size } of parts.blobs) sizes.set(blob, size);
    for (const child of parts.manifests) await visit(child.digest, depth + 1);
    return platformsIn(parts, (config: Descriptor) => readBlob(registry, repository, config, signal));
  };
  const platforms = await visit(digest, 0);
  return { platforms, bytes: [...sizes.values()].reduce((sum, size) => sum + size, 0) };
}
