import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { copyImages, verifyBackups } from '../../src/copy/index.ts';
import { openRegistries, type Registries } from '../../src/registry/index.ts';
import { buildCopyProgram } from '../support/copy-process.ts';
import { type DockerRegistry, findDockerRegistry, startDockerRegistry } from '../support/docker-registry.ts';
import { ask } from '../support/http-client.ts';
import { buildFamily, buildImage, buildMultiArch, cosignTag } from '../support/images.ts';
import { pushImage } from '../support/push-image.ts';
import { optionsFor, short, stepOf } from './steps.ts';

const isMissing = findDockerRegistry() === null;

describe.skipIf(isMissing)(
  `with docker-registry${isMissing ? ' (skipped: it is not installed)' : ''}`,
  () => {
    let source: DockerRegistry;
    let target: DockerRegistry;
    let registries: Registries;

    beforeAll(async () => {
      [source, target] = await Promise.all([startDockerRegistry(), startDockerRegistry()]);
      registries = openRegistries({
        settings: { 'quay.io': { endpoint: source.url }, 'backup.example': { endpoint: target.url } },
      });
    });
    afterAll(async () => {
      registries.close();
      await Promise.all([source.close(), target.close()]);
    });

    it('gives the same bytes for an index with attestations, its signatures included', async () => {
      const image = await buildMultiArch('web');
      const place = { url: source.url, repository: 'acme/web' };
      const digest = await pushImage({ ...place, tag: '1.0' }, image);
      const tag = cosignTag(digest, 'sig');
      await pushImage({ ...place, tag }, await buildImage({ seed: 'sig', layers: [100] }));
      const subject = image.root;
      const sbom = await buildImage({
        seed: 'sbom',
        layers: [90],
        subject,
        artifactType: 'application/spdx+json',
      });
      await pushImage({ ...place, tag: null }, sbom);
      // docker-registry has no referrers API: who pushes a referrer keeps the list.
      const { mediaType, digest: referrer, size } = sbom.root;
      const list = {
        schemaVersion: 2,
        mediaType: ociIndex,
        manifests: [{ mediaType, digest: referrer, size }],
      };
      const fallback = digest.replace(':', '-');
      await ask(`${source.url}/v2/acme/web/manifests/${fallback}`, {
        method: 'PUT',
        headers: { 'content-type': ociIndex },
        body: Buffer.from(JSON.stringify(list)),
      });

      const step = stepOf('quay.io/acme/web:1.0', 'backup.example');
      const [outcome] = await copyImages([step], optionsFor(registries, { referrers: true }));
      expect(outcome).toMatchObject({ status: 'copied', digest, tag: '1.0', warnings: [] });
      const tags = await registries.open('backup.example', 'pull').listTags(step.backup.repository);
      expect(tags).toEqual(['1.0', `1.0-${short(digest)}`, fallback, tag]);
      const both = async (name: string): Promise<readonly [string, string]> => {
        const from = await ask(`${source.url}/v2/acme/web/manifests/${name}`, accepting);
        const to = await ask(`${target.url}/v2/${step.backup.repository}/manifests/${name}`, accepting);
        return [from.body.toString(), to.body.toString()];
      };
      for (const name of ['1.0', tag, referrer]) {
        const [from, to] = await both(name);
        expect(to).toBe(from);
      }
      const [from, to] = await both(fallback);
      expect(JSON.parse(to)).toEqual(JSON.parse(from));
    });

    it('moves each blob once, mounts it elsewhere, and finds the backups whole', async () => {
      const family = await buildFamily({ seed: 'svc', count: 12, shared: [90_000, 70_000], own: 4000 });
      for (const [index, image] of family.entries())
        await pushImage({ url: source.url, repository: `svc/${index}`, tag: '1' }, image);
      const steps = family.map((_, index) => stepOf(`quay.io/svc/${index}:1`, 'backup.example'));
      const before = source.accessLog().length;
      const outcomes = await copyImages(steps, optionsFor(registries));
      expect(new Set(outcomes.map((one) => one.status))).toEqual(new Set(['copied']));
      const unique = new Map(family.flatMap((one) => one.blobs).map((one) => [one.digest, one.size]));
      await expect.poll(() => gets(source, before, /\/blobs\//).length).toBe(unique.size);
      const bytes = gets(source, before, /\/blobs\//).reduce((sum, line) => sum + line.bytes, 0);
      expect(bytes).toBe([...unique.values()].reduce((sum, size) => sum + size, 0));
      expect(outcomes.reduce((sum, one) => sum + ('blobs' in one ? one.blobs.mounted : 0), 0)).toBe(11 * 2);

      const again = await copyImages(steps, optionsFor(registries));
      expect(new Set(again.map((one) => one.status))).toEqual(new Set(['present']));
      const references = steps.map((one) => ({ ...one.backup, tag: '1', digest: null }));
      const found = await verifyBackups(references, { registries, concurrency: 4, deep: true });
      expect(new Set(found.map((one) => one.status))).toEqual(new Set(['whole']));
    });

    it('is asked one HEAD on each side for what is there, one in all when it is pinned, and nothing else', async () => {
      const family = await buildFamily({ seed: 'again', count: 10, shared: [9000], own: 4000 });
      for (const [index, image] of family.entries())
        await pushImage({ url: source.url, repository: `again/${index}`, tag: '1' }, image);
      const tagged = family.map((_, index) => stepOf(`quay.io/again/${index}:1`, 'backup.example'));
      const pinned = family.map(({ root }, index) =>
        stepOf(`quay.io/again/${index}:1@${root.digest}`, 'backup.example'),
      );
      const options = optionsFor(registries, { referrers: true });
      const none = await requestsOf(() => copyImages(tagged, options));
      expect(new Set(none.outcomes.map((one) => one.status))).toEqual(new Set(['copied']));

      for (const [steps, atSource] of [
        [tagged, tagged],
        [pinned, []],
      ] as const) {
        const again = await requestsOf(() => copyImages(steps, options));
        expect(new Set(again.outcomes.map((one) => one.status))).toEqual(new Set(['present']));
        expect(again.source).toEqual(atSource.map((_, index) => `HEAD /v2/again/${index}/manifests/1`));
        expect(again.backup).toEqual(steps.map((_, index) => `HEAD /v2/quay.io/again/${index}/manifests/1`));
      }
    });

    /** What both registries were asked meanwhile, sorted. A line of the log comes after its answer: the last is ours. */
    async function requestsOf<T>(work: () => Promise<T>) {
      const from = [source, target].map((registry) => registry.accessLog().length);
      const outcomes = await work();
      const marks = await Promise.all(
        [source, target].map(async (registry, index) => {
          await ask(`${registry.url}/v2/?mark`);
          const seen = () => registry.accessLog().slice(from[index]);
          await expect.poll(() => seen().some(({ path }) => path === '/v2/?mark')).toBe(true);
          return seen()
            .filter(({ path }) => path !== '/v2/?mark')
            .map(({ method, path }) => `${method} ${path}`)
            .toSorted();
        }),
      );
      return { outcomes, source: marks[0], backup: marks[1] };
    }

    it('takes the same images from three processes at once, and has them whole', async () => {
      const family = await buildFamily({ seed: 'many', count: 10, shared: [5_000_000, 70_000], own: 4000 });
      for (const [index, image] of family.entries())
        await pushImage({ url: source.url, repository: `many/${index}`, tag: '1' }, image);
      const images = family.map((_, index) => `${source.host}/many/${index}:1`);
      const settings = { [source.host]: { plainHttp: true }, [target.host]: { plainHttp: true } };
      const job = {
        backup: { registry: target.host, prefix: 'p' },
        registries: { settings },
        concurrency: 4,
      };
      const program = await buildCopyProgram();
      onTestFinished(() => program.remove());
      const ends = await Promise.all(
        [images, images.toReversed(), images].map((some) => program.start({ ...job, images: some }).ended),
      );
      for (const { code, lines } of ends) {
        expect(lines.map(({ error }) => error)).toEqual(images.map(() => null));
        expect(code).toBe(0);
      }
      const references = family.map((_, index) => ({
        registry: 'backup.example',
        repository: `p/many/${index}`,
        tag: '1',
        digest: null,
      }));
      const found = await verifyBackups(references, { registries, concurrency: 4, deep: true });
      expect(found).toMatchObject(family.map(({ root }) => ({ status: 'whole', digest: root.digest })));
    });
  },
);

const ociIndex = 'application/vnd.oci.image.index.v1+json';
const accepting = { headers: { accept: `${ociIndex}, application/vnd.oci.image.manifest.v1+json` } };

function gets(registry: DockerRegistry, from: number, path: RegExp) {
  return registry
    .accessLog()
    .slice(from)
    .filter((line) => line.method === 'GET' && path.test(line.path));
}
