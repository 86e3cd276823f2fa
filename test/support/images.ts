import { createCipheriv, createHash } from 'node:crypto';
import { Readable } from 'node:stream';

export const ociIndex = 'application/vnd.oci.image.index.v1+json';
export const ociManifest = 'application/vnd.oci.image.manifest.v1+json';
export const dockerList = 'application/vnd.docker.distribution.manifest.list.v2+json';
export const dockerManifest = 'application/vnd.docker.distribution.manifest.v2+json';

/** A blob that is made anew each time it is read: a GiB of it takes no memory. */
export interface BuiltBlob {
  readonly digest: string;
  readonly size: number;
  open(): Readable;
}

export interface BuiltManifest {
  readonly digest: string;
  readonly mediaType: string;
  readonly bytes: Buffer;
  readonly size: number;
  readonly platform?: { readonly os: string; readonly architecture: string; readonly variant?: string };
  readonly annotations?: Readonly<Record<string, string>>;
}

/** What has to be pushed for one image: blobs, then manifests, children before parents. The last is the image. */
export interface BuiltImage {
  readonly blobs: readonly BuiltBlob[];
  readonly manifests: readonly BuiltManifest[];
  readonly root: BuiltManifest;
}

/** Incompressible bytes that depend on the seed alone. The digest takes one pass. */
export async function seededBlob(seed: string, size: number): Promise<BuiltBlob> {
  const open = (): Readable => Readable.from(seededChunks(seed, size), { objectMode: false });
  const hash = createHash('sha256');
  for (const chunk of seededChunks(seed, size)) hash.update(chunk);
  return { digest: `sha256:${hash.digest('hex')}`, size, open };
}

function* seededChunks(seed: string, size: number): Generator<Buffer> {
  const key = createHash('sha256').update(seed).digest();
  const cipher = createCipheriv('aes-128-ctr', key.subarray(0, 16), key.subarray(16));
  const zeros = Buffer.alloc(Math.min(size, 256 * 1024));
  for (let left = size; left > 0; left -= zeros.length) {
    yield cipher.update(left < zeros.length ? zeros.subarray(0, left) : zeros);
  }
}

export function bytesBlob(bytes: Buffer): BuiltBlob {
  return {
    digest: sha256(bytes),
    size: bytes.length,
    open: () => Readable.from([bytes], { objectMode: false }),
  };
}

export interface ImageOptions {
  readonly seed: string;
  /** Sizes of layers of its own, or blobs that it shares with others. Two of 2 kB by default. */
  readonly layers?: readonly (number | BuiltBlob)[];
  readonly format?: 'oci' | 'docker';
  readonly platform?: { readonly os: string; readonly architecture: string; readonly variant?: string };
  /** Media type of the layers, instead of the format's. */
  readonly layerType?: string;
  /** A layer that names `urls` and is nowhere else, as in a Windows image. */
  readonly foreignUrl?: string;
  readonly foreignSize?: number;
  readonly annotations?: Readonly<Record<string, string>>;
  /** Makes it an artifact about that manifest. */
  readonly subject?: BuiltManifest;
  readonly artifactType?: string;
}

/** One image of one platform, or an artifact. */
export async function buildImage(options: ImageOptions): Promise<BuiltImage> {
  const { seed, format = 'oci', platform = { os: 'linux', architecture: 'amd64' } } = options;
  const layers: BuiltBlob[] = [];
  for (const [index, layer] of (options.layers ?? [2000, 2000]).entries()) {
    layers.push(typeof layer === 'number' ? await seededBlob(`${seed} layer ${index}`, layer) : layer);
  }
  const docker = format === 'docker';
  const layerType =
    options.layerType ??
    (docker
      ? 'application/vnd.docker.image.rootfs.diff.tar.gzip'
      : 'application/vnd.oci.image.layer.v1.tar+gzip');
  const config =
    options.artifactType === undefined
      ? jsonBytes({
          ...platform,
          config: { Labels: { seed } },
          rootfs: { type: 'layers', diff_ids: layers.map((layer) => layer.digest) },
        })
      : Buffer.from('{}');
  const foreign = options.foreignUrl
    ? [
        {
          mediaType: docker
            ? 'application/vnd.docker.image.rootfs.foreign.diff.tar.gzip'
            : 'application/vnd.oci.image.layer.nondistributable.v1.tar+gzip',
          digest: sha256(Buffer.from(`${seed} foreign`)),
          size: options.foreignSize ?? 7,
          urls: [options.foreignUrl],
        },
      ]
    : [];
  const configType = docker
    ? 'application/vnd.docker.container.image.v1+json'
    : 'application/vnd.oci.image.config.v1+json';
  const mediaType = docker ? dockerManifest : ociManifest;
  const root = manifestOf(
    mediaType,
    {
      schemaVersion: 2,
      mediaType,
      ...(options.artifactType === undefined ? {} : { artifactType: options.artifactType }),
      config: {
        mediaType: options.artifactType === undefined ? configType : 'application/vnd.oci.empty.v1+json',
        digest: sha256(config),
        size: config.length,
      },
      layers: [
        ...foreign,
        ...layers.map((layer) => ({ mediaType: layerType, digest: layer.digest, size: layer.size })),
      ],
      ...(options.subject ? { subject: descriptorOf(options.subject) } : {}),
      ...(options.annotations ? { annotations: options.annotations } : {}),
    },
    { platform },
  );
  return { blobs: unique([bytesBlob(config), ...layers]), manifests: [root], root };
}

