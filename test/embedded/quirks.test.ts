import { afterEach, describe, expect, it } from 'vitest';
import {
  addImage,
  type EmbeddedRegistry,
  type RegistryOptions,
  startRegistry,
} from '../../src/embedded/index.ts';
import { makeCertificate } from '../support/certificate.ts';
import { ask } from '../support/http-client.ts';
import { buildImage, bytesBlob, ociIndex, sha256 } from '../support/images.ts';
import { pushBlob, pushImage } from '../support/push-image.ts';

let registry: EmbeddedRegistry | null = null;
afterEach(async () => {
  await registry?.close();
  registry = null;
});

async function start(options: RegistryOptions): Promise<EmbeddedRegistry> {
  registry = await startRegistry(options);
  return registry;
}

const accept = { accept: '*/*' };

describe('quirks of registries that the embedded one can have', () => {
  it('never writes a tag twice when tags are immutable, not even with the same digest', async () => {
    const { url } = await start({ immutableTags: true });
    const image = await buildImage({ seed: 'immutable' });
    await pushImage({ url, repository: 'a/b', tag: '1' }, image);
    await expect(pushImage({ url, repository: 'a/b', tag: '1' }, image)).rejects.toThrow(/TAG_INVALID/);
    await pushImage({ url, repository: 'a/b', tag: null }, image);
  });

  it('counts GETs of manifests against the pull limit, and no HEAD', async () => {
    const server = await start({ rateLimit: { limit: 100, remaining: 2, windowSeconds: 21600 } });
    await addImage(server, 'library/nginx', '1');
    const url = `${server.url}/v2/library/nginx/manifests/1`;
    for (const [method, status, left] of [
      ['HEAD', 200, 2],
      ['GET', 200, 1],
      ['GET', 200, 0],
      ['HEAD', 200, 0],
      ['GET', 429, 0],
    ] as const) {
      const reply = await ask(url, { method, headers: accept });
      expect(reply.status).toBe(status);
      expect(reply.headers['ratelimit-remaining']).toBe(`${left};w=21600`);
      expect(reply.headers['ratelimit-limit']).toBe('100;w=21600');
    }
  });

  it('knows only the repositories that were made before a push', async () => {
    const { url } = await start({ repositories: ['made'] });
    await pushBlob({ url, repository: 'made', tag: null }, bytesBlob(Buffer.from('x')));
    const reply = await ask(`${url}/v2/unmade/blobs/uploads/`, { method: 'POST' });
    expect(reply.status).toBe(404);
    expect(reply.json()).toMatchObject({ errors: [{ code: 'NAME_UNKNOWN' }] });
  });

  it('refuses names that are too deep', async () => {
    const { url } = await start({ maxNameSegments: 2 });
    expect((await ask(`${url}/v2/a/b/c/blobs/uploads/`, { method: 'POST' })).status).toBe(400);
    expect((await ask(`${url}/v2/a/b/blobs/uploads/`, { method: 'POST' })).status).toBe(202);
  });

  it('refuses a body that is too large, announced or not, and chunks that are too small', async () => {
    const { url } = await start({ maxUploadBytes: 1000, chunkMinLength: 500 });
    const opened = await ask(`${url}/v2/a/b/blobs/uploads/`, { method: 'POST' });
    expect(opened.headers['oci-chunk-min-length']).toBe('500');
    const location = opened.headers.location ?? '';
    const patch = (size: number, start: number): ReturnType<typeof ask> =>
      ask(location, {
        method: 'PATCH',
        headers: { 'content-range': `${start}-${start + size - 1}` },
        body: Buffer.alloc(size),
      });
    expect((await patch(1001, 0)).status).toBe(413);
    expect((await patch(499, 0)).status).toBe(416);
    expect((await patch(1000, 0)).status).toBe(202);
    const last = Buffer.alloc(7);
    const put = await ask(`${location}&digest=${sha256(Buffer.alloc(1007))}`, {
      method: 'PUT',
      headers: { 'content-range': '1000-1006' },
      body: last,
    });
    expect(put.status).toBe(201);
  });

  it('sends a client to a second origin for blobs, which refuses credentials', async () => {
    const server = await start({ redirectBlobs: true });
    const digest = await server.addBlob('a/b', Buffer.from('stored elsewhere'));
    const reply = await ask(`${server.url}/v2/a/b/blobs/${digest}`);
    expect(reply.status).toBe(307);
    const location = reply.headers.location ?? '';
    expect(new URL(location).origin).not.toBe(server.url);
    expect((await ask(location)).body.toString()).toBe('stored elsewhere');
    expect((await ask(location, { headers: { range: 'bytes=7-9' } })).body.toString()).toBe('els');
    expect((await ask(location, { headers: { authorization: 'Bearer x' } })).status).toBe(400);
    expect(server.storageRequests.map((request) => request.scheme)).toEqual([null, null, 'bearer']);
  });

  it('answers every mount with an upload when it does not mount', async () => {
    const server = await start({ mounts: false });
    const digest = await server.addBlob('a/b', Buffer.from('x'));
    const reply = await ask(`${server.url}/v2/a/c/blobs/uploads/?mount=${digest}&from=a/b`, {
      method: 'POST',
    });
    expect(reply.status).toBe(202);
    expect(server.openUploads()).toBe(1);
  });

  it('has relative Locations, no referrers, no deletes and pages of tags when told so', async () => {
    const server = await start({ location: 'relative', referrers: false, deletes: false, tagsPerPage: 2 });
    const opened = await ask(`${server.url}/v2/a/b/blobs/uploads/`, { method: 'POST' });
    expect(opened.headers.location).toMatch(/^\/v2\/a\/b\/blobs\/uploads\//);
    const digest = await addImage(server, 'a/b', '1');
    for (const tag of ['2', '3']) await addImage(server, 'a/b', tag);
    expect((await ask(`${server.url}/v2/a/b/referrers/${digest}`)).status).toBe(404);
    expect((await ask(`${server.url}/v2/a/b/manifests/${digest}`, { method: 'DELETE' })).status).toBe(405);
    const page = await ask(`${server.url}/v2/a/b/tags/list`);
    expect(page.json()).toEqual({ name: 'a/b', tags: ['1', '2'] });
    const next = /<(.*)>; rel="next"/.exec(String(page.headers.link))?.[1] ?? '';
    const last = await ask(`${server.url}${next}`);
    expect(last.json()).toEqual({ name: 'a/b', tags: ['3'] });
    expect(last.headers.link).toBeUndefined();
  });

  it('takes foreign layers when told so', async () => {
    const { url } = await start({ foreignLayers: true });
    const image = await buildImage({ seed: 'foreign', foreignUrl: 'https://example.com/layer' });
    expect(await pushImage({ url, repository: 'a/b', tag: '1' }, image)).toBe(image.root.digest);
  });

  it('speaks TLS with the key it is given', async () => {
    const certificate = makeCertificate();
    const server = await start({ tls: certificate });
    expect(server.url).toMatch(/^https:/);
    const image = await buildImage({ seed: 'tls' });
    expect(await pushImage({ url: server.url, repository: 'a/b', tag: '1' }, image)).toBe(image.root.digest);
    certificate.remove();
  });

  it('lets a test act while a request is on its way', async () => {
    const seen: string[] = [];
    const server = await start({
      async onRequest(request) {
        seen.push(`${request.method} ${request.path}`);
        await addImage(server, 'a/b', 'made-just-now');
      },
    });
    const reply = await ask(`${server.url}/v2/a/b/manifests/made-just-now`, { headers: accept });
    expect(reply.status).toBe(200);
    expect(seen).toEqual(['GET /v2/a/b/manifests/made-just-now']);
  });
});

describe('what a test sees of the embedded registry', () => {
  it('has the same multi-architecture image for the same name, whole', async () => {
    const server = await start({});
    const digest = await addImage(server, 'library/nginx', '1');
    expect(await addImage(server, 'library/nginx', '1')).toBe(digest);
    const manifest = server.manifest('library/nginx', '1');
    expect(manifest).toMatchObject({ digest, mediaType: ociIndex });
    expect(sha256(manifest?.bytes ?? Buffer.alloc(0))).toBe(digest);
    const { manifests, blobs, tags } = server.snapshot()['library/nginx'] ?? {
      manifests: [],
      blobs: [],
      tags: {},
    };
    expect([manifests.length, blobs.length, tags]).toEqual([3, 4, { '1': digest }]);
  });

  it('counts requests and bytes, and forgets them', async () => {
    const server = await start({});
    const digest = await server.addBlob('a/b', Buffer.alloc(1234));
    await ask(`${server.url}/v2/a/b/blobs/${digest}`);
    await ask(`${server.url}/v2/a/b/blobs/${digest}`, { method: 'HEAD' });
    await pushBlob({ url: server.url, repository: 'a/c', tag: null }, bytesBlob(Buffer.alloc(99)));
    expect(server.bytesOut({ path: /blobs\/sha256/, status: 200 })).toBe(1234);
    expect(server.bytesIn({ method: 'PUT' })).toBe(99);
    expect(server.count({ method: 'HEAD' })).toBe(2);
    server.forgetRequests();
    expect(server.count()).toBe(0);
  });

  it('can lose a blob or change its bytes behind the protocol’s back', async () => {
    const server = await start({});
    const digest = await server.addBlob('a/b', Buffer.from('whole'));
    await server.damageBlob(digest, Buffer.from('wrong'));
    expect((await ask(`${server.url}/v2/a/b/blobs/${digest}`)).body.toString()).toBe('wrong');
    await server.damageBlob(digest, null);
    expect(server.hasBlob('a/b', digest)).toBe(false);
    expect((await ask(`${server.url}/v2/a/b/blobs/${digest}`, { method: 'HEAD' })).status).toBe(404);
  });
});
