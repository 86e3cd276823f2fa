import { describe, expect, it } from 'vitest';
import { copyImages } from '../../src/copy/index.ts';
import { openRegistries } from '../../src/registry/index.ts';
import { buildImage, buildIndex, buildMultiArch } from '../support/images.ts';
import { MemoryRegistries } from './memory-registry.ts';
import { startSlowBodies } from './slow-bodies.ts';
import { optionsFor, stepOf } from './steps.ts';
import { backup, upstream, withWorld } from './two-registries.ts';

describe('pulls that a registry counts', () => {
  it.each([
    [1, 5, 1],
    [5, 30, 8],
    [5, 25, 8],
  ])(
    'are spent to the last: %i images of five manifests with %i pulls left, %i at a time',
    (count, remaining, concurrency) =>
      withWorld({ source: { rateLimit: { limit: 100, remaining, windowSeconds: 60 } } }, async (world) => {
        const names = Array.from({ length: count }, (_, index) => `acme/multi${index}`);
        for (const name of names) await world.push(name, '1', await buildMultiArch(name));
        world.source.forgetRequests();
        const slow = await startSlowBodies(world.source.url);
        const registries = openRegistries({
          settings: { [upstream]: { endpoint: slow.url }, [backup]: { endpoint: world.target.url } },
        });
        try {
          const steps = names.map((name) => stepOf(`${upstream}/${name}:1`, backup));
          const outcomes = await copyImages(steps, optionsFor(registries, { concurrency }));
          expect(outcomes.map((one) => ('error' in one ? one.error : one.status))).toEqual(
            steps.map(() => 'copied'),
          );
          expect(world.source.count({ method: 'GET', path: /\/manifests\// })).toBe(5 * count);
        } finally {
          registries.close();
          await slow.close();
        }
      }),
  );

  it('are given to a small image where a large one failed for those that another needs', async () => {
    const all = new MemoryRegistries();
    for (const name of ['a', 'b']) {
      const children = await Promise.all(
        Array.from({ length: 6 }, (_, index) => buildImage({ seed: `${name} ${index}` })),
      );
      await all.add(upstream, `acme/${name}`, '1', buildIndex(children));
    }
    await all.add(upstream, 'acme/c', '1', await buildImage({ seed: 'c' }));
    all.pullsLeft.set(upstream, 13);
    let goOn = (): void => {};
    const failed = new Promise<void>((resolve) => {
      goOn = resolve;
    });
    // Four children of the first are pulled, and two are yet to be.
    all.before = ({ method, repository }) =>
      method === 'PUT blob' && repository.endsWith('/a') ? failed : undefined;
    const outcomes = await copyImages(
      ['a', 'b', 'c'].map((name) => stepOf(`${upstream}/acme/${name}:1`, backup)),
      optionsFor(all, {
        concurrency: 2,
        onEvent: (event) => (event.kind === 'finished' ? goOn() : undefined),
      }),
    );
    expect(outcomes).toMatchObject([
      { status: 'copied' },
      {
        status: 'failed',
        error: {
          code: 'rate-limited',
          message: expect.stringMatching(/acme\/b:1: its 6 parts need 6 .* 5 are left/),
        },
      },
      { status: 'copied' },
    ]);
    expect(all.pullsLeft.get(upstream)).toBe(13 - 7 - 1 - 1);
  });
});
