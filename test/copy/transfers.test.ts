import { describe, expect, it } from 'vitest';
import { copyImages, openCopies } from '../../src/copy/index.ts';
import { buildImage } from '../support/images.ts';
import { optionsFor, stepOf } from './steps.ts';
import { backup, upstream, type World, withWorld } from './two-registries.ts';

const clock = { now: () => Date.now(), random: () => 0, sleep: async () => undefined };

/** Large enough that a transfer without an upload does not read its download to the end. */
const layer = 2_000_000;

/** Images with one layer each, whose first download is cut in the middle. */
async function addCutImages({ push, source }: World, count: number) {
  const images = await Promise.all(
    Array.from({ length: count }, (_, index) => buildImage({ seed: `cut ${index}`, layers: [layer] })),
  );
  for (const [index, image] of images.entries()) await push(`acme/cut${index}`, '1', image);
  const large = images.flatMap(({ blobs }) => blobs.filter(({ size }) => size >= layer));
  expect(large).toHaveLength(count);
  source.setFaults(
    large.map(({ digest }) => ({
      match: { method: 'GET', path: new RegExp(`/blobs/${digest}`), times: 1 },
      fault: { kind: 'cut', afterBytes: layer / 2 },
    })),
  );
  source.forgetRequests();
  return images.map((_, index) => stepOf(`${upstream}/acme/cut${index}:1`, backup));
}

describe('more blobs than connections, each with a download that is cut', () => {
  const options = { client: { clock, connections: 2 } };

  it('are all moved by one call', () =>
    withWorld(options, async (world) => {
      const steps = await addCutImages(world, 5);
      const outcomes = await copyImages(steps, optionsFor(world.registries, { concurrency: 8 }));
      expect(outcomes.map(({ status }) => status)).toEqual(steps.map(() => 'copied'));
      expect(world.source.requests.filter(({ fault }) => fault === 'cut')).toHaveLength(5);
    }));

  it.each([1, 2])('are all moved by calls side by side, of %i sessions', (count) =>
    withWorld(options, async (world) => {
      const steps = await addCutImages(world, 5);
      const sessions = Array.from({ length: count }, () =>
        openCopies(optionsFor(world.registries, { concurrency: 8 })),
      );
      const calls = sessions.flatMap((copy, number) =>
        steps.filter((_, index) => index % count === number).map((step) => copy([step])),
      );
      const outcomes = (await Promise.all(calls)).flat();
      expect(outcomes.map(({ status }) => status)).toEqual(steps.map(() => 'copied'));
      expect(world.source.requests.filter(({ fault }) => fault === 'cut')).toHaveLength(5);
    }),
  );
});
