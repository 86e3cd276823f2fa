import { describe, expect, it, onTestFinished } from 'vitest';
import { startRegistry } from '../../src/embedded/index.ts';
import { errorOf, manifestOf, openForTest } from './opened.ts';

async function open(host: string) {
  const server = await startRegistry();
  onTestFinished(() => server.close());
  const manifest = manifestOf({ schemaVersion: 2 });
  for (const tag of ['1', '1-abc']) server.addManifest('a/b', tag, manifest.mediaType, manifest.bytes);
  const { registries } = openForTest({ settings: { [host]: { endpoint: server.url } } });
  return { server, digest: manifest.digest, push: registries.open(host, 'push') };
}

describe('deleting a manifest', () => {
  it('takes one request, and its tags go with it', async () => {
    const { server, digest, push } = await open('registry.test');
    await push.deleteManifest('a/b', digest, undefined, ['1', '1-abc']);
    expect(server.requests.map(({ method, path }) => [method, path])).toEqual([
      ['DELETE', `/v2/a/b/manifests/${digest}`],
    ]);
    expect(await push.listTags('a/b')).toEqual([]);
  });

  it('of what is not there is no error', async () => {
    const { server, digest, push } = await open('registry.test');
    await push.deleteManifest('a/b', digest);
    await push.deleteManifest('a/b', digest);
    expect(server.requests.map(({ status }) => status)).toEqual([202, 404]);
  });

  it.each(['europe-docker.pkg.dev', 'gcr.io'])('takes the tags first at %s', async (host) => {
    const { server, digest, push } = await open(host);
    await push.deleteManifest('a/b', digest, undefined, ['1', '1-abc']);
    expect(server.requests.map(({ path }) => path.split('/').at(-1))).toEqual(['1', '1-abc', digest]);
  });

  it.each([
    ['ghcr.io', 'packages/container'],
    ['docker.io', 'hub.docker.com'],
  ])("names %s's own way without a request", async (host, way) => {
    const { server, digest, push } = await open(host);
    const error = await errorOf(push.deleteManifest('a/b', digest));
    expect(error.code).toBe('unsupported');
    expect(error.message).toContain(way);
    expect(server.requests).toEqual([]);
  });
});
