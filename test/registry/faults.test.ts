import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import { describe, expect, it, onTestFinished } from 'vitest';
import { type EmbeddedRegistry, type Faults, startRegistry } from '../../src/embedded/index.ts';
import { type Registry, RegistryError } from '../../src/registry/index.ts';
import { readChunks } from '../../src/registry/read-chunks.ts';
import { findDockerRegistry, startDockerRegistry } from '../support/docker-registry.ts';
import { startFaultProxy } from '../support/fault-proxy.ts';
import { startTokenServer } from '../support/token-server.ts';
import { blobOf, manifestOf, openForTest, streamOf } from './opened.ts';

const hasDockerRegistry = findDockerRegistry() !== null;
/** The same bytes every time: which request fails depends on its path, and so on the digest. */
const layers = Array.from({ length: 24 }, (_, index) =>
  createHash('shake256', { outputLength: 20_000 + index * 3000 })
    .update(`layer ${index}`)
    .digest(),
);
const image = manifestOf({
  schemaVersion: 2,
  mediaType: 'application/vnd.oci.image.manifest.v1+json',
  config: blobOf(layers[0] ?? Buffer.alloc(0)),
  layers: layers.slice(1).map(blobOf),
});

async function fill(source: EmbeddedRegistry): Promise<void> {
  for (const layer of layers) await source.addBlob('apps/web', layer);
  source.addManifest('apps/web', 'v1', image.mediaType, image.bytes);
}

async function copy(pull: Registry, push: Registry): Promise<void> {
  const manifest = await pull.getManifest('apps/web', 'v1');
  if (manifest === null) throw new Error('the source has no manifest');
  await Promise.all(
    layers.map(async (layer) => {
      const blob = blobOf(layer);
      if (await push.headBlob('apps/web', blob)) return;
      await push.putBlob('apps/web', blob, (signal) => pull.openBlob('apps/web', blob, signal));
    }),
  );
  await push.putManifest('apps/web', 'v1', manifest);
}

const faultsOf = (seed: number): Faults => ({ seed, rate: 0.2 });

/** Bytes that came wrong get a second chance, and no third. */
function hasSentWrongTwice(source: EmbeddedRegistry): boolean {
  const wrong = source.requests.filter(({ method, fault }) => method === 'GET' && fault === 'wrong-bytes');
  return new Set(wrong.map(({ path }) => path)).size < wrong.length;
}

/** Whether it arrived. Else its source was at fault, or this throws. */
async function copyOrLeaveAlone(source: EmbeddedRegistry, pull: Registry, push: Registry): Promise<boolean> {
  try {
    await copy(pull, push);
    return true;
  } catch (error) {
    const isSpoilt = error instanceof RegistryError && error.code === 'invalid' && hasSentWrongTwice(source);
    if (!isSpoilt || error.registry !== 'source.test') throw error;
    return false;
  }
}

describe('with one request in five failing in random ways', () => {
  it.each([1, 2, 3, 4, 5])('an image arrives whole, or is left alone (seed %i)', async (seed) => {
    const source = await startRegistry({ faults: faultsOf(seed) });
    const backup = await startRegistry({ faults: faultsOf(seed + 100) });
    onTestFinished(async () => {
      await source.close();
      await backup.close();
    });
    await fill(source);
    const { registries } = openForTest({
      settings: { 'source.test': { endpoint: source.url }, 'backup.test': { endpoint: backup.url } },
    });
    const [pull, push] = [registries.open('source.test', 'pull'), registries.open('backup.test', 'push')];
    const isThere = await copyOrLeaveAlone(source, pull, push);
    expect(backup.manifest('apps/web', 'v1')?.digest ?? null).toBe(isThere ? image.digest : null);
    const isComplete = layers.every((layer) => backup.hasBlob('apps/web', blobOf(layer).digest));
    expect(isComplete || !isThere).toBe(true);
  });

  it.skipIf(!hasDockerRegistry)(
    `an image arrives whole, or is left alone, at Debian's docker-registry${hasDockerRegistry ? '' : ' (skipped: it is not installed)'}`,
    async () => {
      const source = await startRegistry({ faults: faultsOf(9) });
      const real = await startDockerRegistry();
      const proxy = await startFaultProxy(real.url, faultsOf(10));
      onTestFinished(async () => {
        await proxy.close();
        await real.close();
        await source.close();
      });
      await fill(source);
      const { registries } = openForTest({
        settings: {
          'source.test': { endpoint: source.url },
          'backup.test': { endpoint: proxy.url },
          'quiet.test': { endpoint: real.url },
        },
      });
      const quiet = registries.open('quiet.test', 'pull');
      const [pull, push] = [registries.open('source.test', 'pull'), registries.open('backup.test', 'push')];
      const isThere = await copyOrLeaveAlone(source, pull, push);
      expect(await quiet.getManifest('apps/web', 'v1')).toEqual(isThere ? image : null);
      const heads = layers.map((layer) => quiet.headBlob('apps/web', blobOf(layer)));
      expect((await Promise.all(heads)).every(Boolean) || !isThere).toBe(true);
    },
  );
});

it.skipIf(!hasDockerRegistry)(
  `renews the tokens of a real registry that die early, in a large upload${hasDockerRegistry ? '' : ' (skipped: docker-registry is not installed)'}`,
  async () => {
    const tokens = await startTokenServer({ users: { ci: 'secret-1' }, lifetime: 2, claimedLifetime: 300 });
    const real = await startDockerRegistry({ token: tokens.token });
    onTestFinished(async () => {
      await real.close();
      await tokens.close();
    });
    const { registries } = openForTest({
      settings: { 'real.test': { endpoint: real.url, username: 'ci', password: 'secret-1' } },
    });
    const push = registries.open('real.test', 'push');
    const first = layers[0] ?? Buffer.alloc(0);
    const second = createHash('shake256', { outputLength: 24 * 1024 * 1024 }).digest();
    await push.putBlob('apps/web', blobOf(first), streamOf(first));
    let opened = 0;
    await push.putBlob('apps/web', blobOf(second), async () => {
      opened += 1;
      if (opened === 1) await new Promise((resolve) => setTimeout(resolve, 3200));
      return Readable.from(readChunks(Readable.from([second], { objectMode: false }), 65536), {
        objectMode: false,
      });
    });
    expect(opened).toBe(2);
    expect(await push.headBlob('apps/web', blobOf(second))).toBe(true);
    expect(tokens.requests.length).toBeGreaterThanOrEqual(2);
  },
);

it('gives a manifest back when its answer was lost and its tag may not be written twice', async () => {
  const server = await startRegistry({
    immutableTags: true,
    faults: [{ match: { method: 'PUT', path: /manifests/, nth: 1 }, fault: { kind: 'lost-answer' } }],
  });
  onTestFinished(() => server.close());
  for (const layer of layers) await server.addBlob('apps/web', layer);
  const { registries } = openForTest({ settings: { 'backup.test': { endpoint: server.url } } });
  const push = registries.open('backup.test', 'push');
  await push.putManifest('apps/web', 'v1', image);
  expect(server.manifest('apps/web', 'v1')?.digest).toBe(image.digest);
});
