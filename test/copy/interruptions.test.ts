import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { copyImages } from '../../src/copy/index.ts';
import { RegistryError } from '../../src/registry/index.ts';
import { type BuiltImage, buildFamily, buildMultiArch } from '../support/images.ts';
import { MemoryRegistries } from './memory-registry.ts';
import { optionsFor, stepOf } from './steps.ts';

const upstream = 'ghcr.io';
const backup = 'backup.example';

const images: BuiltImage[] = [
  ...(await buildFamily({ seed: 'svc', count: 3, shared: [400, 300], own: 100 })),
  await buildMultiArch('web'),
];
const steps = images.map((_, index) => stepOf(`ghcr.io/svc/${index}:1`, backup));

async function upstreamWorld(): Promise<MemoryRegistries> {
  const all = new MemoryRegistries();
  for (const [index, image] of images.entries()) await all.add(upstream, `svc/${index}`, '1', image);
  return all;
}

/** Tags, manifests and blobs of the backup, comparable. */
function stateOf(all: MemoryRegistries): unknown {
  return steps.map(({ backup: { registry, repository } }) => {
    const { tags, manifests, blobs } = all.at(registry, repository);
    return [[...tags.entries()], [...manifests.keys()], [...blobs.keys()]].map((part) =>
      part.map(String).toSorted(byText),
    );
  });
}

function byText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** A tag is a promise: whatever it names is there with all its parts. */
function expectWholeTags(all: MemoryRegistries): void {
  for (const [index, { backup: at }] of steps.entries()) {
    const { tags, manifests, blobs } = all.at(at.registry, at.repository);
    if (tags.size === 0) continue;
    for (const { digest } of images[index]?.manifests ?? []) expect(manifests.has(digest)).toBe(true);
    for (const { digest } of images[index]?.blobs ?? []) expect(blobs.has(digest)).toBe(true);
  }
}

async function quietRun(): Promise<{ state: unknown; calls: number }> {
  const all = await upstreamWorld();
  await copyImages(steps, optionsFor(all));
  return { state: stateOf(all), calls: all.calls.length };
}

describe('whatever happens in the middle', () => {
  it('a run that is stopped at any request leaves no half image, and a rerun ends as one quiet run', async () => {
    const quiet = await quietRun();
    await fc.assert(
      fc.asyncProperty(fc.nat(quiet.calls - 1), fc.constantFrom(1, 2, 8), async (stopAt, concurrency) => {
        const all = await upstreamWorld();
        const controller = new AbortController();
        all.before = () => {
          if (all.calls.length > stopAt) controller.abort();
        };
        await copyImages(steps, optionsFor(all, { signal: controller.signal, concurrency }));
        expectWholeTags(all);
        all.before = () => undefined;
        const outcomes = await copyImages(steps, optionsFor(all, { concurrency }));
        expect(outcomes.every((one) => one.status === 'copied' || one.status === 'present')).toBe(true);
        expect(stateOf(all)).toEqual(quiet.state);
      }),
      { numRuns: 40 },
    );
  });

  it('requests that fail for good fail their image alone, and tag nothing that is not whole', async () => {
    const quiet = await quietRun();
    await fc.assert(
      fc.asyncProperty(
        fc.uniqueArray(fc.nat(quiet.calls - 1), { minLength: 1, maxLength: 6 }),
        fc.constantFrom('unavailable', 'refused', 'invalid', 'not-found', 'rate-limited'),
        fc.constantFrom(1, 4),
        async (failing, code, concurrency) => {
          const all = await upstreamWorld();
          all.before = (call) => {
            if (!failing.includes(all.calls.length)) return;
            throw new RegistryError(code, 'injected', { registry: call.registry });
          };
          const outcomes = await copyImages(steps, optionsFor(all, { concurrency }));
          expect(outcomes).toHaveLength(steps.length);
          expectWholeTags(all);
          for (const outcome of outcomes) {
            if (outcome.status !== 'copied') continue;
            const { tags } = all.at(outcome.step.backup.registry, outcome.step.backup.repository);
            expect(tags.get(outcome.tag)).toBe(outcome.digest);
          }
          all.before = () => undefined;
          await copyImages(steps, optionsFor(all, { concurrency }));
          expect(stateOf(all)).toEqual(quiet.state);
        },
      ),
      { numRuns: 40 },
    );
  });
});
