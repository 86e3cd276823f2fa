import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openCluster, readCluster } from '../../src/source/cluster/index.ts';
import { findKubeProblem, type KubeApiserver, startKubeApiserver } from '../support/kube-apiserver.ts';

const problem = await findKubeProblem();

describe.skipIf(problem !== null)(`a cluster${problem === null ? '' : ` (${problem})`}`, () => {
  let kube: KubeApiserver;
  beforeAll(async () => {
    kube = await startKubeApiserver();
    await kube.kubectl(['apply', '-f', '-'], workloads);
  }, 60_000);
  afterAll(() => kube.stop());

  test('shows the images of what makes Pods, each with its field', async () => {
    const cluster = await openCluster({ kubeconfigs: [kube.kubeconfig], context: null });
    const { uses, objects } = await readCluster(cluster);
    expect(cluster.name).toBe('t');
    expect(objects).toBe(4);
    expect(uses.map(({ file, field, written, hold }) => [file, field, written, hold])).toEqual([
      ['default/Deployment/web', 'spec.template.spec.initContainers[0].image', 'busybox:1.37', null],
      ['default/Deployment/web', 'spec.template.spec.containers[0].image', 'nginx:1.25', null],
      [
        'default/DaemonSet/agent',
        'spec.template.spec.containers[0].image',
        'quay.io/acme/agent:2',
        'ignored',
      ],
      ['default/Job/once', 'spec.template.spec.containers[0].image', 'perl:5', null],
      ['default/Pod/bare', 'spec.containers[0].image', 'redis:7', null],
    ]);
  });

  test('says which kinds may not be read', async () => {
    const cluster = await openCluster({ kubeconfigs: [kube.kubeconfig], context: 'viewer' });
    const { uses, notes } = await readCluster(cluster);
    expect(uses).toEqual([]);
    expect(notes[0]).toContain('deployments.apps is forbidden: User "viewer"');
  });

  test('names the contexts that there are when one is wrong', async () => {
    const opening = openCluster({ kubeconfigs: [kube.kubeconfig], context: 'prod' });
    await expect(opening).rejects.toThrow('no context "prod"; it has t, viewer');
  });

  test('only ever reads', async () => {
    const verbs = new Set(
      (await kube.readAudit()).filter(({ user }) => user === 'viewer').map(({ verb }) => verb),
    );
    expect([...verbs]).toEqual(['list']);
  });
});

test('a machine without a kubeconfig is told where one was looked for', async () => {
  const opening = openCluster({ kubeconfigs: ['/nowhere/config'], context: null });
  await expect(opening).rejects.toThrow('no kubeconfig at /nowhere/config');
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
metadata: { name: agent, annotations: { holdfast.dev/ignore: 'true' } }
spec:
  selector: { matchLabels: { app: agent } }
  template:
    metadata: { labels: { app: agent } }
    spec: { containers: [{ name: agent, image: 'quay.io/acme/agent:2' }] }
---
apiVersion: batch/v1
kind: Job
metadata: { name: once }
spec:
  template:
    spec: { restartPolicy: Never, containers: [{ name: once, image: 'perl:5' }] }
---
apiVersion: v1
kind: Pod
metadata: { name: bare }
spec: { containers: [{ name: bare, image: 'redis:7' }] }
`;
