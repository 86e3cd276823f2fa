import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { buildCopyProgram, type CopyProgram } from '../support/copy-process.ts';
import type { CopyJob } from '../support/copy-program.ts';
import { type DockerRegistry, findDockerRegistry, startDockerRegistry } from '../support/docker-registry.ts';
import { type FaultProxy, startFaultProxy } from '../support/fault-proxy.ts';
import { type BuiltImage, buildImage } from '../support/images.ts';
import { pushImage } from '../support/push-image.ts';

const GiB = 1024 ** 3;

describe.skipIf(findDockerRegistry() === null)(
  'a layer of a gibibyte (skipped where docker-registry is not installed)',
  () => {
    let program: CopyProgram;
    let source: DockerRegistry;
    let backup: DockerRegistry;
    let proxy: FaultProxy;
    let image: BuiltImage;

    beforeAll(async () => {
      program = await buildCopyProgram();
      [source, backup] = await Promise.all([startDockerRegistry(), startDockerRegistry()]);
      proxy = await startFaultProxy(source.url);
      image = await buildImage({ seed: 'large', layers: [GiB] });
      await pushImage({ url: source.url, repository: 'apps/large', tag: '1.0' }, image);
    }, 120_000);
    afterAll(async () => {
      for (const server of [proxy, source, backup]) await server?.close();
      program?.remove();
    });

    const jobFor = (host: string, prefix: string): CopyJob => ({
      images: [`${host}/apps/large:1.0`],
      backup: { registry: backup.host, prefix },
      registries: {
        settings: { [host]: { plainHttp: true }, [backup.host]: { plainHttp: true } },
        idleTimeout: 5000,
      },
      concurrency: 4,
    });

    it('passes in less than 120 MB of memory', async () => {
      const { lines, peakMiB } = await program.start(jobFor(source.host, 'plain')).ended;
      expect(lines).toMatchObject([{ status: 'copied', digest: image.root.digest }]);
      console.log(`peak ${peakMiB.toFixed(0)} MiB`);
      expect(peakMiB * 1.048576).toBeLessThan(120);
    });

    it('goes on by Range where the download was cut, and asks for no byte twice', async () => {
      const layer = image.blobs.find((blob) => blob.size === GiB);
      const path = new RegExp(`/blobs/${layer?.digest}`);
      proxy.setFaults([
        { match: { method: 'GET', path, times: 3 }, fault: { kind: 'cut', afterBytes: GiB / 8 } },
      ]);
      const { lines, peakMiB } = await program.start(jobFor(proxy.host, 'cut')).ended;
      expect(lines).toMatchObject([{ status: 'copied', digest: image.root.digest }]);
      const gets = proxy.requests.filter((request) => request.method === 'GET' && path.test(request.path));
      expect(gets.map((request) => request.status)).toEqual([200, 206, 206, 206]);
      // What was on its way when the connection was cut may be lost.
      const moved = gets.reduce((sum, request) => sum + request.bytesOut, 0);
      expect(moved).toBeLessThan(GiB * 1.02);
      expect(peakMiB * 1.048576).toBeLessThan(120);
    });
  },
);
