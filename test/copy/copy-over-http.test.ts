import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, it } from 'vitest';
import { copyImages } from '../../src/copy/index.ts';
import { buildFamily, buildImage, buildMultiArch, sha256 } from '../support/images.ts';
import { optionsFor, short, stepOf } from './steps.ts';
import { backup, upstream, withWorld } from './two-registries.ts';

const at = (repository: string): string => `${upstream}/${repository}`;

describe('copying between two registries over HTTP', () => {
  it('gives the same bytes, and costs two HEADs when run again, one when pinned', () =>
    withWorld({}, async ({ push, registries, target, source, forgetRequests }) => {
      const image = await buildMultiArch('web');
      const digest = await push('acme/web', '1.0', image);
      const step = stepOf(`${at('acme/web')}:1.0`, backup);
      const options = optionsFor(registries);
      forgetRequests();
      expect(await copyImages([step], options)).toMatchObject([{ status: 'copied', digest, tag: '1.0' }]);
      const there = step.backup.repository;
      for (const { digest, bytes } of image.manifests)
        expect(target.manifest(there, digest)?.bytes.equals(bytes)).toBe(true);
      expect(target.snapshot()[there]?.tags).toEqual({ '1.0': digest, [`1.0-${short(digest)}`]: digest });
      expect(target.openUploads()).toBe(0);

      forgetRequests();
      expect(await copyImages([step], options)).toMatchObject([{ status: 'present', digest }]);
      expect(source.requests.map((one) => one.method)).toEqual(['HEAD']);
      expect(target.requests.map((one) => one.method)).toEqual(['HEAD']);

      forgetRequests();
      const pinned = stepOf(`${at('acme/web')}:1.0@${digest}`, backup);
      expect(await copyImages([pinned], options)).toMatchObject([{ status: 'present', digest }]);
      expect(source.requests).toEqual([]);
      expect(target.requests.map((one) => one.method)).toEqual(['HEAD']);
    }));

  it.each([1, 8])('moves exactly the unique bytes of images that share layers, %i at a time', (concurrency) =>
    withWorld({}, async ({ push, registries, source, target, forgetRequests }) => {
      const family = await buildFamily({ seed: 'svc', count: 20, shared: [60_000, 50_000], own: 3000 });
      for (const [index, image] of family.entries()) await push(`svc/${index}`, '1', image);
      const steps = family.map((_, index) => stepOf(`${at(`svc/${index}`)}:1`, backup));
      forgetRequests();
      const outcomes = await copyImages(steps, optionsFor(registries, { concurrency }));
      expect(new Set(outcomes.map((one) => one.status))).toEqual(new Set(['copied']));
      const blobs = new Map(family.flatMap((one) => one.blobs).map((one) => [one.digest, one.size]));
      const unique = [...blobs.values()].reduce((sum, size) => sum + size);
      expect(source.bytesOut({ path: /\/blobs\// })).toBe(unique);
      expect(source.count({ method: 'GET', path: /\/blobs\// })).toBe(blobs.size);
      expect(target.count({ method: 'POST', path: /mount=/, status: 201 })).toBe(19 * 2);
      expect(target.count({ method: 'HEAD', path: /\/blobs\// })).toBe(0);
      expect(target.count({ method: 'PUT', path: /\/uploads\// })).toBe(blobs.size);
      // The plain tag and the anchor before; the plain tag again before it is written, and after.
      expect(target.count({ method: 'HEAD' })).toBe(20 * 4);
      expect(target.count({ method: 'PUT', path: /\/manifests\// })).toBe(20 * 2);
    }),
  );

  it('asks by GET where the backup forbids the HEAD of a manifest, and takes 403 for what is not there', () =>
    withWorld({}, async ({ push, registries, target, forgetRequests }) => {
      const digest = await push('acme/web', '1.0', await buildImage({ seed: 'web' }));
      const steps = [stepOf(`${at('acme/web')}:1.0`, backup)];
      const forbid = (method: RegExp): void =>
        target.setFaults(
          ['HEAD', 'GET']
            .filter((one) => method.test(one))
            .map((one) => ({
              match: { method: one, path: /\/manifests\// },
              fault: { kind: 'status', status: 403 },
            })),
        );
      forgetRequests();
      forbid(/./);
      expect(await copyImages(steps, optionsFor(registries, { dryRun: true }))).toMatchObject([
        { status: 'planned', digest },
      ]);
      // The plain tag, and the anchor.
      expect(target.requests.map(({ method }) => method)).toEqual(['HEAD', 'GET', 'HEAD', 'GET']);
      forbid(/HEAD/);
      expect(await copyImages(steps, optionsFor(registries))).toMatchObject([{ status: 'copied', digest }]);
      expect(await copyImages(steps, optionsFor(registries))).toMatchObject([{ status: 'present', digest }]);
    }));

  it('asks for a blob that is worth it where an earlier run may have left it', () =>
    withWorld({}, async ({ push, registries, source, target, forgetRequests }) => {
      const image = await buildImage({ seed: 'big', layers: [5_000_000, 1000] });
      await push('acme/big', '1', image);
      const step = stepOf(`${at('acme/big')}:1`, backup);
      const controller = new AbortController();
      const options = optionsFor(registries);
      const stopped = copyImages([step], {
        ...options,
        signal: controller.signal,
        onEvent: (event) => {
          if (event.kind === 'moved' && event.bytes >= 1_000_000) controller.abort();
        },
      });
      expect(await stopped).toMatchObject([{ status: 'failed', error: { code: 'interrupted' } }]);
      expect(target.snapshot()[step.backup.repository]?.tags ?? {}).toEqual({});
      forgetRequests();
      expect(await copyImages([step], options)).toMatchObject([{ status: 'copied' }]);
      expect(target.count({ method: 'HEAD', path: /\/blobs\// })).toBe(1);
      expect(source.bytesOut({ path: /\/blobs\// })).toBeGreaterThan(0);
    }));

  it('mounts large blobs from images that were there before, and asks the source for the rest alone', () =>
    withWorld({}, async ({ push, registries, reopen, source, target, forgetRequests }) => {
      const family = await buildFamily({ seed: 'svc', count: 4, shared: [4_200_000], own: 3000 });
      for (const [index, image] of family.entries()) await push(`svc/${index}`, '1', image);
      const steps = family.map((_, index) => stepOf(`${at(`svc/${index}`)}:1`, backup));
      await copyImages(steps.slice(0, 3), optionsFor(registries));
      forgetRequests();
      const outcomes = await copyImages(steps, optionsFor(reopen()));
      expect(outcomes.map((one) => one.status)).toEqual(['present', 'present', 'present', 'copied']);
      expect(outcomes[3]).toMatchObject({ blobs: { copied: 2, mounted: 1, present: 0 } });
      expect(source.bytesOut({ path: /\/blobs\// })).toBeLessThan(10_000);
      expect(source.count({ method: 'GET', path: /\/manifests\// })).toBe(1);
      expect(target.count({ method: 'GET', path: /\/manifests\// })).toBe(3 + 1);
    }));

  it('keeps the resolved digest when the tag moves between resolve and copy', async () => {
    const state: { move: (() => void) | null } = { move: null };
    await withWorld(
      { source: { onRequest: ({ method }) => (method === 'GET' ? state.move?.() : undefined) } },
      async ({ push, registries, source, target }) => {
        const digest = await push('acme/web', '1.0', await buildImage({ seed: 'first' }));
        const later = await buildImage({ seed: 'later' });
        await push('acme/web', 'other', later);
        state.move = () => {
          source.addManifest('acme/web', '1.0', later.root.mediaType, later.root.bytes);
        };
        const step = stepOf(`${at('acme/web')}:1.0`, backup);
        expect(await copyImages([step], optionsFor(registries))).toMatchObject([
          { status: 'copied', digest },
        ]);
        expect(source.manifest('acme/web', '1.0')?.digest).toBe(later.root.digest);
        expect(target.manifest(step.backup.repository, '1.0')?.digest).toBe(digest);
      },
    );
  });

  it('copies with immutable tags, without mounts and with a registry that serves blobs elsewhere', () =>
    withWorld(
      { source: { redirectBlobs: true }, target: { immutableTags: true, mounts: false } },
      async ({ push, registries }) => {
        const family = await buildFamily({ seed: 'svc', count: 5, shared: [40_000], own: 2000 });
        for (const [index, image] of family.entries()) await push(`svc/${index}`, '1', image);
        const steps = family.map((_, index) => stepOf(`${at(`svc/${index}`)}:1`, backup));
        for (const status of ['copied', 'present']) {
          const outcomes = await copyImages(steps, optionsFor(registries));
          expect(outcomes.map((one) => one.status)).toEqual(steps.map(() => status));
        }
      },
    ));

  it('leaves complete images or none when one request in five fails', () =>
    withWorld({}, async ({ push, registries, source, target, reopen }) => {
      const family = await buildFamily({ seed: 'svc', count: 15, shared: [30_000, 20_000], own: 2000 });
      for (const [index, image] of family.entries()) await push(`svc/${index}`, '1', image);
      const steps = family.map((_, index) => stepOf(`${at(`svc/${index}`)}:1`, backup));
      const quick = { now: () => Date.now(), random: () => 0, sleep: async () => undefined };
      source.setFaults({ seed: 1, rate: 0.2 });
      target.setFaults({ seed: 2, rate: 0.2 });
      const outcomes = await copyImages(steps, optionsFor(reopen({ clock: quick, idleTimeout: 2000 })));
      source.setFaults([]);
      target.setFaults([]);
      for (const [index, outcome] of outcomes.entries()) {
        const there = target.snapshot()[outcome.step.backup.repository];
        if (outcome.status === 'failed') continue;
        expect(outcome).toMatchObject({ status: 'copied', digest: family[index]?.root.digest });
        expect(there?.tags['1']).toBe(family[index]?.root.digest);
        for (const blob of family[index]?.blobs ?? []) expect(there?.blobs).toContain(blob.digest);
      }
      expect(outcomes.filter((one) => one.status === 'copied').length).toBeGreaterThan(5);
      const again = await copyImages(steps, optionsFor(registries));
      expect(again.every((one) => one.status === 'copied' || one.status === 'present')).toBe(true);
      for (const [index, step] of steps.entries())
        expect(target.manifest(step.backup.repository, '1')?.digest).toBe(family[index]?.root.digest);
    }));

  it('does not let two processes that copy the same images hurt each other', () =>
    withWorld({}, async ({ push, registries, reopen, target }) => {
      const family = await buildFamily({ seed: 'svc', count: 6, shared: [30_000], own: 2000 });
      for (const [index, image] of family.entries()) await push(`svc/${index}`, '1', image);
      const steps = family.map((_, index) => stepOf(`${at(`svc/${index}`)}:1`, backup));
      const both = await Promise.all([
        copyImages(steps, optionsFor(registries)),
        copyImages(steps, optionsFor(reopen())),
      ]);
      for (const outcomes of both)
        expect(outcomes.every((one) => one.status === 'copied' || one.status === 'present')).toBe(true);
      expect(Object.keys(target.snapshot())).toHaveLength(6);
    }));

  it('reports what needs credentials as private, and copies it when it may', () =>
    withWorld(
      {
        source: {
          auth: { kind: 'bearer', users: [{ name: 'me', password: 'secret' }], anonymousPull: /open/ },
        },
        client: { settings: { [upstream]: { username: 'me', password: 'secret' } } },
      },
      async ({ registries, source }) => {
        const image = await buildImage({ seed: 'x' });
        for (const repository of ['acme/open', 'acme/closed']) {
          for (const blob of image.blobs) {
            const chunks: Buffer[] = [];
            for await (const chunk of blob.open()) chunks.push(chunk as Buffer);
            await source.addBlob(repository, Buffer.concat(chunks));
          }
          source.addManifest(repository, '1', image.root.mediaType, image.root.bytes);
        }
        const steps = ['acme/open', 'acme/closed'].map((name) => stepOf(`${at(name)}:1`, backup));
        const outcomes = await copyImages(steps, optionsFor(registries));
        expect(outcomes.map((one) => one.status)).toEqual(['copied', 'private']);
        const all = await copyImages(steps, optionsFor(registries, { includePrivate: true }));
        expect(all.map((one) => one.status)).toEqual(['present', 'copied']);
      },
    ));

  it('stops at the pulls that are left to others, and says how many', () =>
    withWorld(
      {
        source: { rateLimit: { limit: 100, remaining: 4, windowSeconds: 60 } },
        client: { settings: { [upstream]: { stopAt: 2 } } },
      },
      async ({ push, registries }) => {
        const family = await buildFamily({ seed: 'svc', count: 5, shared: [300], own: 200 });
        for (const [index, image] of family.entries()) await push(`svc/${index}`, '1', image);
        const steps = family.map((_, index) => stepOf(`${at(`svc/${index}`)}:1`, backup));
        const outcomes = await copyImages(steps, optionsFor(registries, { concurrency: 1 }));
        expect(outcomes.map((one) => one.status)).toEqual(['copied', 'copied', 'failed', 'failed', 'failed']);
        expect(outcomes[4]).toMatchObject({ error: { code: 'rate-limited' } });
      },
    ));

  it('begins no image whose platforms need more pulls than are left, and names each that is left alone', () =>
    withWorld(
      {
        source: { rateLimit: { limit: 100, remaining: 5, windowSeconds: 60 } },
        client: { settings: { [upstream]: { stopAt: 1 } } },
      },
      async ({ push, registries, source }) => {
        await push('acme/multi', '1', await buildMultiArch('multi'));
        await push('acme/one', '1', await buildImage({ seed: 'one' }));
        source.forgetRequests();
        const steps = ['acme/multi', 'acme/one'].map((name) => stepOf(`${at(name)}:1`, backup));
        expect(await copyImages(steps, optionsFor(registries, { concurrency: 1 }))).toMatchObject([
          {
            status: 'failed',
            error: {
              code: 'rate-limited',
              message: expect.stringMatching(/acme\/multi: its 4 parts need 4 more pulls, and 3 are left/),
            },
          },
          {
            status: 'failed',
            error: { code: 'rate-limited', message: expect.stringMatching(/^\S+acme\/one:1 was not begun/) },
          },
        ]);
        expect(source.count({ method: 'GET', path: /\/manifests\// })).toBe(1);
      },
    ));

  it('keeps the pulls of an image that was begun from the others', () =>
    withWorld(
      { source: { rateLimit: { limit: 100, remaining: 7, windowSeconds: 60 } } },
      async ({ push, registries, source }) => {
        for (const name of ['a', 'b', 'c']) await push(`acme/${name}`, '1', await buildMultiArch(name));
        source.forgetRequests();
        const steps = ['a', 'b', 'c'].map((name) => stepOf(`${at(`acme/${name}`)}:1`, backup));
        const outcomes = await copyImages(steps, optionsFor(registries, { concurrency: 2 }));
        expect(outcomes.map(({ status }) => status).toSorted()).toEqual(['copied', 'failed', 'failed']);
        expect(source.count({ method: 'GET', path: /\/manifests\// })).toBe(6);
      },
    ));

  it('brings a foreign layer from its publisher where the registry does not have it, and checks it', () =>
    withWorld({ source: { foreignLayers: true }, target: { foreignLayers: true } }, async (world) => {
      const { push, registries, target } = world;
      const bodies = new Map([
        ['/right', 'x foreign'],
        ['/wrong', 'y foreign'],
        ['/long', 'x foreign and more'],
      ]);
      const asked: (string | undefined)[] = [];
      const publisher = createServer((request, response) => {
        asked.push(request.headers.authorization);
        const body = bodies.get(request.url ?? '');
        response.writeHead(body === undefined ? 404 : 200).end(body);
      }).listen(0, '127.0.0.1');
      await once(publisher, 'listening');
      const { port } = publisher.address() as AddressInfo;
      try {
        const options = optionsFor(registries, { foreignLayers: true });
        const results: unknown[] = [];
        for (const path of ['absent', 'wrong', 'long', 'right']) {
          const foreignUrl = `http://127.0.0.1:${port}/${path}`;
          const image = await buildImage({ seed: 'x', foreignUrl, foreignSize: 9 });
          await push(`acme/${path}`, '1', image);
          const [outcome] = await copyImages([stepOf(`${at(`acme/${path}`)}:1`, backup)], options);
          results.push(outcome && 'error' in outcome ? outcome.error.code : outcome?.status);
        }
        expect(results).toEqual(['not-found', 'invalid', 'invalid', 'copied']);
        expect(new Set(asked)).toEqual(new Set([undefined]));
        const there = target.snapshot()[stepOf(`${at('acme/right')}:1`, backup).backup.repository];
        expect(there?.blobs).toContain(sha256(Buffer.from('x foreign')));
        expect(
          target.snapshot()[stepOf(`${at('acme/wrong')}:1`, backup).backup.repository]?.tags ?? {},
        ).toEqual({});
      } finally {
        publisher.close();
      }
    }));

  it('names the setting that a registry needs for layers with addresses, and copies nothing', () =>
    withWorld({ source: { foreignLayers: true } }, async ({ push, registries, target }) => {
      await push(
        'acme/win',
        '1',
        await buildImage({ seed: 'x', foreignUrl: 'https://publisher.example/layer' }),
      );
      const step = stepOf(`${at('acme/win')}:1`, backup);
      expect(await copyImages([step], optionsFor(registries))).toMatchObject([
        {
          status: 'failed',
          error: { code: 'unsupported', message: expect.stringContaining('validation.manifests.urls.allow') },
        },
      ]);
      expect(target.manifest(step.backup.repository, '1')).toBeNull();
    }));
});
