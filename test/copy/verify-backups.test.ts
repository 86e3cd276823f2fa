import { describe, expect, it, onTestFinished } from 'vitest';
import { copyImages, verifyBackups } from '../../src/copy/index.ts';
import { startRegistry } from '../../src/embedded/index.ts';
import type { ImageName } from '../../src/reference/index.ts';
import { type BuiltImage, buildFamily, buildImage, buildMultiArch, bytesBlob } from '../support/images.ts';
import { pushImage } from '../support/push-image.ts';
import { digestOf } from './memory-registry.ts';
import { optionsFor, stepOf } from './steps.ts';
import { backup, upstream, type World, withWorld } from './two-registries.ts';

const step = stepOf(`${upstream}/acme/web:1.0`, backup);

async function backedUp(world: World): Promise<{ image: BuiltImage; reference: ImageName }> {
  const image = await buildMultiArch('web');
  const digest = digestOf(await world.push('acme/web', '1.0', image));
  await copyImages([step], optionsFor(world.registries));
  world.forgetRequests();
  return { image, reference: { ...step.backup, tag: '1.0', digest } };
}

describe('verifyBackups', () => {
  it('finds a backup whole, and asks for each part once', () =>
    withWorld({}, async (world) => {
      const { image, reference } = await backedUp(world);
      const options = { registries: world.registries, concurrency: 4, deep: false };
      const outcomes = await verifyBackups([reference, { ...reference, digest: null }], options);
      for (const outcome of outcomes)
        expect(outcome).toMatchObject({
          status: 'whole',
          digest: image.root.digest,
          manifests: 5,
          damages: [],
        });
      expect(world.target.count({ method: 'HEAD' })).toBe(image.blobs.length);
      expect(world.target.count({ method: 'GET', path: /\/blobs\// })).toBe(0);
      expect(world.source.requests).toEqual([]);
    }));

  it('lists blobs that vanished, and tells nothing of other images', () =>
    withWorld({}, async (world) => {
      const { image, reference } = await backedUp(world);
      const gone = image.blobs[1];
      if (gone === undefined) throw new Error('no blob');
      await world.target.damageBlob(gone.digest, null);
      const options = { registries: world.registries, concurrency: 4, deep: false };
      expect(await verifyBackups([reference], options)).toMatchObject([
        { status: 'broken', damages: [{ kind: 'missing', part: 'layer', digest: gone.digest }] },
      ]);
    }));

  it.each([false, true])('does not believe a mirror that still serves what is gone, deep: %s', (deep) =>
    withWorld({}, async (world) => {
      const { image, reference } = await backedUp(world);
      const mirror = await startRegistry();
      onTestFinished(() => mirror.close());
      await pushImage({ url: mirror.url, repository: reference.repository, tag: '1.0' }, image);
      const registries = world.reopen({ settings: { [backup]: { mirrors: [mirror.url] } } });
      mirror.forgetRequests();
      const layer = image.blobs.at(-1)?.digest ?? '';
      if (deep) await world.target.damageBlob(layer, Buffer.from('something else'));
      else
        world.target.setFaults([{ match: { path: /manifests\// }, fault: { kind: 'status', status: 404 } }]);
      const outcomes = await verifyBackups([reference], { registries, concurrency: 4, deep });
      expect(outcomes).toMatchObject([{ status: 'broken' }]);
      expect(mirror.requests).toEqual([]);
    }),
  );

  it('leads to a repair that brings what is missing, and nothing else', () =>
    withWorld({}, async (world) => {
      const { image, reference } = await backedUp(world);
      const [first, second] = image.blobs;
      if (first === undefined || second === undefined) throw new Error('no blobs');
      await world.target.damageBlob(second.digest, null);
      const before = world.target.snapshot();
      world.forgetRequests();
      const repaired = await copyImages([step], optionsFor(world.registries, { repair: true }));
      expect(repaired).toMatchObject([
        { status: 'copied', digest: image.root.digest, tag: '1.0', blobs: { copied: 1 } },
      ]);
      expect(world.source.bytesOut({ path: /\/blobs\// })).toBe(second.size);
      expect(world.target.count({ method: 'PUT', path: /\/manifests\/1\.0/ })).toBe(0);
      const options = { registries: world.registries, concurrency: 4, deep: true };
      expect(await verifyBackups([reference], options)).toMatchObject([{ status: 'whole' }]);
      expect(world.target.snapshot()[step.backup.repository]?.tags).toEqual(
        before[step.backup.repository]?.tags,
      );
    }));

  it('finds other bytes of the same size only when it reads them', () =>
    withWorld({}, async (world) => {
      const { image, reference } = await backedUp(world);
      const [config] = image.blobs;
      if (config === undefined) throw new Error('no blob');
      await world.target.damageBlob(config.digest, Buffer.alloc(config.size, 'x'));
      const options = { registries: world.registries, concurrency: 4, deep: false };
      expect(await verifyBackups([reference], options)).toMatchObject([{ status: 'whole' }]);
      expect(await verifyBackups([reference], { ...options, deep: true })).toMatchObject([
        { status: 'broken', damages: [{ kind: 'wrong-bytes', part: 'config', digest: config.digest }] },
      ]);
    }));

  it('lists a backup that is not there at all', () =>
    withWorld({}, async (world) => {
      const { reference } = await backedUp(world);
      const options = { registries: world.registries, concurrency: 4, deep: false };
      expect(await verifyBackups([{ ...reference, repository: 'nowhere' }], options)).toMatchObject([
        { status: 'broken', digest: null, damages: [{ kind: 'missing', part: 'manifest' }] },
      ]);
    }));

  it('counts the layers of publishers where they are copied, and a repair brings those that were left out', () =>
    withWorld({ source: { foreignLayers: true }, target: { foreignLayers: true } }, async (world) => {
      const layer = bytesBlob(Buffer.from('win foreign'));
      const foreignUrl = 'https://publisher.example/layer';
      const built = await buildImage({ seed: 'win', foreignUrl, foreignSize: layer.size });
      const image = { ...built, blobs: [...built.blobs, layer] };
      const digest = digestOf(await world.push('acme/web', '1.0', image));
      await copyImages([step], optionsFor(world.registries));
      const reference = { ...step.backup, tag: '1.0', digest };
      const look = (foreignLayers: boolean) =>
        verifyBackups([reference], {
          registries: world.registries,
          concurrency: 1,
          deep: true,
          foreignLayers,
        });
      expect(await look(false)).toMatchObject([{ status: 'whole' }]);
      expect(await look(true)).toMatchObject([
        { status: 'broken', damages: [{ kind: 'missing', part: 'layer', digest: layer.digest }] },
      ]);
      await copyImages([step], optionsFor(world.registries, { foreignLayers: true, repair: true }));
      expect(await look(true)).toMatchObject([{ status: 'whole' }]);
    }));

  it('calls nothing broken that it could not ask for', () =>
    withWorld({}, async (world) => {
      const { reference } = await backedUp(world);
      world.target.setFaults([{ match: { path: /\/blobs\// }, fault: { kind: 'status', status: 401 } }]);
      const options = { registries: world.registries, concurrency: 1, deep: false };
      expect(await verifyBackups([reference], options)).toMatchObject([
        { status: 'failed', error: { code: 'unauthorized' } },
      ]);
    }));

  it('answers in the order of the references', () =>
    withWorld({}, async (world) => {
      const family = await buildFamily({ seed: 'svc', count: 6, shared: [500], own: 100 });
      for (const [index, image] of family.entries()) await world.push(`svc/${index}`, '1', image);
      const steps = family.map((_, index) => stepOf(`${upstream}/svc/${index}:1`, backup));
      await copyImages(steps, optionsFor(world.registries));
      const references = steps.map((one) => ({ ...one.backup, tag: '1', digest: null }));
      const outcomes = await verifyBackups(references, {
        registries: world.registries,
        concurrency: 3,
        deep: true,
      });
      expect(outcomes.map((one) => one.reference)).toEqual(references);
      expect(new Set(outcomes.map((one) => one.status))).toEqual(new Set(['whole']));
    }));
});
