import { createHash } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type CliCopy, type CopyCli, prepareCopyCli } from '../support/copy-cli.ts';
import { type DockerRegistry, findDockerRegistry, startDockerRegistry } from '../support/docker-registry.ts';
import { type FaultProxy, startFaultProxy } from '../support/fault-proxy.ts';
import { type BuiltImage, buildFamily, buildMultiArch } from '../support/images.ts';
import { pushImage } from '../support/push-image.ts';
import { findDamage, readTags } from '../support/whole-image.ts';

const count = 12;
const kills = 50;

describe.skipIf(findDockerRegistry() === null)(
  'processes that are killed or meet each other (skipped where docker-registry is not installed)',
  () => {
    let cli: CopyCli;
    let source: DockerRegistry;
    let backup: DockerRegistry;
    let proxy: FaultProxy;
    let images: Record<string, BuiltImage>;
    let quiet: Awaited<ReturnType<typeof snapshot>>;
    let requestsOfQuietRun = 0;

    const repositories = (): readonly string[] => Object.keys(images);
    const startCopy = (prefix: string): CliCopy =>
      cli.start([
        '--backup',
        `${proxy.host}/${prefix}`,
        '--naming',
        '{path}',
        '--concurrency',
        '4',
        ...[source.host, proxy.host].flatMap((host) => ['--plain-http', host]),
        ...repositories().flatMap((name) => ['--image', `${source.host}/${name}:1.0`]),
      ]);
    const snapshot = async (prefix: string): Promise<Record<string, Readonly<Record<string, string>>>> => {
      const found: Record<string, Readonly<Record<string, string>>> = {};
      for (const name of repositories()) found[name] = await readTags(backup.url, `${prefix}/${name}`);
      return found;
    };
    /** Everything that a tag names is whole. */
    const damageIn = async (prefix: string): Promise<readonly string[]> => {
      const damage: string[] = [];
      for (const [name, tags] of Object.entries(await snapshot(prefix))) {
        for (const digest of Object.values(tags))
          damage.push(...(await findDamage(backup.url, `${prefix}/${name}`, digest)));
      }
      return damage;
    };

    beforeAll(async () => {
      cli = prepareCopyCli();
      [source, backup] = await Promise.all([startDockerRegistry(), startDockerRegistry()]);
      proxy = await startFaultProxy(backup.url);
      const family = await buildFamily({ seed: 'kills', count, shared: [300_000, 50_000], own: 20_000 });
      images = {
        'apps/multi': await buildMultiArch('kills'),
        ...Object.fromEntries(family.map((image, index) => [`many/svc-${index}`, image])),
      };
      for (const [repository, image] of Object.entries(images)) {
        await pushImage({ url: source.url, repository, tag: '1.0' }, image);
      }
      const { code, errors } = await startCopy('quiet').ended;
      if (code !== 0) throw new Error(`the quiet run failed: ${errors}`);
      requestsOfQuietRun = proxy.requests.length;
      quiet = await snapshot('quiet');
    }, 120_000);
    afterAll(async () => {
      for (const server of [proxy, source, backup]) await server?.close();
      cli?.remove();
    });

    it('is whole after a quiet run', async () => {
      for (const [name, image] of Object.entries(images))
        expect(quiet[name]?.['1.0']).toBe(image.root.digest);
      expect(await damageIn('quiet')).toEqual([]);
    });

    it(`ends in the backup of a quiet run after each of ${kills} kills and a rerun`, async () => {
      const stops: number[] = [];
      for (let round = 0; round < kills; round += 1) {
        const prefix = `killed-${round}`;
        const draw = createHash('sha256').update(`kill ${round}`).digest().readUInt32BE(0) / 2 ** 32;
        const stopAt = 1 + Math.floor(draw * (requestsOfQuietRun - 1));
        const start = proxy.requests.length;
        const running = startCopy(prefix);
        const state = { over: false };
        void running.ended.finally(() => (state.over = true));
        while (!state.over && proxy.requests.length - start < stopAt) await sleep(1);
        running.kill();
        const { code } = await running.ended;
        if (code === null) stops.push(proxy.requests.length - start);
        expect(await damageIn(prefix)).toEqual([]);

        expect(await startCopy(prefix).ended).toMatchObject({ code: 0, errors: '' });
        expect(await snapshot(prefix)).toEqual(quiet);
        expect(await damageIn(prefix)).toEqual([]);
      }
      console.log(
        `${stops.length} of ${kills} were killed before they ended, at request ${stops.join(', ')} of ${requestsOfQuietRun}`,
      );
      expect(stops.length).toBeGreaterThan(kills * 0.8);
    });

    it('does no harm when two processes copy the same images at once', async () => {
      for (let round = 0; round < 5; round += 1) {
        const prefix = `twice-${round}`;
        const both = await Promise.all([startCopy(prefix).ended, startCopy(prefix).ended]);
        for (const one of both) {
          expect(one.errors).toBe('');
          expect(one.copies).toHaveLength(repositories().length);
          expect(one.copies.filter((copy) => copy.error !== null)).toEqual([]);
        }
        expect(await snapshot(prefix)).toEqual(quiet);
        expect(await damageIn(prefix)).toEqual([]);
      }
    });
  },
);
