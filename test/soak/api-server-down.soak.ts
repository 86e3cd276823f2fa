import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type DaemonWorld, startDeployedWorld } from '../support/daemon-world.ts';
import { findKubeProblem, type KubeApiserver } from '../support/kube-apiserver.ts';

const problem = await findKubeProblem();
const minute = 60_000;

describe.skipIf(problem !== null)(
  `an API server that is away${problem === null ? '' : ` (${problem})`}`,
  () => {
    let kube: KubeApiserver;
    let world: DaemonWorld;
    beforeAll(async () => {
      ({ kube, world } = await startDeployedWorld());
    }, minute);
    afterAll(async () => {
      await world?.close();
      await kube?.stop();
    });

    test('for a minute: the picture stays, and what changed is seen soon after its return', async () => {
      const daemon = await world.start();
      const safe = (name: string) => (page: { images: readonly { name: string; status: string }[] }) =>
        page.images.some((image) => image.name === name && image.status === 'safe');
      await daemon.until(safe('nginx:1.25'));
      await kube.kill();
      for (const end = Date.now() + minute; Date.now() < end; ) {
        await new Promise((done) => setTimeout(done, 2000));
        expect((await daemon.page()).images.map(({ name }) => name)).toEqual(['nginx:1.25']);
        expect((await daemon.get('/healthz')).status).toBe(200);
      }
      await kube.restart();
      await kube.kubectl(['create', 'deployment', 'box', '--image=busybox:1.37']);
      const began = Date.now();
      await daemon.until(safe('busybox:1.37'), 90);
      await daemon.until(({ notices }) => !notices.some((notice) => /cannot be read/.test(notice)), 90);
      console.log(`whole again ${Math.round((Date.now() - began) / 1000)} s after the first change`);
    });
  },
);
