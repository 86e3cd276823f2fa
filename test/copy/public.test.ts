import { describe, expect, it, onTestFinished } from 'vitest';
import { copyImages } from '../../src/copy/index.ts';
import { type Fault, startRegistry } from '../../src/embedded/index.ts';
import { buildImage, buildMultiArch } from '../support/images.ts';
import { pushImage } from '../support/push-image.ts';
import { MemoryRegistries } from './memory-registry.ts';
import { lockOf, optionsFor, stepOf } from './steps.ts';
import { backup, upstream, withWorld } from './two-registries.ts';

const at = (repository: string): string => `${upstream}/${repository}`;

describe('a registry with a mirror', () => {
  it.each([
    ['by tag', () => ':1'],
    ['by digest', (digest: string) => `@${digest}`],
  ])('reports as private what only a mirror shows to strangers, %s', async (_how, suffix) => {
    const mirror = await startRegistry();
    onTestFinished(() => mirror.close());
    const image = await buildImage({ seed: 'x' });
    const digest = await pushImage({ url: mirror.url, repository: 'acme/web', tag: '1' }, image);
    const auth = { kind: 'bearer', users: [{ name: 'me', password: 'secret' }] } as const;
    const client = { settings: { [upstream]: { mirrors: [mirror.url] } } };
    await withWorld({ source: { auth }, client }, async ({ registries, target }) => {
      const step = stepOf(at('acme/web') + suffix(digest), backup);
      mirror.forgetRequests();
      expect(await copyImages([step], optionsFor(registries))).toMatchObject([{ status: 'private' }]);
      expect(target.snapshot()).toEqual({});
      expect(mirror.requests).toEqual([]);
      const wanted = optionsFor(registries, { includePrivate: true });
      expect(await copyImages([step], wanted)).toMatchObject([{ status: 'copied', digest }]);
    });
  });

  it('pulls what is public from a mirror', async () => {
    const mirror = await startRegistry();
    onTestFinished(() => mirror.close());
    const image = await buildImage({ seed: 'x' });
    await pushImage({ url: mirror.url, repository: 'acme/web', tag: '1' }, image);
    const client = { settings: { [upstream]: { mirrors: [mirror.url] } } };
    await withWorld({ client }, async ({ registries, push, source, forgetRequests }) => {
      const digest = await push('acme/web', '1', image);
      forgetRequests();
      const step = stepOf(`${at('acme/web')}:1`, backup);
      expect(await copyImages([step], optionsFor(registries))).toMatchObject([{ status: 'copied', digest }]);
      expect(source.requests.map((one) => one.method)).toEqual(['HEAD']);
    });
  });
});

describe('a registry that gives no more pulls, with a mirror', () => {
  it.each([0, 3])('is no reason to leave what the mirror has, with %i left', async (remaining) => {
    const mirror = await startRegistry();
    onTestFinished(() => mirror.close());
    const image = await buildMultiArch('mirrored');
    await pushImage({ url: mirror.url, repository: 'acme/mirrored', tag: '1' }, image);
    const rateLimit = { limit: 100, remaining, windowSeconds: 60 };
    const client = { settings: { [upstream]: { mirrors: [mirror.url], stopAt: 2 } } };
    await withWorld({ source: { rateLimit }, client }, async ({ registries, push }) => {
      await push('acme/alone', '1', await buildMultiArch('alone'));
      await push('acme/mirrored', '1', image);
      const steps = ['acme/alone', 'acme/mirrored'].map((name) => stepOf(`${at(name)}:1`, backup));
      expect(await copyImages(steps, optionsFor(registries, { concurrency: 1 }))).toMatchObject([
        { status: 'failed', error: { code: 'rate-limited' } },
        { status: 'copied', digest: image.root.digest },
      ]);
    });
  });
});

describe('a mirror that breaks what it gives', () => {
  it.each<readonly [string, Fault]>([
    ['a byte that is changed', { kind: 'wrong-bytes' }],
    ['a download that is cut again and again', { kind: 'cut', afterBytes: 0 }],
    ['a download that stands still', { kind: 'stall', afterBytes: 0 }],
  ])('of each blob is left for the registry itself: %s', async (_, fault) => {
    const mirror = await startRegistry();
    onTestFinished(() => mirror.close());
    const image = await buildImage({ seed: 'x', layers: [200_000] });
    await pushImage({ url: mirror.url, repository: 'acme/web', tag: '1' }, image);
    mirror.setFaults([{ match: { method: 'GET', path: /\/blobs\// }, fault }]);
    const clock = { now: () => Date.now(), random: () => 0, sleep: async () => undefined };
    const client = { clock, idleTimeout: 200, settings: { [upstream]: { mirrors: [mirror.url] } } };
    await withWorld({ client }, async ({ registries, push }) => {
      const digest = await push('acme/web', '1', image);
      mirror.forgetRequests();
      const step = stepOf(`${at('acme/web')}:1`, backup);
      expect(await copyImages([step], optionsFor(registries))).toMatchObject([{ status: 'copied', digest }]);
      expect(mirror.count({ path: /\/blobs\// })).toBeLessThan(6);
    });
  });
});

describe('a digest that is not there', () => {
  const digest = `sha256:${'a'.repeat(64)}`;
  const bare = stepOf(`${at('acme/web')}@${digest}`, backup);
  const tagged = stepOf(`${at('acme/web')}:1`, backup);
  const locked = { ...tagged, locked: lockOf(tagged, digest, '1') };

  it.each([
    ['is said to have gone where the lock file knows it', locked, / has no manifest \S+ any more\.$/],
    ['is not, where nothing says that it ever was', bare, / has no manifest \S+$/],
    ['nor is a tag', tagged, /:1 is not there\.$/],
  ])('%s', async (_title, step, message) => {
    expect(await copyImages([step], optionsFor(new MemoryRegistries()))).toMatchObject([
      { status: 'failed', error: { code: 'not-found', message: expect.stringMatching(message) } },
    ]);
  });
});
