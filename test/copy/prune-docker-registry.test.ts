import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { copyImages, pruneBackups, verifyBackups } from '../../src/copy/index.ts';
import { openRegistries, type Registries, type Registry } from '../../src/registry/index.ts';
import { type DockerRegistry, findDockerRegistry, startDockerRegistry } from '../support/docker-registry.ts';
import { buildImage, buildMultiArch, cosignTag } from '../support/images.ts';
import { pushImage } from '../support/push-image.ts';
import { digestOf } from './memory-registry.ts';
import { optionsFor, stepOf } from './steps.ts';

const binary = findDockerRegistry() ?? '';
const isMissing = binary === '';

describe.skipIf(isMissing)(
  `pruning docker-registry${isMissing ? ' (skipped: it is not installed)' : ''}`,
  () => {
    let opened: { close(): unknown }[] = [];
    afterEach(async () => {
      for (const one of opened.splice(0)) await one.close();
      opened = [];
    });

    async function open(deletes: boolean): Promise<{ target: DockerRegistry; registries: Registries }> {
      const [source, target] = await Promise.all([startDockerRegistry(), startDockerRegistry({ deletes })]);
      const registries = openRegistries({
        settings: { 'quay.io': { endpoint: source.url }, 'backup.example': { endpoint: target.url } },
      });
      opened = [registries, source, target];
      for (const tag of ['1.0', '2.0']) {
        const place = { url: source.url, repository: 'acme/web' };
        const digest = await pushImage({ ...place, tag }, await buildMultiArch(`web ${tag}`));
        await pushImage(
          { ...place, tag: cosignTag(digest, 'sig') },
          await buildImage({ seed: tag, layers: [90] }),
        );
      }
      return { target, registries };
    }

    const steps = ['1.0', '2.0'].map((tag) => stepOf(`quay.io/acme/web:${tag}`, 'backup.example'));

    async function copyBoth(registries: Registries) {
      const outcomes = await copyImages(steps, optionsFor(registries, { referrers: true }));
      const [first, second] = outcomes.map((one) => ('digest' in one ? digestOf(one.digest) : null));
      const at = steps[0]?.backup;
      if (first == null || second == null || at === undefined) throw new Error('nothing was copied');
      return { at, first, second };
    }

    it('takes one image with its platforms and signature, and leaves the other whole, also after its garbage is gone', async () => {
      const { target, registries } = await open(true);
      const { at, first, second } = await copyBoth(registries);
      const repository = { at, unused: [{ at, digest: first, tags: ['1.0'] }], kept: [second] };
      const options = { registries, concurrency: 2, mentioned: new Set<string>() };
      const [listed] = await pruneBackups([repository], { ...options, dryRun: true });
      const [done] = await pruneBackups([repository], { ...options, dryRun: false });
      expect(listed).toMatchObject({ status: 'unused' });
      expect(done).toEqual({ ...listed, status: 'deleted' });
      // The index, two platforms, two attestations, and the signature.
      expect(done).toMatchObject({ manifests: expect.toSatisfy((all: unknown[]) => all.length === 6) });

      const backup = registries.open('backup.example', 'push');
      expect(await backup.headManifest(at.repository, '1.0')).toBeNull();
      expect(await backup.headManifest(at.repository, first)).toBeNull();
      execFileSync(binary, ['garbage-collect', join(target.folder, 'config.yml')], {
        stdio: 'ignore',
      });
      const reference = { ...at, tag: '2.0', digest: second };
      expect(await verifyBackups([reference], { registries, concurrency: 2, deep: true })).toMatchObject([
        { status: 'whole' },
      ]);
      expect(await backup.headManifest(at.repository, cosignTag(second, 'sig'))).not.toBeNull();
      expect(await pruneBackups([repository], { ...options, dryRun: false })).toMatchObject([
        { status: 'absent' },
      ]);
    });

    it('leaves word of what it could not delete, which the next run goes on with', async () => {
      const { target, registries } = await open(true);
      const { at, first, second } = await copyBoth(registries);
      const repository = { at, unused: [{ at, digest: first, tags: ['1.0'] }], kept: [second] };
      const options = { concurrency: 2, mentioned: new Set<string>(), dryRun: false };
      const cut = deleting(registries, async (really, digest) => {
        if (digest !== first) throw new Error('the line was cut.');
        await really();
      });
      const [failed] = await pruneBackups([repository], { ...options, registries: cut });
      expect(failed).toMatchObject({
        status: 'failed',
        error: { message: expect.stringMatching(/5 manifests .* the line was cut\. Run again/) },
      });
      // Whatever lies between: the registry's own clean-up takes nothing that has a tag, and this has one.
      execFileSync(binary, ['garbage-collect', join(target.folder, 'config.yml')], { stdio: 'ignore' });
      const [done] = await pruneBackups([repository], { ...options, registries });
      expect(done).toMatchObject({
        status: 'deleted',
        manifests: expect.toSatisfy((all: unknown[]) => all.length === 5),
      });
      const backup = registries.open('backup.example', 'push');
      for (const digest of done?.status === 'deleted' ? done.manifests : [])
        expect(await backup.headManifest(at.repository, digest)).toBeNull();
      expect((await backup.listTags(at.repository)).filter((tag) => tag.startsWith('holdfast-'))).toEqual([]);
      const reference = { ...at, tag: '2.0', digest: second };
      expect(await verifyBackups([reference], { registries, concurrency: 2, deep: true })).toMatchObject([
        { status: 'whole' },
      ]);
    });

    it('knows what is left of an image whose deletion was the last that the registry heard', async () => {
      const { registries } = await open(true);
      const { at, first, second } = await copyBoth(registries);
      const unused = [
        { at, digest: first, tags: ['1.0'] },
        { at, digest: second, tags: ['2.0'] },
      ];
      const options = { concurrency: 2, mentioned: new Set<string>(), dryRun: false };
      const cut = deleting(registries, async (really, digest) => {
        await really();
        if (digest === second) throw new Error('the line was cut.');
      });
      const repository = { at, unused, kept: [] };
      expect(await pruneBackups([repository], { ...options, registries: cut })).toMatchObject([
        { status: 'deleted' },
        { status: 'failed' },
      ]);
      const after = await pruneBackups([repository], { ...options, registries });
      expect(after).toMatchObject([{ status: 'absent' }, { status: 'deleted' }]);
      const backup = registries.open('backup.example', 'push');
      const [, gone] = after;
      expect(gone?.status === 'deleted' ? gone.manifests : []).toHaveLength(5);
      for (const digest of gone?.status === 'deleted' ? gone.manifests : [])
        expect(await backup.headManifest(at.repository, digest)).toBeNull();
      expect(await backup.listTags(at.repository)).toEqual([]);
    });

    it('says how deletion is enabled where it is not', async () => {
      const { registries } = await open(false);
      const { at, first, second } = await copyBoth(registries);
      const repository = { at, unused: [{ at, digest: first, tags: ['1.0'] }], kept: [second] };
      const outcomes = await pruneBackups([repository], {
        registries,
        concurrency: 2,
        mentioned: new Set(),
        dryRun: false,
      });
      expect(outcomes).toMatchObject([{ status: 'failed', error: { code: 'unsupported' } }]);
      expect(outcomes[0]).toMatchObject({
        error: { message: expect.stringContaining('storage.delete.enabled') },
      });
    });
  },
);

/** The same registries, with something done in place of each deletion. */
function deleting(
  registries: Registries,
  instead: (really: () => Promise<void>, digest: string) => Promise<void>,
): Registries {
  return {
    open(host, use) {
      const registry = registries.open(host, use);
      const deleteManifest: Registry['deleteManifest'] = (...call) =>
        instead(() => registry.deleteManifest(...call), call[1]);
      return new Proxy(registry, {
        get: (own, key) => {
          const value: unknown = key === 'deleteManifest' ? deleteManifest : Reflect.get(own, key);
          return typeof value === 'function' ? value.bind(own) : value;
        },
      });
    },
    connections: registries.connections,
    close: () => registries.close(),
  };
}
