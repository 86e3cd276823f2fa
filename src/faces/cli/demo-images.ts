import { createHash } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import type { EmbeddedRegistry } from '../../embedded/index.ts';

const indexType = 'application/vnd.oci.image.index.v1+json';
const manifestType = 'application/vnd.oci.image.manifest.v1+json';
const configType = 'application/vnd.oci.image.config.v1+json';
const layerType = 'application/vnd.oci.image.layer.v1.tar+gzip';

const architectures = ['amd64', 'arm64'] as const;

/** An image to build: its repository and tag, and what its own layer holds. */
export interface DemoImage {
  readonly repository: string;
  readonly tag: string;
  /** Size of the layer that is the image's own; the layer below it is shared by all. */
  readonly layerBytes: number;
}

interface Blob {
  readonly mediaType: string;
  readonly digest: string;
  readonly size: number;
}

/** Puts a small image for two architectures into a registry, and gives the digest of its index. */
export async function addImage(registry: EmbeddedRegistry, image: DemoImage): Promise<string> {
  const { repository, tag } = image;
  const addBlob = async (mediaType: string, bytes: Buffer): Promise<Blob> => ({
    mediaType,
    digest: await registry.addBlob(repository, bytes),
    size: bytes.length,
  });
  const manifests: object[] = [];
  for (const architecture of architectures) {
    const tars = [
      packFile(
        'etc/os-release',
        Buffer.from(`NAME="demo"\nARCHITECTURE=${architecture}\n`.padEnd(65_536, '#')),
      ),
      packFile(`opt/${tag}`, noise(`${repository}:${tag}/${architecture}`, image.layerBytes)),
    ];
    const layers: Blob[] = [];
    for (const tar of tars) layers.push(await addBlob(layerType, gzipSync(tar)));
    const config = await addBlob(
      configType,
      Buffer.from(
        JSON.stringify({
          architecture,
          os: 'linux',
          config: { Cmd: ['/bin/true'] },
          rootfs: { type: 'layers', diff_ids: tars.map(digestOf) },
        }),
      ),
    );
    const bytes = Buffer.from(JSON.stringify({ schemaVersion: 2, mediaType: manifestType, config, layers }));
    const digest = registry.addManifest(repository, null, manifestType, bytes);
    manifests.push({
      mediaType: manifestType,
      digest,
      size: bytes.length,
      platform: { os: 'linux', architecture },
    });
  }
  const index = Buffer.from(JSON.stringify({ schemaVersion: 2, mediaType: indexType, manifests }));
  return registry.addManifest(repository, tag, indexType, index);
}

function digestOf(bytes: Buffer): string {
  return `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
}

/** Bytes that do not compress and are the same in every run. */
function noise(seed: string, size: number): Buffer {
  const parts: Buffer[] = [];
  for (let at = 0; at < size; at += 64) parts.push(createHash('sha512').update(`${seed}#${at}`).digest());
  return Buffer.concat(parts).subarray(0, size);
}

/** A tar archive (POSIX.1-1988 ustar) with one file in it. */
function packFile(name: string, content: Buffer): Buffer {
  const header = Buffer.alloc(512);
  header.write(name, 0);
  header.write('0000644\0', 100);
  header.write('0000000\0', 108);
  header.write('0000000\0', 116);
  header.write(`${content.length.toString(8).padStart(11, '0')}\0`, 124);
  header.write('00000000000\0', 136);
  header.write('        ', 148);
  header.write('0', 156);
  header.write('ustar\u000000', 257);
  const sum = header.reduce((total, byte) => total + byte, 0);
  header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
  const padding = Buffer.alloc((512 - (content.length % 512)) % 512);
  return Buffer.concat([header, content, padding, Buffer.alloc(1024)]);
}
