import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { addImage, type EmbeddedRegistry, startRegistry } from '../../src/embedded/index.ts';
import { paths } from '../support/fake-cluster.ts';

/**
 * A large cluster, as an API server would show it: 10,000 Deployments of 4 kB and 20,000 Pods, of 200 images. Objects
 * are made as they are sent, so that only the daemon's memory counts. HOLDFAST_CHECKOUT: whose dist/ is run;
 * HOLDFAST_SOAK_MINUTES: how long the churn lasts.
 */
const checkout = process.env['HOLDFAST_CHECKOUT'] ?? resolve(import.meta.dirname, '../..');
const minutes = Number(process.env['HOLDFAST_SOAK_MINUTES'] ?? '10');
const workloads = 10_000;
const pods = 20_000;
const images = 200;

let root: string;
let upstream: EmbeddedRegistry;
let backup: EmbeddedRegistry;
let server: Server;
let daemon: ChildProcess;
let log = '';
const watchers = new Map<string, Set<ServerResponse>>();

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'holdfast-soak-'));
  [upstream, backup] = await Promise.all([startRegistry(), startRegistry()]);
  for (let index = 0; index < images; index += 1)
    await addImage(upstream, `team/app-${index}`, '1', { layerBytes: 2000 });
  server = createServer((request, answer) => serve(new URL(request.url ?? '/', 'http://x'), answer));
  await new Promise<void>((done) => {
    server.listen(0, '127.0.0.1', done);
  });
}, 120_000);
afterAll(async () => {
  daemon?.kill('SIGKILL');
  server?.closeAllConnections();
  server?.close();
  await Promise.all([upstream?.close(), backup?.close()]);
  await rm(root, { recursive: true, force: true });
});

test('a large cluster is known within a minute in less than 300 MB, and memory stays flat under churn', async () => {
  const began = Date.now();
  const url = await start();
  const first = await until(url, (metrics) => metrics.synced === 1, 60_000);
  const toPicture = Date.now() - began;
  await until(url, (metrics) => metrics.present === images, 180_000);
  const samples: number[] = [];
  let peak = first.rss;
  const end = Date.now() + minutes * 60_000;
  for (let turn = 0; Date.now() < end; turn += 1) {
    churn(turn);
    await new Promise((done) => setTimeout(done, 100));
    if (turn % 20 !== 0) continue;
    const { rss } = await read(url);
    samples.push(rss);
    peak = Math.max(peak, rss);
  }
  const third = Math.floor(samples.length / 3);
  const mean = (part: readonly number[]) =>
    part.reduce((sum, one) => sum + one, 0) / Math.max(part.length, 1);
  const [early, late] = [mean(samples.slice(0, third)), mean(samples.slice(-third))];
  console.log(
    `first full picture ${toPicture} ms; peak ${mb(peak)}; ${samples.length} samples: first third ${mb(early)}, last third ${mb(late)}`,
  );
  expect(toPicture).toBeLessThan(60_000);
  expect(peak).toBeLessThan(300 * 1024 * 1024);
  expect(late).toBeLessThan(early * 1.15);
});

const mb = (bytes: number): string => `${(bytes / 1024 / 1024).toFixed(0)} MiB`;

async function start(): Promise<string> {
  const kubeconfig = join(root, 'kubeconfig');
  const { port } = server.address() as AddressInfo;
  await writeFile(
    kubeconfig,
    JSON.stringify({
      apiVersion: 'v1',
      kind: 'Config',
      clusters: [
        { name: 't', cluster: { server: `http://127.0.0.1:${port}`, 'insecure-skip-tls-verify': true } },
      ],
      users: [{ name: 't', user: {} }],
      contexts: [{ name: 't', context: { cluster: 't', user: 't' } }],
      'current-context': 't',
    }),
  );
  daemon = spawn('node', ['--max-old-space-size=256', join(checkout, 'dist/cli.js'), 'watch'], {
    env: {
      PATH: process.env['PATH'],
      HOME: root,
      KUBECONFIG: kubeconfig,
      HOLDFAST_BACKUP: 'backup.example/mirror',
      HOLDFAST_ENDPOINT: `quay.io=${upstream.url},backup.example=${backup.url}`,
      HOLDFAST_WATCH_LISTEN: '127.0.0.1:0',
      HOLDFAST_WATCH_MODE: 'archive',
    },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  daemon.stdout?.on('data', (chunk: Buffer) => {
    log = (log + chunk.toString()).slice(0, 10_000);
  });
  await expect.poll(() => /"url":"(http:[^"]+)"/.exec(log)?.[1], { timeout: 15_000 }).toBeDefined();
  return /"url":"(http:[^"]+)"/.exec(log)?.[1] ?? '';
}

