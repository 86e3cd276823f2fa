import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startRegistry } from '../../src/embedded/index.ts';
import type { Descriptor, Registry } from '../../src/registry/index.ts';
import { findDockerRegistry, startDockerRegistry } from '../support/docker-registry.ts';
import { blobOf, errorOf, manifestOf, manifestType, openAt, readAll, streamOf } from './opened.ts';

const hasDockerRegistry = findDockerRegistry() !== null;
const layer = randomBytes(300_000);
const config = Buffer.from('{"architecture":"amd64","os":"linux"}');
const configOf = (bytes: Buffer): Descriptor => ({
  ...blobOf(bytes),
  mediaType: 'application/vnd.oci.image.config.v1+json',
});
const image = manifestOf({
  schemaVersion: 2,
  mediaType: manifestType,
  config: configOf(config),
  layers: [blobOf(layer)],
});

async function pushImage(push: Registry, repository: string, tag: string): Promise<void> {
  await push.putBlob(repository, configOf(config), streamOf(config));
  await push.putBlob(repository, blobOf(layer), streamOf(layer));
  await push.putManifest(repository, tag, image);
}

describe.each([
  { name: 'the embedded registry', start: () => startRegistry(), isThere: true },
  {
    name: hasDockerRegistry
      ? "Debian's docker-registry"
      : "Debian's docker-registry (skipped: it is not installed)",
    start: () => startDockerRegistry(),
    isThere: hasDockerRegistry,
  },
])('the protocol with $name', ({ start, isThere }) => {
  describe.skipIf(!isThere)('our client', () => {
    let server: { readonly url: string; close(): Promise<void> };
    beforeAll(async () => {
      server = await start();
    });
    afterAll(() => server.close());

    it('pings', async () => {
      await expect(openAt(server.url).pull.ping()).resolves.toBeUndefined();
    });

    it('pushes an image and gives back the same bytes', async () => {
      const { pull, push } = openAt(server.url);
      await pushImage(push, 'round/trip', 'v1');
      expect(await pull.headManifest('round/trip', 'v1')).toEqual({
        mediaType: manifestType,
        digest: image.digest,
        size: image.bytes.length,
      });
      expect(await pull.getManifest('round/trip', image.digest)).toEqual(image);
      expect(await pull.getManifest('round/trip', 'v1')).toEqual(image);
      expect((await readAll(await pull.openBlob('round/trip', blobOf(layer)))).equals(layer)).toBe(true);
      expect(await pull.headBlob('round/trip', blobOf(layer))).toBe(true);
      expect(await pull.headBlob('round/trip', { ...blobOf(layer), size: 5 })).toBe(false);
    });

    it('copies a blob from one repository to another without holding it', async () => {
      const { pull, push } = openAt(server.url);
      await push.putBlob('from/here', blobOf(layer), streamOf(layer));
      await push.putBlob('to/there', blobOf(layer), (signal) =>
        pull.openBlob('from/here', blobOf(layer), signal),
      );
      expect(await pull.headBlob('to/there', blobOf(layer))).toBe(true);
    });

    it('mounts, or goes on with the upload that was started instead', async () => {
      const { push } = openAt(server.url);
      await push.putBlob('mount/from', blobOf(layer), streamOf(layer));
      expect(await push.mountBlob('mount/to', blobOf(layer), 'mount/from')).toBe(true);
      const other = randomBytes(1000);
      expect(await push.mountBlob('mount/to', blobOf(other), 'mount/from')).toBe(false);
      await push.putBlob('mount/to', blobOf(other), streamOf(other));
      expect(await push.headBlob('mount/to', blobOf(other))).toBe(true);
    });

    it('does not find what is not there', async () => {
      const { pull } = openAt(server.url);
      expect(await pull.headManifest('not/there', 'v1')).toBe(null);
      expect(await pull.getManifest('not/there', 'v1')).toBe(null);
      expect(await pull.listTags('not/there')).toEqual([]);
      expect(await pull.listReferrers('not/there', image.digest)).toEqual([]);
      expect((await errorOf(pull.openBlob('not/there', blobOf(layer)))).code).toBe('not-found');
    });

    it('refuses bytes of another digest, and is seen to do so', async () => {
      const { push } = openAt(server.url);
      expect(await push.verifiesDigests('digest/check')).toBe(true);
      const wrong = push.putBlob('digest/check', blobOf(layer), streamOf(randomBytes(layer.length)));
      expect(await errorOf(wrong)).toMatchObject({ status: 400 });
      expect(await push.headBlob('digest/check', blobOf(layer))).toBe(false);
    });

    it('says what is wrong with an image whose blobs are missing', async () => {
      const { push } = openAt(server.url);
      const error = await errorOf(push.putManifest('half/there', 'v1', image));
      expect(error).toMatchObject({ status: expect.toSatisfy((status) => status === 400 || status === 404) });
      expect(error.detail).toContain('UNKNOWN');
      expect(await push.headManifest('half/there', 'v1')).toBe(null);
    });

    it('lists tags in order, and forgets a deleted manifest', async () => {
      const { push } = openAt(server.url);
      for (const tag of ['v2', 'v10', 'v1']) await pushImage(push, 'many/tags', tag);
      expect(await push.listTags('many/tags')).toEqual(['v1', 'v10', 'v2']);
      await push.deleteManifest('many/tags', image.digest);
      expect(await push.headManifest('many/tags', 'v1')).toBe(null);
    });

    it('finds referrers by the API or by the fallback tag', async () => {
      const { push } = openAt(server.url);
      await pushImage(push, 'with/referrer', 'v1');
      const signature = manifestOf({
        schemaVersion: 2,
        mediaType: manifestType,
        artifactType: 'application/vnd.test.signature',
        config: configOf(config),
        layers: [blobOf(layer)],
        subject: { mediaType: manifestType, digest: image.digest, size: image.bytes.length },
      });
      await push.putManifest('with/referrer', signature.digest, signature);
      const index = manifestOf(
        {
          schemaVersion: 2,
          mediaType: 'application/vnd.oci.image.index.v1+json',
          manifests: [
            { mediaType: manifestType, digest: signature.digest, size: signature.bytes.length },
            { mediaType: manifestType, digest: 'sha256:broken', size: 1 },
          ],
        },
        'application/vnd.oci.image.index.v1+json',
      );
      if (server.url !== '' && (await push.listReferrers('with/referrer', image.digest)).length === 0)
        // A client keeps the fallback tag where the registry has no API.
        await putRaw(server.url, 'with/referrer', image.digest.replace(':', '-'), index.bytes);
      const found = await push.listReferrers('with/referrer', image.digest);
      expect(found.map(({ digest, size }) => ({ digest, size }))).toEqual([
        { digest: signature.digest, size: signature.bytes.length },
      ]);
    });
  });
});

/** Past our client, which puts no broken index. */
async function putRaw(url: string, repository: string, tag: string, bytes: Buffer): Promise<void> {
  const value = JSON.parse(bytes.toString('utf8')) as { manifests: unknown[] };
  const sound = JSON.stringify({ ...value, manifests: value.manifests.slice(0, 1) });
  const answer = await fetch(`${url}/v2/${repository}/manifests/${tag}`, {
    method: 'PUT',
    headers: { 'content-type': 'application/vnd.oci.image.index.v1+json' },
    body: sound,
  });
  expect(answer.status).toBe(201);
}
