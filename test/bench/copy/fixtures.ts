import { ask } from '../../support/http-client.ts';
import {
  buildFamily,
  buildImage,
  buildMultiArch,
  cosignTag,
  descriptorOf,
  ociIndex,
} from '../../support/images.ts';
import { pushImage } from '../../support/push-image.ts';

export interface Fixtures {
  readonly big: {
    readonly bytes: number;
    readonly blobs: readonly { readonly digest: string; readonly size: number }[];
  };
  readonly many: readonly { readonly name: string; readonly digest: string }[];
  /** Bytes of all different blobs and manifests of `many`. */
  readonly uniqueOfMany: number;
  readonly signed: string;
}

const MiB = 1024 * 1024;

/** Builds the images of the benchmark and pushes them to the source. A tenth of the size for a first look. */
export async function pushFixtures(url: string, small: boolean): Promise<Fixtures> {
  const scale = small ? 0.1 : 1;
  const sizes = [256, 192, 128, 128, 128, 64, 64, 64].map((size) => Math.round(size * scale * MiB));
  const big = await buildImage({ seed: 'bench big', layers: sizes });
  await pushImage({ url, repository: 'apps/big', tag: '1.0' }, big);

  const count = small ? 50 : 200;
  const shared = Array.from({ length: 5 }, () => Math.round(20 * scale * MiB));
  const family = await buildFamily({ seed: 'bench many', count, shared, own: Math.round(scale * MiB) });
  const unique = new Map<string, number>();
  const many: { name: string; digest: string }[] = [];
  for (const [index, image] of family.entries()) {
    const name = `many/svc-${String(index).padStart(3, '0')}`;
    await pushImage({ url, repository: name, tag: '1.0' }, image);
    many.push({ name, digest: image.root.digest });
    for (const part of [...image.blobs, ...image.manifests]) unique.set(part.digest, part.size);
  }
  return {
    big: { bytes: big.blobs.reduce((sum, blob) => sum + blob.size, big.root.size), blobs: big.blobs },
    many,
    uniqueOfMany: [...unique.values()].reduce((sum, size) => sum + size, 0),
    signed: await pushSigned(url),
  };
}

/** A multi-architecture image with a cosign tag, and a referrer under the fallback tag. */
async function pushSigned(url: string): Promise<string> {
  const repository = 'apps/signed';
  const image = await buildMultiArch('bench signed', [5 * MiB, 2 * MiB]);
  await pushImage({ url, repository, tag: '1.0' }, image);
  const signature = await buildImage({ seed: 'bench signature', layers: [300] });
  await pushImage({ url, repository, tag: cosignTag(image.root.digest, 'sig') }, signature);
  const referrer = await buildImage({
    seed: 'bench referrer',
    layers: [1000],
    artifactType: 'application/spdx+json',
    subject: image.root,
  });
  await pushImage({ url, repository, tag: null }, referrer);
  const bytes = Buffer.from(
    JSON.stringify({
      schemaVersion: 2,
      mediaType: ociIndex,
      manifests: [{ ...descriptorOf(referrer.root), artifactType: 'application/spdx+json' }],
    }),
  );
  const reply = await ask(`${url}/v2/${repository}/manifests/${image.root.digest.replace(':', '-')}`, {
    method: 'PUT',
    headers: { 'content-type': ociIndex },
    body: bytes,
  });
  if (reply.status !== 201) throw new Error(`the fallback tag was refused: ${reply.body.toString('utf8')}`);
  return `${repository}:1.0`;
}