interface Sample {
  readonly rss: number;
  readonly synced: number;
  readonly present: number;
}

async function read(url: string): Promise<Sample> {
  const text = await (await fetch(`${url}/metrics`)).text();
  const value = (name: string): number =>
    Number(
      text
        .split('\n')
        .find((line) => line.startsWith(`${name} `))
        ?.split(' ')[1] ?? Number.NaN,
    );
  return {
    rss: value('process_resident_memory_bytes'),
    synced: value('holdfast_cluster_synced'),
    present: value('holdfast_images{state="present"}'),
  };
}

async function until(url: string, isReached: (sample: Sample) => boolean, patience: number): Promise<Sample> {
  for (const end = Date.now() + patience; ; ) {
    const sample = await read(url);
    if (isReached(sample)) return sample;
    if (Date.now() > end) throw new Error(`it did not come to that: ${JSON.stringify(sample)}\n${log}`);
    await new Promise((done) => setTimeout(done, 200));
  }
}

function serve(url: URL, answer: ServerResponse): void {
  const path = url.pathname;
  answer.setHeader('content-type', 'application/json');
  if (!Object.values<string>(paths).includes(path) || path.includes('fluxcd') || path.includes('argoproj')) {
    answer.writeHead(404).end('{"message":"not found"}');
    return;
  }
  if (url.searchParams.get('watch') === 'true') {
    answer.writeHead(200);
    answer.flushHeaders();
    const set = watchers.get(path) ?? new Set();
    watchers.set(path, set.add(answer));
    answer.on('close', () => set.delete(answer));
    return;
  }
  const total = path === paths.deployments ? workloads : path === paths.pods ? pods : 0;
  const from = Number(url.searchParams.get('continue') ?? '0');
  const limit = Number(url.searchParams.get('limit') ?? '500');
  const to = Math.min(from + limit, total);
  const items = Array.from({ length: to - from }, (_, index) =>
    path === paths.pods ? pod(from + index, 0) : deployment(from + index, 0),
  );
  const metadata = { resourceVersion: '1', ...(to < total ? { continue: String(to) } : {}) };
  answer.end(JSON.stringify({ metadata, items }));
}

/** Thirty objects change: annotations of some, Pods that come and go. */
function churn(turn: number): void {
  for (let index = 0; index < 10; index += 1) {
    tell(paths.deployments, 'MODIFIED', deployment((turn * 10 + index) % workloads, turn));
    tell(paths.pods, 'DELETED', pod((turn * 10 + index) % pods, turn));
    tell(paths.pods, 'ADDED', pod((turn * 10 + index) % pods, turn));
  }
}

function tell(path: string, type: string, object: object): void {
  for (const answer of watchers.get(path) ?? []) answer.write(`${JSON.stringify({ type, object })}\n`);
}

const filler = 'x'.repeat(3400);

function deployment(index: number, turn: number): object {
  return {
    metadata: {
      name: `app-${index}`,
      namespace: `team-${index % 50}`,
      resourceVersion: String(turn + 2),
      annotations: { 'kubectl.kubernetes.io/last-applied-configuration': filler, turn: String(turn) },
      labels: { 'app.kubernetes.io/instance': `app-${index}`, app: 'x' },
    },
    spec: {
      template: { spec: { containers: [{ name: 'main', image: `quay.io/team/app-${index % images}:1` }] } },
    },
  };
}

function pod(index: number, turn: number): object {
  const app = index % workloads;
  const image = `quay.io/team/app-${app % images}:1`;
  const digest = upstream.manifest(`team/app-${app % images}`, '1')?.digest ?? '';
  return {
    metadata: {
      name: `app-${app}-5d4f-${index}`,
      namespace: `team-${app % 50}`,
      resourceVersion: String(turn + 2),
      annotations: { filler },
      labels: { 'pod-template-hash': '5d4f' },
      ownerReferences: [{ kind: 'ReplicaSet', name: `app-${app}-5d4f`, controller: true }],
    },
    spec: { containers: [{ name: 'main', image }] },
    status: {
      phase: 'Running',
      containerStatuses: [{ name: 'main', imageID: `quay.io/team/app-${app % images}@${digest}` }],
    },
  };
}
