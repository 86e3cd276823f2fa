import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createDaemonWorld, type DaemonWorld } from '../../support/daemon-world.ts';
import { findKubeProblem, type KubeApiserver, startKubeApiserver } from '../../support/kube-apiserver.ts';

const problem = await findKubeProblem();

describe.skipIf(problem !== null)(`the daemon on a cluster${problem === null ? '' : ` (${problem})`}`, () => {
  let kube: KubeApiserver;
  let world: DaemonWorld;
  beforeAll(async () => {
    kube = await startKubeApiserver();
    world = await createDaemonWorld(kube);
    await kube.kubectl(['apply', '-f', '-'], workloads);
  }, 60_000);
  afterAll(async () => {
    await world.close();
    await kube.stop();
  });

  test('copies what the cluster depends on', async () => {
    const daemon = await world.start();
    const page = await daemon.until(
      ({ images }) => images.filter(({ status }) => status === 'safe').length === 3,
    );
    expect(page.images.map(({ name, status }) => [name, status])).toEqual([
      ['busybox:1.37', 'safe'],
      ['nginx:1.25', 'safe'],
      ['quay.io/team/agent:2', 'safe'],
    ]);
    expect(await daemon.stop()).toBeLessThan(3000);
  });
});

const workloads = `
apiVersion: apps/v1
kind: Deployment
metadata: { name: web }
spec:
  selector: { matchLabels: { app: web } }
  template:
    metadata: { labels: { app: web } }
    spec:
      initContainers: [{ name: wait, image: 'busybox:1.37' }]
      containers: [{ name: web, image: 'nginx:1.25' }]
---
apiVersion: apps/v1
kind: DaemonSet
metadata: { name: agent }
spec:
  selector: { matchLabels: { app: agent } }
  template:
    metadata: { labels: { app: agent } }
    spec: { containers: [{ name: agent, image: 'quay.io/team/agent:2' }] }
`;
