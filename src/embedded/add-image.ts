import { createCipheriv, createHash } from 'node:crypto';
import type { EmbeddedRegistry } from './types.ts';

export interface AddImageOptions {
  /** `os/architecture`; linux on amd64 and arm64 by default. */
  readonly platforms?: readonly string[];
  /** Of the one layer that each platform has. */
  readonly layerBytes?: number;
}

/**
 * Puts a small multi-architecture image there, without a request; gives the digest of its index. The bytes depend
 * on the names alone, so that two demos show the same digests.
 */
export async function addImage(
  registry: EmbeddedRegistry,
  repository: string,
  tag: string,
  options: AddImageOptions = {},
): Promise<string> {
  const { platforms = ['linux/amd64', 'linux/arm64'], layerBytes = 20_000 } = options;
  const manifests = [];
  for (const platform of platforms) {
    const [os = 'linux', architecture = 'amd64'] = platform.split('/');
    const layer = seededBytes(`${repository}:${tag} ${platform}`, layerBytes);
    const layerDigest = await registry.addBlob(repository, layer);
    const config = json({
      architecture,
      os,
      config: {},
      rootfs: { type: 'layers', diff_ids: [layerDigest] },
    });
    const configDigest = await registry.addBlob(repository, config);
    const mediaType = 'application/vnd.oci.image.manifest.v1+json';
    const manifest = json({
      schemaVersion: 2,
      mediaType,
      config: {
        mediaType: 'application/vnd.oci.image.config.v1+json',
        digest: configDigest,
        size: config.length,
      },
      layers: [
        { mediaType: 'application/vnd.oci.image.layer.v1.tar', digest: layerDigest, size: layer.length },
      ],
    });
    const digest = registry.addManifest(repository, null, mediaType, manifest);
    manifests.push({ mediaType, digest, size: manifest.length, platform: { architecture, os } });
  }
  const mediaType = 'application/vnd.oci.image.index.v1+json';
  return registry.addManifest(repository, tag, mediaType, json({ schemaVersion: 2, mediaType, manifests }));
}

function seededBytes(seed: string, size: number): Buffer {
  const key = createHash('sha256').update(seed).digest();
  return createCipheriv('aes-128-ctr', key.subarray(0, 16), key.subarray(16)).update(Buffer.alloc(size));
}

function json(value: unknown): Buffer {
  return Buffer.from(JSON.stringify(value));
}
