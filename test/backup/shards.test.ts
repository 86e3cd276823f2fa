import { afterEach, beforeEach, expect, test } from 'vitest';
import { copy, planShards } from '../../src/backup/index.ts';
import { startRegistry } from '../../src/embedded/index.ts';
import { openRegistries } from '../../src/registry/index.ts';
import { buildFamily } from '../support/images.ts';
import { pushImage } from '../support/push-image.ts';
import { createWorld, deployment, type World } from './world.ts';

const count = 24;
const shared = [40_000, 30_000];

let world: World;
beforeEach(async () => {
  const names = Array.from({ length: count }, (_, index) => `svc/${index}`);
  world = await createWorld(
    Object.fromEntries(
      names.map((name, index) => [`${index}.yaml`, deployment(`svc-${index}`, `${name}:1`)]),
    ),
  );
  const family = await buildFamily({ seed: 'svc', count, shared, own: 2000 });
  for (const [index, image] of family.entries())
    await pushImage({ url: world.upstream.url, repository: `svc/${index}`, tag: '1' }, image);
  world.upstream.forgetRequests();
});
afterEach(() => world.close());

test('three parts side by side give the end state of one run, and move what crosses them at most once more', async () => {
  const alone = await startRegistry();
  const single = openRegistries({
    settings: { 'docker.io': { endpoint: world.upstream.url }, 'backup.test': { endpoint: alone.url } },
  });
  const bytes = (): number => world.upstream.bytesOut({ path: /\/blobs\// });
  try {
    await copy({ ...world.work(), registries: single });
    const quiet = bytes();
    world.upstream.forgetRequests();

    const opened = [0, 1, 2].map(() =>
      openRegistries({
        settings: {
          'docker.io': { endpoint: world.upstream.url },
          'backup.test': { endpoint: world.backup.url },
        },
      }),
    );
    const parts = await Promise.all(
      opened.map((registries, index) => copy({ ...world.work(), registries, shard: { index, count: 3 } })),
    );
    for (const registries of opened) registries.close();

    expect(parts.every(({ attention }) => !attention)).toBe(true);
    expect(parts.flatMap(({ copies }) => copies)).toHaveLength(count);
    expect(Math.min(...parts.map(({ copies }) => copies.length))).toBeGreaterThan(2);
    expect(world.backup.snapshot()).toEqual(alone.snapshot());
    const crossing = shared.reduce((sum, size) => sum + size, 0);
    expect(bytes()).toBeGreaterThanOrEqual(quiet);
    expect(bytes()).toBeLessThanOrEqual(quiet + 2 * crossing);
  } finally {
    single.close();
    await alone.close();
  }
});

test('a part writes no lock file, and the run that follows finds all there', async () => {
  for (const index of [0, 1]) await copy({ ...world.work(), shard: { index, count: 2 } });
  await expect(world.read('holdfast.lock.yaml')).rejects.toThrow('ENOENT');
  world.upstream.forgetRequests();
  const report = await copy(world.work());
  expect(new Set(report.copies.map(({ status }) => status))).toEqual(new Set(['present']));
  expect(world.upstream.count({ method: 'GET' })).toBe(0);
  expect(await world.read('holdfast.lock.yaml')).toContain('docker.io/svc/23:1');
});

test('a matrix names the parts that have work, and needs no registry', async () => {
  const report = await planShards(world.work(), 3);
  expect(report.shards).toEqual(['0/3', '1/3', '2/3']);
  const many = await planShards(world.work(), 200);
  expect(many.shards.length).toBeLessThanOrEqual(count);
  expect(world.upstream.requests).toEqual([]);
  const none = await planShards(world.work({ exclude: { images: ['**'], namespaces: [], paths: [] } }), 3);
  expect(none.shards).toEqual(['0/3']);
  await expect(planShards(world.work(), 300)).rejects.toThrow(
    '--matrix 300: there can be 1 to 256 parts, not 300.',
  );
});
