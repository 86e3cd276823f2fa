import { connect } from 'node:net';
import { Readable } from 'node:stream';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ask, type Reply } from '../support/http-client.ts';
import {
  type BuiltImage,
  buildFamily,
  buildImage,
  buildIndex,
  buildMultiArch,
  bytesBlob,
  descriptorOf,
  ociIndex,
  ociManifest,
  seededBlob,
  sha256,
} from '../support/images.ts';
import { pushBlob, pushImage } from '../support/push-image.ts';
import { type DifferenceName, differences, type RegistryUnderTest } from './differences.ts';

export interface RegistryUnderTestServer {
  readonly url: string;
  close(): Promise<void>;
}

const everyType = [
  ociIndex,
  ociManifest,
  'application/vnd.docker.distribution.manifest.list.v2+json',
  'application/vnd.docker.distribution.manifest.v2+json',
].join(', ');

/** The distribution specification as this project relies on it, asked of a running registry. */
export function describeProtocol(
  kind: RegistryUnderTest,
  start: () => Promise<RegistryUnderTestServer>,
): void {
  describe(`protocol of ${kind}`, () => {
    let server: RegistryUnderTestServer;
    let image: BuiltImage;
    const expected = (name: DifferenceName): number | string | boolean => differences[name][kind];
    const v2 = (path: string): string => `${server.url}/v2/${path}`;
    const getManifest = (name: string, tagOrDigest: string, method = 'GET'): Promise<Reply> =>
      ask(v2(`${name}/manifests/${tagOrDigest}`), { method, headers: { accept: everyType } });
    const openUpload = async (name: string): Promise<string> => {
      const reply = await ask(v2(`${name}/blobs/uploads/`), { method: 'POST' });
      expect(reply.status).toBe(202);
      return new URL(reply.headers.location ?? '', server.url).href;
    };
    const withDigest = (location: string, digest: string): string => {
      const url = new URL(location);
      url.searchParams.set('digest', digest);
      return url.href;
    };
    const next = (reply: Reply): string => new URL(reply.headers.location ?? '', server.url).href;
    const putManifest = (name: string, tag: string, body: unknown, mediaType = ociManifest): Promise<Reply> =>
      ask(v2(`${name}/manifests/${tag}`), {
        method: 'PUT',
        headers: { 'content-type': mediaType },
        body: JSON.stringify(body),
      });

    beforeAll(async () => {
      server = await start();
      image = await buildImage({ seed: 'protocol' });
      await pushImage({ url: server.url, repository: 'suite/image', tag: '1.0' }, image);
    });
    afterAll(() => server.close());

    it('says at the base that it speaks version 2', async () => {
      const reply = await ask(v2(''));
      expect(reply.status).toBe(200);
      expect(reply.headers['docker-distribution-api-version']).toBe('registry/2.0');
    });

    it('gives back a manifest by tag and by digest, byte for byte', async () => {
      for (const name of ['1.0', image.root.digest]) {
        const reply = await getManifest('suite/image', name);
        expect(reply.status).toBe(200);
        expect(reply.headers['docker-content-digest']).toBe(image.root.digest);
        expect(reply.headers['content-type']).toBe(ociManifest);
        expect(reply.body.equals(image.root.bytes)).toBe(true);
      }
    });

    it('answers HEAD of a manifest with digest, type and length, and no body', async () => {
      const reply = await getManifest('suite/image', '1.0', 'HEAD');
      expect(reply.status).toBe(200);
      expect(reply.headers['docker-content-digest']).toBe(image.root.digest);
      expect(reply.headers['content-length']).toBe(String(image.root.size));
      expect(reply.headers['content-type']).toBe(ociManifest);
      expect(reply.body).toHaveLength(0);
    });

    it('answers a manifest request without Accept as the table says', async () => {
      const docker = await buildImage({ seed: 'no accept', format: 'docker' });
      await pushImage({ url: server.url, repository: 'suite/docker', tag: '1' }, docker);
      const bare = await ask(v2('suite/docker/manifests/1'));
      expect(bare.status).toBe(expected('manifest without Accept'));
    });

    it.each([
      ['manifest of an unknown repository', 'suite/none/manifests/1.0', 404, 'MANIFEST_UNKNOWN'],
      ['unknown tag', 'suite/image/manifests/2.0', 404, 'MANIFEST_UNKNOWN'],
      ['unknown blob', `suite/image/blobs/sha256:${'0'.repeat(64)}`, 404, 'BLOB_UNKNOWN'],
      ['tags of an unknown repository', 'suite/none/tags/list', 404, 'NAME_UNKNOWN'],
    ])('names the error of the specification for %s', async (_title, path, status, code) => {
      const reply = await ask(v2(path), { headers: { accept: everyType } });
      expect(reply.status).toBe(status);
      expect(reply.json()).toMatchObject({ errors: [{ code }] });
    });

    it('answers HEAD of what is unknown with 404 and no body', async () => {
      for (const path of ['suite/none/manifests/1.0', `suite/image/blobs/sha256:${'0'.repeat(64)}`]) {
        const reply = await ask(v2(path), { method: 'HEAD', headers: { accept: everyType } });
        expect(reply.status).toBe(404);
        expect(reply.body).toHaveLength(0);
      }
    });

    it('refuses a name in capitals', async () => {
      const reply = await ask(v2('Suite/Image/tags/list'));
      expect(reply.status).toBe(expected('upper-case name'));
    });

    it('gives a blob whole, and answers HEAD with its length', async () => {
      const blob = image.blobs[1];
      expect(blob).toBeDefined();
      if (!blob) return;
      const head = await ask(v2(`suite/image/blobs/${blob.digest}`), { method: 'HEAD' });
      expect(head.headers['content-length']).toBe(String(blob.size));
      expect(head.headers['docker-content-digest']).toBe(blob.digest);
      const got = await ask(v2(`suite/image/blobs/${blob.digest}`));
      expect(got.status).toBe(200);
      expect(sha256(got.body)).toBe(blob.digest);
    });

    it('gives a range of a blob, so that a cut download can go on', async () => {
      const blob = await seededBlob('range', 5000);
      await pushBlob({ url: server.url, repository: 'suite/range', tag: null }, blob);
      const whole = await ask(v2(`suite/range/blobs/${blob.digest}`));
      const path = v2(`suite/range/blobs/${blob.digest}`);
      const tail = await ask(path, { headers: { range: 'bytes=1000-' } });
      expect(tail.status).toBe(206);
      expect(tail.headers['content-range']).toBe('bytes 1000-4999/5000');
      expect(tail.body.equals(whole.body.subarray(1000))).toBe(true);
      const middle = await ask(path, { headers: { range: 'bytes=10-19' } });
      expect(middle.body.equals(whole.body.subarray(10, 20))).toBe(true);
      const behind = ask(path, { headers: { range: 'bytes=9000-' } });
      const outcome = await behind.then(
        (reply) => String(reply.status),
        (error: Error) => error.message,
      );
      expect(outcome).toBe(expected('range behind the end'));
    });

    it('takes a blob by POST and one PUT', async () => {
      const blob = await seededBlob('monolithic', 3000);
      const put = await ask(withDigest(await openUpload('suite/put'), blob.digest), {
        method: 'PUT',
        headers: { 'content-length': blob.size },
        body: blob.open(),
      });
      expect(put.status).toBe(201);
      expect(put.headers['docker-content-digest']).toBe(blob.digest);
      expect(next(put)).toBe(v2(`suite/put/blobs/${blob.digest}`));
    });

    it('takes an empty blob', async () => {
      const blob = bytesBlob(Buffer.alloc(0));
      const put = await ask(withDigest(await openUpload('suite/put'), blob.digest), { method: 'PUT' });
      expect(put.status).toBe(201);
      const got = await ask(v2(`suite/put/blobs/${blob.digest}`));
      expect(got.body).toHaveLength(0);
    });

    it('takes a blob whose body has no length', async () => {
      const blob = await seededBlob('chunked', 30_000);
      const put = await ask(withDigest(await openUpload('suite/put'), blob.digest), {
        method: 'PUT',
        headers: { 'transfer-encoding': 'chunked' },
        body: Readable.from(blob.open()),
      });
      expect(put.status).toBe(201);
    });

    it('takes a blob in chunks, says how far it got, and ends it with an empty PUT', async () => {
      const bytes = Buffer.alloc(2500, 'chunk ');
      let location = await openUpload('suite/chunks');
      for (const [start, end] of [
        [0, 1000],
        [1000, 2500],
      ] as const) {
        const patch = await ask(location, {
          method: 'PATCH',
          headers: { 'content-range': `${start}-${end - 1}`, 'content-type': 'application/octet-stream' },
          body: bytes.subarray(start, end),
        });
        expect(patch.status).toBe(202);
        expect(patch.headers.range).toBe(`0-${end - 1}`);
        location = next(patch);
      }
      const put = await ask(withDigest(location, sha256(bytes)), { method: 'PUT' });
      expect(put.status).toBe(201);
      expect((await ask(v2(`suite/chunks/blobs/${sha256(bytes)}`))).body.equals(bytes)).toBe(true);
    });

    it('answers a chunk that is out of order as the table says', async () => {
      const location = await openUpload('suite/chunks');
      const patch = await ask(location, {
        method: 'PATCH',
        headers: { 'content-range': '500-999', 'content-type': 'application/octet-stream' },
        body: Buffer.alloc(500),
      });
      expect(patch.status).toBe(expected('chunk out of order'));
    });

    it('answers for an upload whose chunk was cut as the table says', async () => {
      const location = await openUpload('suite/cut');
      await sendHalfChunk(location);
      let status = 0;
      // The server learns of the cut a moment after the client.
      for (let tries = 0; tries < 100 && status !== expected('upload after a cut chunk'); tries += 1) {
        await new Promise((resolve) => {
          setTimeout(resolve, 20);
        });
        status = (await ask(location)).status;
      }
      expect(status).toBe(expected('upload after a cut chunk'));
    });

    it('refuses bytes that do not have the digest they are sent under, and keeps nothing', async () => {
      const claimed = sha256(Buffer.from('claimed'));
      const put = await ask(withDigest(await openUpload('suite/liar'), claimed), {
        method: 'PUT',
        body: Buffer.from('something else'),
      });
      expect(put.status).toBe(400);
      expect(put.json()).toMatchObject({ errors: [{ code: 'DIGEST_INVALID' }] });
      expect((await ask(v2(`suite/liar/blobs/${claimed}`), { method: 'HEAD' })).status).toBe(404);
    });

    it('forgets an upload that was cancelled', async () => {
      const location = await openUpload('suite/cancel');
      expect((await ask(location)).status).toBe(204);
      expect((await ask(location, { method: 'DELETE' })).status).toBe(204);
      expect((await ask(location)).status).toBe(404);
    });

    it('knows no upload that it did not open', async () => {
      const reply = await ask(v2('suite/image/blobs/uploads/0b9ae0ad-2b0d-4b7b-8b0a-4d8a5d7c9f10'), {
        method: 'PUT',
        body: Buffer.from('x'),
      });
      expect(reply.status).toBe(404);
    });

    it('answers a single POST with a digest as the table says', async () => {
      const blob = Buffer.from('single post');
      const reply = await ask(v2(`suite/single/blobs/uploads/?digest=${sha256(blob)}`), {
        method: 'POST',
        headers: { 'content-type': 'application/octet-stream' },
        body: blob,
      });
      expect(reply.status).toBe(expected('single POST with a digest'));
    });

    it('mounts a blob of a repository that has it, and opens an upload for one that does not', async () => {
      const blob = image.blobs[1];
      expect(blob).toBeDefined();
      const mount = (query: string): Promise<Reply> =>
        ask(v2(`suite/mounted/blobs/uploads/?mount=${blob?.digest}${query}`), { method: 'POST' });
      expect((await mount('')).status).toBe(202);
      expect((await mount('&from=suite/none')).status).toBe(202);
      expect((await ask(v2(`suite/mounted/blobs/${blob?.digest}`), { method: 'HEAD' })).status).toBe(404);
      const mounted = await mount('&from=suite/image');
      expect(mounted.status).toBe(201);
      expect(mounted.headers['docker-content-digest']).toBe(blob?.digest);
      expect((await ask(v2(`suite/mounted/blobs/${blob?.digest}`), { method: 'HEAD' })).status).toBe(200);
    });

    it('does not show a blob to a repository that has no link to it', async () => {
      const blob = image.blobs[1];
      expect((await ask(v2(`suite/other/blobs/${blob?.digest}`), { method: 'HEAD' })).status).toBe(404);
    });

    it('refuses a manifest whose blobs are not there', async () => {
      const reply = await ask(v2('suite/empty/manifests/1.0'), {
        method: 'PUT',
        headers: { 'content-type': ociManifest },
        body: image.root.bytes,
      });
      expect(reply.status).toBe(400);
      expect(reply.json()).toMatchObject({
        errors: expect.arrayContaining([expect.objectContaining({ code: 'MANIFEST_BLOB_UNKNOWN' })]),
      });
      expect((await getManifest('suite/empty', '1.0', 'HEAD')).status).toBe(404);
    });

    it('refuses an index whose child is not there', async () => {
      const index = buildIndex([image]);
      const reply = await ask(v2('suite/sparse/manifests/1.0'), {
        method: 'PUT',
        headers: { 'content-type': ociIndex },
        body: index.root.bytes,
      });
      expect(reply.status).toBe(400);
      expect(reply.json()).toMatchObject({ errors: [{ code: 'MANIFEST_BLOB_UNKNOWN' }] });
    });

    it('refuses a manifest under a digest that is not its own', async () => {
      const reply = await ask(v2(`suite/image/manifests/sha256:${'1'.repeat(64)}`), {
        method: 'PUT',
        headers: { 'content-type': ociManifest },
        body: image.root.bytes,
      });
      expect(reply.status).toBe(400);
      expect(reply.json()).toMatchObject({ errors: [{ code: 'DIGEST_INVALID' }] });
    });

    it('refuses what is no manifest', async () => {
      expect((await putManifest('suite/image', 'bad', { schemaVersion: 7 })).status).toBe(
        expected('unknown schema version'),
      );
      expect((await putManifest('suite/image', 'bad', 'text', 'text/plain')).status).toBe(400);
      const schema1 = 'application/vnd.docker.distribution.manifest.v1+prettyjws';
      expect(
        (await putManifest('suite/image', 'bad', { schemaVersion: 1, signatures: [] }, schema1)).status,
      ).toBe(kind === 'embedded' ? 500 : 400);
    });

    it('refuses a body that says another type than the header', async () => {
      const reply = await ask(v2('suite/image/manifests/type'), {
        method: 'PUT',
        headers: { 'content-type': 'application/vnd.docker.distribution.manifest.v2+json' },
        body: image.root.bytes,
      });
      expect(reply.status).toBe(400);
    });

    it('answers a layer size that is wrong as the table says', async () => {
      const [config, layer] = image.blobs;
      const reply = await putManifest('suite/image', 'size', {
        schemaVersion: 2,
        mediaType: ociManifest,
        config: {
          mediaType: 'application/vnd.oci.image.config.v1+json',
          digest: config?.digest,
          size: config?.size,
        },
        layers: [{ mediaType: 'application/vnd.oci.image.layer.v1.tar', digest: layer?.digest, size: 1 }],
      });
      expect(reply.status).toBe(expected('size that is not the blob’s'));
    });

    it('refuses a layer that names urls with 500, which is not worth a retry', async () => {
      const foreign = await buildImage({
        seed: 'foreign',
        format: 'docker',
        foreignUrl: 'https://example.com/layer',
      });
      for (const blob of foreign.blobs)
        await pushBlob({ url: server.url, repository: 'suite/foreign', tag: null }, blob);
      const reply = await ask(v2('suite/foreign/manifests/1'), {
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
        await pushImage({ url: server.url, repository: 'suite/forms', tag }, built);
        const reply = await getManifest('suite/forms', tag);
        expect(reply.headers['docker-content-digest']).toBe(built.root.digest);
        expect(reply.headers['content-type']).toBe(built.root.mediaType);
        expect(reply.body.equals(built.root.bytes)).toBe(true);
      }
    });

    it('takes an artifact with a subject, and answers for referrers as the table says', async () => {
      const artifact = await buildImage({
        seed: 'signature',
        artifactType: 'application/vnd.example.signature',
        subject: image.root,
        annotations: { 'org.example.by': 'a test' },
      });
      for (const blob of artifact.blobs)
        await pushBlob({ url: server.url, repository: 'suite/image', tag: null }, blob);
      const put = await ask(v2(`suite/image/manifests/${artifact.root.digest}`), {
        method: 'PUT',
        headers: { 'content-type': ociManifest },
        body: artifact.root.bytes,
      });
      expect(put.status).toBe(201);
      expect('oci-subject' in put.headers).toBe(expected('subject acknowledged'));
      const list = await ask(v2(`suite/image/referrers/${image.root.digest}`));
      expect(list.status).toBe(expected('referrers of anything'));
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
      const filtered = await ask(v2(`suite/image/referrers/${image.root.digest}?artifactType=other`));
      expect(filtered.json()).toMatchObject({ manifests: [] });
      expect(filtered.headers['oci-filters-applied']).toBe('artifactType');
    });

    it('lists tags, in pages where the table says so', async () => {
      const [first] = await buildFamily({ seed: 'tags', count: 1, shared: [], own: 10 });
      if (!first) throw new Error('no image was built');
      for (const tag of ['b', 'e', 'a', 'd', 'c'])
        await pushImage({ url: server.url, repository: 'suite/tags', tag }, first);
      const { tags } = (await ask(v2('suite/tags/tags/list'))).json() as { tags: string[] };
      const sorted = ['a', 'b', 'c', 'd', 'e'];
      expect(tags.toSorted()).toEqual(sorted);
      expect(tags.join() === sorted.join() || !expected('order of tags')).toBe(true);
      const page = await ask(v2('suite/tags/tags/list?n=2&last=a'));
      expect((page.json() as { tags: string[] }).tags).toHaveLength(Number(expected('pages of tags')));
      expect(page.headers.link).toBe(
        kind === 'embedded' ? '</v2/suite/tags/tags/list?n=2&last=c>; rel="next"' : undefined,
      );
    });

    it('moves a tag when it is pushed again', async () => {
      const one = await buildImage({ seed: 'moves 1' });
      const two = await buildImage({ seed: 'moves 2' });
      for (const built of [one, two]) {
        await pushImage({ url: server.url, repository: 'suite/moves', tag: 'latest' }, built);
        expect((await getManifest('suite/moves', 'latest', 'HEAD')).headers['docker-content-digest']).toBe(
          built.root.digest,
        );
      }
      expect((await getManifest('suite/moves', one.root.digest, 'HEAD')).status).toBe(200);
    });

    it('deletes a manifest with its tags, and a blob', async () => {
      const built = await buildImage({ seed: 'deleted' });
      await pushImage({ url: server.url, repository: 'suite/deleted', tag: '1' }, built);
      const byTag = await ask(v2('suite/deleted/manifests/1'), { method: 'DELETE' });
      expect(byTag.status).toBe(expected('delete by tag'));
      const byDigest = await ask(v2(`suite/deleted/manifests/${built.root.digest}`), { method: 'DELETE' });
      expect(byDigest.status).toBe(202);
      expect((await getManifest('suite/deleted', '1', 'HEAD')).status).toBe(404);
      const blob = built.blobs[0];
      expect((await ask(v2(`suite/deleted/blobs/${blob?.digest}`), { method: 'DELETE' })).status).toBe(202);
      expect((await ask(v2(`suite/deleted/blobs/${blob?.digest}`), { method: 'HEAD' })).status).toBe(404);
    });
  });
}

/** Announces 1000 bytes of a chunk, sends 500, and hangs up. */
async function sendHalfChunk(location: string): Promise<void> {
  const url = new URL(location);
  await new Promise<void>((resolve, reject) => {
    const socket = connect(Number(url.port), url.hostname, () => {
      socket.write(
        `PATCH ${url.pathname}${url.search} HTTP/1.1\r\nHost: ${url.host}\r\nContent-Length: 1000\r\n` +
          'Content-Type: application/octet-stream\r\n\r\n',
      );
      socket.write(Buffer.alloc(500), () => setTimeout(() => socket.destroy(), 20));
    });
    socket.on('close', () => resolve());
    socket.on('error', reject);
  });
}
