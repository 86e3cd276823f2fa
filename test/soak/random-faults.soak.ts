import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { everyFault } from '../../src/embedded/index.ts';
import { type CopyJob, type CopyLine, runCopyJob } from '../support/copy-program.ts';
import { type DockerRegistry, findDockerRegistry, startDockerRegistry } from '../support/docker-registry.ts';
import { type FaultProxy, startFaultProxy } from '../support/fault-proxy.ts';
import { type BuiltImage, buildFamily } from '../support/images.ts';
import { pushImage } from '../support/push-image.ts';
import { findDamage, readTags } from '../support/whole-image.ts';

const most = 200;
const nameOf = (index: number): string => `many/svc-${String(index).padStart(3, '0')}`;

describe.skipIf(findDockerRegistry() === null)(
  'one request in five fails in random ways (skipped where docker-registry is not installed)',
  () => {
    let source: DockerRegistry;
    let backup: DockerRegistry;
    let sourceProxy: FaultProxy;
    let backupProxy: FaultProxy;
    let images: readonly BuiltImage[];

    beforeAll(async () => {
      [source, backup] = await Promise.all([startDockerRegistry(), startDockerRegistry()]);
      [sourceProxy, backupProxy] = await Promise.all([
        startFaultProxy(source.url),
        startFaultProxy(backup.url),
      ]);
      images = await buildFamily({
        seed: 'random faults',
        count: most,
        shared: [400_000, 100_000, 3000],
        own: 20_000,
      });
      for (const [index, image] of images.entries()) {
        await pushImage({ url: source.url, repository: nameOf(index), tag: '1.0' }, image);
      }
    }, 300_000);
    afterAll(async () => {
      for (const server of [sourceProxy, backupProxy, source, backup]) await server?.close();
    });

    const copyFirst = (count: number, prefix: string): Promise<readonly CopyLine[]> => {
      const job: CopyJob = {
        images: Array.from({ length: count }, (_, index) => `${sourceProxy.host}/${nameOf(index)}:1.0`),
        backup: { registry: backupProxy.host, prefix },
        registries: {
          settings: { [sourceProxy.host]: { plainHttp: true }, [backupProxy.host]: { plainHttp: true } },
          idleTimeout: 2000,
        },
        concurrency: 8,
      };
      return runCopyJob(job);
    };

    const faults = [
      ...everyFault,
      { kind: 'stall', afterBytes: 100 },
      { kind: 'stall-upload', afterBytes: 100 },
    ] as const;

    it.each([
      { seed: 1, rate: 0.2, count: 200 },
      { seed: 2, rate: 0.2, count: 200 },
      { seed: 3, rate: 0.6, count: 30 },
    ])(
      'leaves $count images whole, or alone: never half (seed $seed, rate $rate)',
      async ({ seed, rate, count }) => {
        const prefix = `seed-${seed}`;
        const earlier = sourceProxy.requests.length;
        const earlierAtBackup = backupProxy.requests.length;
        sourceProxy.setFaults({ seed, rate, faults });
        backupProxy.setFaults({ seed: seed + 1000, rate, faults });
        const lines = await copyFirst(count, prefix);
        sourceProxy.setFaults([]);
        backupProxy.setFaults([]);
        const made = [...sourceProxy.requests.slice(earlier), ...backupProxy.requests.slice(earlierAtBackup)];
        const met = made.filter((request) => request.fault !== null);
        expect(met.length).toBeGreaterThan(count);

        expect(lines).toHaveLength(count);
        const wrong: string[] = [];
        for (const [index, line] of lines.entries()) {
          const repository = `${prefix}/${nameOf(index)}`;
          const right = images[index]?.root.digest;
          const tags = await readTags(backup.url, repository);
          // Every tag that is there, of a copy that was reported or not, names the right image, and a whole one.
          for (const [tag, digest] of Object.entries(tags)) {
            if (digest !== right) wrong.push(`${repository}:${tag} names ${digest}`);
            wrong.push(...(await findDamage(backup.url, repository, digest)));
          }
          if (line.status === 'copied' && tags['1.0'] !== right)
            wrong.push(`${repository} is said to be there`);
        }
        expect(wrong).toEqual([]);
        expect(new Set(lines.map((line) => line.status))).toSatisfy((seen: Set<string>) =>
          [...seen].every((status) => status === 'copied' || status === 'failed'),
        );
        const failed = lines.filter((line) => line.status === 'failed');
        console.log(
          `seed ${seed}, rate ${rate}: ${met.length} faults in ${made.length} requests; ` +
            `${count - failed.length} copied, ${failed.length} failed and left alone`,
        );

        const again = await copyFirst(count, prefix);
        expect(again.filter((line) => line.error !== null)).toEqual([]);
      },
    );
  },
);
