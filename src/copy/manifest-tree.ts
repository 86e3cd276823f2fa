import type { Digest } from '../reference/index.ts';
import type { Registry } from '../registry/index.ts';
import { parseManifest } from './manifest-parts.ts';

/** A manifest and all manifests below it, itself first, each once. */
export interface ManifestTree {
  readonly all: readonly Digest[];
}

const deepest = 8;

/** One GET for each manifest; null when the root is not there. A child that is not there is none. */
export async function listManifests(
  registry: Registry,
  repository: string,
  root: Digest,
  signal?: AbortSignal,
): Promise<ManifestTree | null> {
  const all = new Set<Digest>();
  const visit = async (digest: Digest, depth: number): Promise<void> => {
    if (all.has(digest) || depth > deepest) return;
    const raw = await registry.getManifest(repository, digest, signal);
    if (raw === null) return;
    all.add(digest);
    for (const child of parseManifest(raw).manifests) await visit(child.digest, depth + 1);
  };
  await visit(root, 0);
  return all.size === 0 ? null : { all: [...all] };
}
