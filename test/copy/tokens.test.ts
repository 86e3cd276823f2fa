import { expect, it } from 'vitest';
import { copyImages } from '../../src/copy/index.ts';
import type { EmbeddedRegistry } from '../../src/embedded/index.ts';
import { type BuiltImage, buildFamily } from '../support/images.ts';
import { optionsFor, stepOf } from './steps.ts';
import { backup, upstream, withWorld } from './two-registries.ts';

const users = [{ name: 'ci', password: 'correct horse' }];
const tokenPath = /^\/token/;

async function put(at: EmbeddedRegistry, repository: string, image: BuiltImage): Promise<void> {
  for (const blob of image.blobs) {
    const chunks: Buffer[] = [];
    for await (const chunk of blob.open()) chunks.push(chunk as Buffer);
    await at.addBlob(repository, Buffer.concat(chunks));
  }
  for (const one of image.manifests) {
    const tag = one === image.root ? '1' : null;
    at.addManifest(repository, tag, one.mediaType, one.bytes);
  }
}

it('asks for one token per source repository, and for as few as mounts allow at the backup', () =>
  withWorld(
    {
      source: { auth: { kind: 'bearer', users, anonymousPull: true } },
      target: { auth: { kind: 'bearer', users } },
      client: { settings: { [backup]: { username: 'ci', password: 'correct horse' } } },
    },
    async ({ registries, source, target, forgetRequests }) => {
      const family = await buildFamily({ seed: 'svc', count: 6, shared: [20_000, 10_000], own: 1000 });
      for (const [index, image] of family.entries()) await put(source, `svc/${index}`, image);
      const steps = family.map((_, index) => stepOf(`${upstream}/svc/${index}:1`, backup));
      const options = optionsFor(registries, { referrers: true });
      expect(await copyImages(steps, options)).toMatchObject(steps.map(() => ({ status: 'copied' })));
      expect(source.count({ path: tokenPath })).toBe(6);
      // The first request goes bare, to learn what is wanted; those that would use credentials need not be told again.
      expect(source.count({ status: 401 })).toBe(1);
      // Each repository that mounts asks once more: for its own scope and that of the repository it mounts from.
      expect(target.count({ path: tokenPath })).toBe(6 + 5);
      expect(target.count({ status: 401 })).toBe(1);

      forgetRequests();
      expect(await copyImages(steps, options)).toMatchObject(steps.map(() => ({ status: 'present' })));
      expect([...source.requests, ...target.requests].map(({ method }) => method)).toEqual(
        steps.flatMap(() => ['HEAD', 'HEAD']),
      );
    },
  ));
