import { writeFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { V1JobSpec, V1PodFailurePolicyRule } from '@kubernetes/client-node';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { parseArguments } from '../../src/faces/cli/program.ts';
import { openCluster, readCluster } from '../../src/source/cluster/index.ts';
import { findKubeProblem, type KubeApiserver, startKubeApiserver } from '../support/kube-apiserver.ts';
import { useFolder } from '../support/use-folder.ts';

const problem = await findKubeProblem();
const folder = useFolder('kubeconfig');

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

  test('shows what a rollback could bring back, when that is asked for', async () => {
    await kube.kubectl(['apply', '-f', '-'], rollback);
    const revision = JSON.parse(revisions);
    await kube.request('POST', '/apis/apps/v1/namespaces/default/controllerrevisions', revision);
    const cluster = await openCluster({ kubeconfigs: [kube.kubeconfig], context: null });
    const usual = (await readCluster(cluster)).uses.map(({ written }) => written);
    const texts: string[] = [];
    const { uses } = await readCluster(cluster, { onText: (text) => texts.push(text) });
    const more = uses.map(({ written }) => written).filter((image) => !usual.includes(image));
    expect(more).toEqual(['nginx:1.24', 'quay.io/acme/agent:1']);
    expect(texts.filter((text) => text.includes('"nginx:1.24"'))).toHaveLength(1);
    expect(texts.filter((text) => text.includes('managedFields'))).toEqual([]);
    expect(texts.some((text) => text.includes('kube-root-ca.crt') || text.includes('"data":'))).toBe(true);
    await kube.kubectl(['delete', 'replicaset', 'web-old']);
  });

  test('takes the Job that copies in parts, with the same number in each of its three places', async () => {
    const text = await readFile(join(import.meta.dirname, '../../deploy/copy-job.yaml'), 'utf8');
    await kube.kubectl(['create', 'namespace', 'holdfast']);
    const job = parse(text);
    // This server is older than Indexed Jobs and drops their fields; the client's model knows them.
    await kube.request('POST', '/apis/batch/v1/namespaces/holdfast/jobs?dryRun=All', job);
    const { spec } = job;
    expect(unknownFields(spec, V1JobSpec)).toEqual([]);
    expect(unknownFields(spec.podFailurePolicy.rules[0], V1PodFailurePolicyRule)).toEqual([]);
    expect(unknownFields({ backoffLimitPerIndx: 1 }, V1JobSpec)).toEqual(['backoffLimitPerIndx']);
    const [{ args, command, env }] = spec.template.spec.containers;
    const shard = args.find((word: string) => word.startsWith('--shard='));
    expect(shard).toBe(`--shard=$(JOB_COMPLETION_INDEX)/${spec.completions}`);
    expect(spec.parallelism).toBe(spec.completions);
    expect(env[0].valueFrom.fieldRef.fieldPath).toContain('job-completion-index');
    expect(command).toEqual(['node', '/app/dist/cli.js']);
    const words = args.map((word: string) => word.replace('$(JOB_COMPLETION_INDEX)', '3'));
    const sink = { write: () => true };
    const io = { stdout: sink, stderr: sink, env: {}, cwd: '/', signal: new AbortController().signal };
    expect(parseArguments(words, io)).toMatchObject({
      invocation: { command: 'copy', values: { shard: '3/4', cluster: true } },
    });
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

function unknownFields(
  value: object,
  model: { getAttributeTypeMap(): readonly { readonly baseName: string }[] },
): readonly string[] {
  const known = new Set(model.getAttributeTypeMap().map(({ baseName }) => baseName));
  return Object.keys(value).filter((key) => !known.has(key));
}

const rollback = `
apiVersion: apps/v1
kind: ReplicaSet
metadata:
  name: web-old
  ownerReferences: [{ apiVersion: apps/v1, kind: Deployment, name: web, uid: 0b8f2c3e-0000-4000-8000-000000000001 }]
spec:
  replicas: 0
  selector: { matchLabels: { app: web-old } }
  template:
    metadata: { labels: { app: web-old } }
    spec: { containers: [{ name: web, image: 'nginx:1.24' }] }
`;

const revisions = `{
  "apiVersion": "apps/v1", "kind": "ControllerRevision", "metadata": { "name": "agent-1" }, "revision": 1,
  "data": { "spec": { "template": { "$patch": "replace",
    "spec": { "containers": [{ "name": "agent", "image": "quay.io/acme/agent:1" }] } } } }
}`;

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

test.each([
  ['broken', 'users: [{ name: t, user: { token: Wsecret1 } }'],
  ['empty', ''],
])('a kubeconfig that is %s is told by its name, and nothing of it is shown', async (_, text) => {
  const file = join(folder.path, 'kubeconfig');
  writeFileSync(file, text);
  const error: unknown = await openCluster({ kubeconfigs: [file], context: null }).catch(
    (thrown: unknown) => thrown,
  );
  expect(error).toMatchObject({
    code: 'usage',
    message: `${file} is no kubeconfig that can be read: correct it, or name another in KUBECONFIG.`,
  });
});

test('of several kubeconfigs with one name the first one counts', async () => {
  const write = (name: string, server: string) => {
    const file = join(folder.path, name);
    const context = { name: 'prod', context: { cluster: 'c', user: 'admin' } };
    const clusters = [{ name: 'c', cluster: { server } }];
    const users = [{ name: 'admin', user: {} }];
    writeFileSync(file, JSON.stringify({ clusters, users, contexts: [context], 'current-context': 'prod' }));
    return file;
  };
  const kubeconfigs = [write('one', 'https://127.0.0.1:9'), write('two', 'https://127.0.0.1:10')];
  const cluster = await openCluster({ kubeconfigs, context: null });
  expect(cluster.name).toBe('prod');
  await expect(cluster.get('/version')).rejects.toThrow('https://127.0.0.1:9 cannot be reached');
});