/** An index of images (or of indexes); docker's manifest list for `docker`. */
export function buildIndex(
  children: readonly BuiltImage[],
  options: {
    readonly format?: 'oci' | 'docker';
    readonly annotations?: Readonly<Record<string, string>>;
  } = {},
): BuiltImage {
  const mediaType = options.format === 'docker' ? dockerList : ociIndex;
  const root = manifestOf(mediaType, {
    schemaVersion: 2,
    mediaType,
    manifests: children.map((child) => ({
      ...descriptorOf(child.root),
      ...(child.root.platform ? { platform: child.root.platform } : {}),
      ...(child.root.annotations ? { annotations: child.root.annotations } : {}),
    })),
    ...(options.annotations ? { annotations: options.annotations } : {}),
  });
  return {
    blobs: unique(children.flatMap((child) => child.blobs)),
    manifests: [...unique(children.flatMap((child) => child.manifests)), root],
    root,
  };
}

/** What buildx makes: amd64 and arm64, each with an attestation manifest in the same index. */
export async function buildMultiArch(
  seed: string,
  layers: readonly (number | BuiltBlob)[] = [3000],
): Promise<BuiltImage> {
  const images: BuiltImage[] = [];
  for (const architecture of ['amd64', 'arm64']) {
    const image = await buildImage({
      seed: `${seed} ${architecture}`,
      layers,
      platform: { os: 'linux', architecture },
    });
    images.push(image);
  }
  const attestations: BuiltImage[] = [];
  for (const image of images) {
    const attestation = await buildImage({
      seed: `${seed} attestation of ${image.root.digest}`,
      layers: [
        bytesBlob(jsonBytes({ _type: 'https://in-toto.io/Statement/v0.1', subject: image.root.digest })),
      ],
      layerType: 'application/vnd.in-toto+json',
      platform: { os: 'unknown', architecture: 'unknown' },
    });
    const root = {
      ...attestation.root,
      annotations: {
        'vnd.docker.reference.digest': image.root.digest,
        'vnd.docker.reference.type': 'attestation-manifest',
      },
    };
    attestations.push({ ...attestation, manifests: [root], root });
  }
  return buildIndex([...images, ...attestations]);
}

/** Images that share `shared` layers and have one of their own: what a company's services look like. */
export async function buildFamily(options: {
  readonly seed: string;
  readonly count: number;
  readonly shared: readonly number[];
  readonly own: number;
}): Promise<readonly BuiltImage[]> {
  const base: BuiltBlob[] = [];
  for (const [index, size] of options.shared.entries())
    base.push(await seededBlob(`${options.seed} shared ${index}`, size));
  const images: BuiltImage[] = [];
  for (let index = 0; index < options.count; index += 1) {
    images.push(await buildImage({ seed: `${options.seed} ${index}`, layers: [...base, options.own] }));
  }
  return images;
}

/** cosign's tag for what it says about a manifest: `sha256-<hex>.sig`. */
export function cosignTag(digest: string, suffix: 'sig' | 'att' | 'sbom'): string {
  return `${digest.replace(':', '-')}.${suffix}`;
}

export function descriptorOf(manifest: BuiltManifest): { mediaType: string; digest: string; size: number } {
  return { mediaType: manifest.mediaType, digest: manifest.digest, size: manifest.size };
}

export function sha256(bytes: Buffer): string {
  return `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
}

function manifestOf(
  mediaType: string,
  body: unknown,
  extra: Pick<BuiltManifest, 'platform'> = {},
): BuiltManifest {
  const bytes = jsonBytes(body);
  return { digest: sha256(bytes), mediaType, bytes, size: bytes.length, ...extra };
}

function jsonBytes(value: unknown): Buffer {
  return Buffer.from(JSON.stringify(value, null, 2));
}

function unique<T extends { readonly digest: string }>(items: readonly T[]): readonly T[] {
  return [...new Map(items.map((item) => [item.digest, item])).values()];
}
