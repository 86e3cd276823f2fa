import { expect, it } from 'vitest';
import { ask } from '../support/http-client.ts';
import {
  buildFamily,
  buildImage,
  buildIndex,
  buildMultiArch,
  descriptorOf,
  ociIndex,
  ociManifest,
} from '../support/images.ts';
import { pushBlob, pushImage } from '../support/push-image.ts';
import { everyType, type ProtocolClient } from './protocol-client.ts';

/** distribution-spec § Pulling, pushing, listing and deleting manifests. */
export function describeManifests(client: ProtocolClient): void {
  it('says at the base that it speaks version 2', async () => {
    const reply = await ask(client.v2(''));
    expect(reply.status).toBe(200);
    expect(reply.headers['docker-distribution-api-version']).toBe('registry/2.0');
  });

  it('gives back a manifest by tag and by digest, byte for byte', async () => {
    for (const name of ['1.0', client.image().root.digest]) {
      const reply = await client.getManifest('suite/image', name);
      expect(reply.status).toBe(200);
      expect(reply.headers['docker-content-digest']).toBe(client.image().root.digest);
      expect(reply.headers['content-type']).toBe(ociManifest);
      expect(reply.body.equals(client.image().root.bytes)).toBe(true);
    }
  });

  it('answers HEAD of a manifest with digest, type and length, and no body', async () => {
    const reply = await client.getManifest('suite/image', '1.0', 'HEAD');
    expect(reply.status).toBe(200);
    expect(reply.headers['docker-content-digest']).toBe(client.image().root.digest);
    expect(reply.headers['content-length']).toBe(String(client.image().root.size));
    expect(reply.headers['content-type']).toBe(ociManifest);
    expect(reply.body).toHaveLength(0);
  });

  it('answers a manifest request without Accept as the table says', async () => {
    const docker = await buildImage({ seed: 'no accept', format: 'docker' });
    await pushImage({ url: client.url(), repository: 'suite/docker', tag: '1' }, docker);
    const bare = await ask(client.v2('suite/docker/manifests/1'));
    expect(bare.status).toBe(client.expected('manifest without Accept'));
  });

  it.each([
    ['manifest of an unknown repository', 'suite/none/manifests/1.0', 404, 'MANIFEST_UNKNOWN'],
    ['unknown tag', 'suite/image/manifests/2.0', 404, 'MANIFEST_UNKNOWN'],
    ['unknown blob', `suite/image/blobs/sha256:${'0'.repeat(64)}`, 404, 'BLOB_UNKNOWN'],
    ['tags of an unknown repository', 'suite/none/tags/list', 404, 'NAME_UNKNOWN'],
  ])('names the error of the specification for %s', async (_title, path, status, code) => {
    const reply = await ask(client.v2(path), { headers: { accept: everyType } });
    expect(reply.status).toBe(status);
    expect(reply.json()).toMatchObject({ errors: [{ code }] });
  });

  it('answers HEAD of what is unknown with 404 and no body', async () => {
    for (const path of ['suite/none/manifests/1.0', `suite/image/blobs/sha256:${'0'.repeat(64)}`]) {
      const reply = await ask(client.v2(path), { method: 'HEAD', headers: { accept: everyType } });
      expect(reply.status).toBe(404);
      expect(reply.body).toHaveLength(0);
    }
  });

  it('refuses a name in capitals', async () => {
    const reply = await ask(client.v2('Suite/Image/tags/list'));
    expect(reply.status).toBe(client.expected('upper-case name'));
  });

  it('refuses a manifest whose blobs are not there', async () => {
    const reply = await ask(client.v2('suite/empty/manifests/1.0'), {
      method: 'PUT',
      headers: { 'content-type': ociManifest },
      body: client.image().root.bytes,
    });
    expect(reply.status).toBe(400);
    expect(reply.json()).toMatchObject({
      errors: expect.arrayContaining([expect.objectContaining({ code: 'MANIFEST_BLOB_UNKNOWN' })]),
    });
    expect((await client.getManifest('suite/empty', '1.0', 'HEAD')).status).toBe(404);
  });

  it('refuses an index whose child is not there', async () => {
    const index = buildIndex([client.image()]);
    const reply = await ask(client.v2('suite/sparse/manifests/1.0'), {
      method: 'PUT',
      headers: { 'content-type': ociIndex },
      body: index.root.bytes,
    });
    expect(reply.status).toBe(400);
    expect(reply.json()).toMatchObject({ errors: [{ code: 'MANIFEST_BLOB_UNKNOWN' }] });
  });

  it('refuses a manifest under a digest that is not its own', async () => {
    const reply = await ask(client.v2(`suite/image/manifests/sha256:${'1'.repeat(64)}`), {
      method: 'PUT',
      headers: { 'content-type': ociManifest },
      body: client.image().root.bytes,
    });
    expect(reply.status).toBe(400);
    expect(reply.json()).toMatchObject({ errors: [{ code: 'DIGEST_INVALID' }] });
  });

  it('refuses what is no manifest', async () => {
    expect((await client.putManifest('suite/image', 'bad', { schemaVersion: 7 })).status).toBe(
      client.expected('unknown schema version'),
    );
    expect((await client.putManifest('suite/image', 'bad', 'text', 'text/plain')).status).toBe(400);
    const schema1 = 'application/vnd.docker.distribution.manifest.v1+prettyjws';
    expect(
      (await client.putManifest('suite/image', 'bad', { schemaVersion: 1, signatures: [] }, schema1)).status,
    ).toBe(client.kind === 'embedded' ? 500 : 400);
  });

  it('refuses a body that says another type than the header', async () => {
    const reply = await ask(client.v2('suite/image/manifests/type'), {
      method: 'PUT',
      headers: { 'content-type': 'application/vnd.docker.distribution.manifest.v2+json' },
      body: client.image().root.bytes,
    });
    expect(reply.status).toBe(400);
  });

  it('answers a layer size that is wrong as the table says', async () => {
    const [config, layer] = client.image().blobs;
    const reply = await client.putManifest('suite/image', 'size', {
      schemaVersion: 2,
      mediaType: ociManifest,
      config: {
        mediaType: 'application/vnd.oci.image.config.v1+json',
        digest: config?.digest,
        size: config?.size,
      },
      layers: [{ mediaType: 'application/vnd.oci.image.layer.v1.tar', digest: layer?.digest, size: 1 }],
    });
    expect(reply.status).toBe(client.expected('size that is not the blob’s'));
  });

  it('refuses a layer that names urls with 500, which is not worth a retry', async () => {
    const foreign = await buildImage({
      seed: 'foreign',
      format: 'docker',
      foreignUrl: 'https://example.com/layer',
    });
    for (const blob of foreign.blobs)
      await pushBlob({ url: client.url(), repository: 'suite/foreign', tag: null }, blob);
    const reply = await ask(client.v2('suite/foreign/manifests/1'), {
      method: 'PUT',
      headers: { 'content-type': foreign.root.mediaType },
      body: foreign.root.bytes,
    });
    expect(reply.status).toBe(500);
    expect(reply.json()).toMatchObject({
      errors: expect.arrayContaining([expect.objectContaining({ code: 'UNKNOWN' })]),
    });
  });

  it('takes an index with attestations, nested indexes, docker lists and zstd layers', async () => {
    const multi = await buildMultiArch('multi');
    const nested = buildIndex([multi, await buildImage({ seed: 'beside' })]);
    const docker = buildIndex([await buildImage({ seed: 'docker child', format: 'docker' })], {
      format: 'docker',
    });
    const zstd = await buildImage({
      seed: 'zstd',
      layerType: 'application/vnd.oci.image.layer.v1.tar+zstd',
    });
    for (const [tag, built] of Object.entries({ multi, nested, docker, zstd })) {
      await pushImage({ url: client.url(), repository: 'suite/forms', tag }, built);
      const reply = await client.getManifest('suite/forms', tag);
      expect(reply.headers['docker-content-digest']).toBe(built.root.digest);
      expect(reply.headers['content-type']).toBe(built.root.mediaType);
      expect(reply.body.equals(built.root.bytes)).toBe(true);
    }
  });

  it('takes an artifact with a subject, and answers for referrers as the table says', async () => {
    const artifact = await buildImage({
      seed: 'signature',
      artifactType: 'application/vnd.example.signature',
      subject: client.image().root,
      annotations: { 'org.example.by': 'a test' },
    });
    for (const blob of artifact.blobs)
      await pushBlob({ url: client.url(), repository: 'suite/image', tag: null }, blob);
    const put = await ask(client.v2(`suite/image/manifests/${artifact.root.digest}`), {
      method: 'PUT',
      headers: { 'content-type': ociManifest },
      body: artifact.root.bytes,
    });
    expect(put.status).toBe(201);
    expect('oci-subject' in put.headers).toBe(client.expected('subject acknowledged'));
    const list = await ask(client.v2(`suite/image/referrers/${client.image().root.digest}`));
    expect(list.status).toBe(client.expected('referrers of anything'));
    if (list.status !== 200) return;
    expect(list.json()).toEqual({
      schemaVersion: 2,
      mediaType: ociIndex,
      manifests: [
        {
          ...descriptorOf(artifact.root),
          artifactType: 'application/vnd.example.signature',
          annotations: { 'org.example.by': 'a test' },
        },
      ],
    });
    const filtered = await ask(
      client.v2(`suite/image/referrers/${client.image().root.digest}?artifactType=other`),
    );
    expect(filtered.json()).toMatchObject({ manifests: [] });
    expect(filtered.headers['oci-filters-applied']).toBe('artifactType');
  });

  it('lists tags, in pages where the table says so', async () => {
    const [first] = await buildFamily({ seed: 'tags', count: 1, shared: [], own: 10 });
    if (!first) throw new Error('no image was built');
    for (const tag of ['b', 'e', 'a', 'd', 'c'])
      await pushImage({ url: client.url(), repository: 'suite/tags', tag }, first);
    const { tags } = (await ask(client.v2('suite/tags/tags/list'))).json() as { tags: string[] };
    const sorted = ['a', 'b', 'c', 'd', 'e'];
    expect(tags.toSorted()).toEqual(sorted);
    expect(tags.join() === sorted.join() || !client.expected('order of tags')).toBe(true);
    const page = await ask(client.v2('suite/tags/tags/list?n=2&last=a'));
    expect((page.json() as { tags: string[] }).tags).toHaveLength(Number(client.expected('pages of tags')));
    expect(page.headers.link).toBe(
      client.kind === 'embedded' ? '</v2/suite/tags/tags/list?n=2&last=c>; rel="next"' : undefined,
    );
  });

  it('moves a tag when it is pushed again', async () => {
    const one = await buildImage({ seed: 'moves 1' });
    const two = await buildImage({ seed: 'moves 2' });
    for (const built of [one, two]) {
      await pushImage({ url: client.url(), repository: 'suite/moves', tag: 'latest' }, built);
      expect(
        (await client.getManifest('suite/moves', 'latest', 'HEAD')).headers['docker-content-digest'],
      ).toBe(built.root.digest);
    }
    expect((await client.getManifest('suite/moves', one.root.digest, 'HEAD')).status).toBe(200);
  });

  it('deletes a manifest with its tags, and a blob', async () => {
    const built = await buildImage({ seed: 'deleted' });
    await pushImage({ url: client.url(), repository: 'suite/deleted', tag: '1' }, built);
    const byTag = await ask(client.v2('suite/deleted/manifests/1'), { method: 'DELETE' });
    expect(byTag.status).toBe(client.expected('delete by tag'));
    const byDigest = await ask(client.v2(`suite/deleted/manifests/${built.root.digest}`), {
      method: 'DELETE',
    });
    expect(byDigest.status).toBe(202);
    expect((await client.getManifest('suite/deleted', '1', 'HEAD')).status).toBe(404);
    const blob = built.blobs[0];
    expect((await ask(client.v2(`suite/deleted/blobs/${blob?.digest}`), { method: 'DELETE' })).status).toBe(
      202,
    );
    expect((await ask(client.v2(`suite/deleted/blobs/${blob?.digest}`), { method: 'HEAD' })).status).toBe(
      404,
    );
  });
}
