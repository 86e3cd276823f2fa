import { describe, expect, it } from 'vitest';
import { copyImages, verifyBackups } from '../../src/copy/index.ts';
import {
  type BuiltImage,
  type BuiltManifest,
  buildImage,
  buildIndex,
  ociIndex,
  ociManifest,
  sha256,
} from '../support/images.ts';
import { digestOf, MemoryRegistries } from './memory-registry.ts';
import { optionsFor, stepOf } from './steps.ts';

const upstream = 'ghcr.io';
const backup = 'backup.example';
const step = stepOf('ghcr.io/acme/web:1.0', backup);
const good = stepOf('ghcr.io/acme/web:good', backup);
const there = (all: MemoryRegistries) => all.at(backup, step.backup.repository);

/** The same manifest with other words. */
function reworded(manifest: BuiltManifest, from: string, to: string): BuiltManifest {
  const text = manifest.bytes.toString();
  if (!text.includes(from)) throw new Error(`no ${from}`);
  const bytes = Buffer.from(text.replace(from, to));
  return { ...manifest, bytes, digest: sha256(bytes), size: bytes.length };
}

/** An index that says of its child what `from` and `to` make of it; the child itself is as it was. */
async function lyingIndex(from: (child: BuiltManifest) => string, to: string): Promise<BuiltImage> {
  const child = await buildImage({ seed: 'web' });
  const honest = buildIndex([child]);
  const root = reworded(honest.root, from(child.root), to);
  return { blobs: child.blobs, manifests: [child.root, root], root };
}

/** An image that gives a size to its first layer that this does not have. */
async function lyingImage(): Promise<BuiltImage> {
  const honest = await buildImage({ seed: 'web', layers: [2000, 300] });
  const root = reworded(honest.root, '"size": 2000', '"size": 2001');
  return { blobs: honest.blobs, manifests: [root], root };
}

const lies = [
  ['another size of a child', () => lyingIndex(({ size }) => `"size": ${size}`, '"size": 425')],
  [
    'another media type of a child',
    () => lyingIndex(() => ociManifest, ociManifest.replace('manifest', 'index')),
  ],
] as const;

/** An image whose text has `more`, sent as `mediaType`. */
async function disguised(mediaType: string, more: object): Promise<BuiltImage> {
  const honest = await buildImage({ seed: 'web' });
  const { mediaType: _, ...text } = JSON.parse(honest.root.bytes.toString());
  const bytes = Buffer.from(JSON.stringify({ ...text, ...more }));
  const root = { mediaType, bytes, digest: sha256(bytes), size: bytes.length };
  return { ...honest, manifests: [root], root };
}

describe('a manifest that can be read in two ways', () => {
  it.each<readonly [string, string, object]>([
    ['an image that has children, too', ociManifest, { manifests: [] }],
    ['an index that has layers, too', ociIndex, { manifests: [] }],
    ['an image that is sent as an index', ociIndex, { mediaType: ociManifest }],
    ['an image that calls itself an index', ociManifest, { mediaType: ociIndex }],
  ])('ends in an error, and no tag: %s', async (_, mediaType, more) => {
    const all = new MemoryRegistries();
    const child = await buildImage({ seed: 'child' });
    await all.add(upstream, 'acme/web', null, child);
    const { digest, size } = child.root;
    const manifests = 'manifests' in more ? { manifests: [{ mediaType: ociManifest, digest, size }] } : {};
    await all.add(upstream, 'acme/web', '1.0', await disguised(mediaType, { ...more, ...manifests }));
    expect(await copyImages([step], optionsFor(all))).toMatchObject([
      { status: 'failed', error: { code: 'invalid' } },
    ]);
    expect(there(all).tags.size).toBe(0);
  });
});

describe('what an image says of its parts', () => {
  it.each(lies)('ends in an error, and no tag, when it gives %s', async (_, build) => {
    const all = new MemoryRegistries();
    await all.add(upstream, 'acme/web', '1.0', await build());
    expect(await copyImages([step], optionsFor(all))).toMatchObject([
      {
        status: 'failed',
        error: { code: 'invalid', message: expect.stringMatching(/web:1\.0 is broken: .* not copied/) },
      },
    ]);
    expect(there(all).tags.size).toBe(0);
  });

  it.each(lies)('is not believed either where the child is in the backup already: %s', async (_, build) => {
    const all = new MemoryRegistries();
    await all.add(upstream, 'acme/web', 'good', await buildImage({ seed: 'web' }));
    expect(await copyImages([good], optionsFor(all))).toMatchObject([{ status: 'copied' }]);
    await all.add(upstream, 'acme/web', '1.0', await build());
    for (const steps of [[step], [good, step]])
      expect((await copyImages(steps, optionsFor(all))).at(-1)).toMatchObject({
        status: 'failed',
        error: { code: 'invalid' },
      });
    expect([...there(all).tags.keys()].filter((tag) => tag.startsWith('1.0'))).toEqual([]);
  });

  it('is not believed of a layer that another image brought', async () => {
    const all = new MemoryRegistries();
    await all.add(upstream, 'acme/other', '1', await buildImage({ seed: 'web', layers: [2000, 300] }));
    await all.add(upstream, 'acme/web', '1.0', await lyingImage());
    const other = stepOf('ghcr.io/acme/other:1', backup);
    for (const concurrency of [1, 4])
      expect(await copyImages([other, step], optionsFor(all, { concurrency }))).toMatchObject([
        {},
        { status: 'failed', error: { code: 'invalid' } },
      ]);
    expect(there(all).tags.size).toBe(0);
  });

  it('keeps no honest image from the backup when a lie came first', async () => {
    const all = new MemoryRegistries();
    await all.add(upstream, 'acme/web', '1.0', await lyingImage());
    await all.add(upstream, 'acme/web', 'good', await buildImage({ seed: 'web', layers: [2000, 300] }));
    expect(await copyImages([step, good], optionsFor(all))).toMatchObject([
      { status: 'failed' },
      { status: 'copied' },
    ]);
  });

  it('is not believed of a layer that is mounted within one registry', async () => {
    const all = new MemoryRegistries();
    await all.add(backup, 'acme/web', '1.0', await lyingImage());
    const inside = stepOf(`${backup}/acme/web:1.0`, backup);
    expect(await copyImages([inside], optionsFor(all))).toMatchObject([
      { status: 'failed', error: { code: 'invalid' } },
    ]);
  });

  it.each(lies)('is found by verify: %s', async (_, build) => {
    const all = new MemoryRegistries();
    const image = await build();
    const digest = digestOf(await all.add(backup, step.backup.repository, '1.0', image));
    const reference = { ...step.backup, tag: '1.0', digest };
    const found = await verifyBackups([reference], { registries: all, concurrency: 2, deep: false });
    expect(found).toMatchObject([
      {
        status: 'broken',
        damages: [{ kind: 'invalid', part: 'manifest', digest: image.manifests[0]?.digest }],
      },
    ]);
  });
});
