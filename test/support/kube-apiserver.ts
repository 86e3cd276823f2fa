import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rename, rm } from 'node:fs/promises';
import { Agent, request } from 'node:https';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { findFreePort } from './free-port.ts';

const run = promisify(execFile);

/** A real kube-apiserver with its etcd, on loopback. No controllers: a Deployment makes no Pods. */
export interface KubeApiserver {
  /** Path of a kubeconfig with the contexts `t` (cluster admin) and `viewer` (no rights until some are bound). */
  readonly kubeconfig: string;
  readonly url: string;
  readonly folder: string;
  readonly etcdUrl: string;
  /** Runs kubectl as admin; `input` is its standard input. Gives its standard output. */
  kubectl(words: readonly string[], input?: string): Promise<string>;
  /** A request as admin, without the time that a kubectl takes. */
  request(method: string, path: string, body?: object): Promise<void>;
  /** Verb, path and user of every request so far. */
  readAudit(): Promise<readonly AuditEvent[]>;
  /** SIGKILL to the API server; etcd stays. */
  kill(): Promise<void>;
  /** Starts the API server again on the same port and the same data. */
  restart(): Promise<void>;
  stop(): Promise<void>;
}

export interface AuditEvent {
  readonly verb: string;
  readonly requestURI: string;
  readonly user: string;
}

const shared = process.env['HOLDFAST_SHARED'] ?? resolve(import.meta.dirname, '../../../shared');
const kube = join(shared, 'kube');

/** Null when everything is there; else what is missing, for the title of a skipped suite. */
export async function findKubeProblem(): Promise<string | null> {
  if (!existsSync(join(kube, 'up'))) return 'no kube-apiserver: HOLDFAST_SHARED names no folder with kube/';
  for (const program of ['etcd', 'xz', 'openssl', 'curl', 'kubectl']) {
    const found = await run('sh', ['-c', `command -v ${program}`]).catch(() => null);
    if (found === null) return `${program} is not installed`;
  }
  return null;
}

const assets = join(tmpdir(), 'holdfast-kube-assets');

/** Unpacked once for all test files, which run side by side: what is half unpacked has another name. */
async function unpackAssets(): Promise<void> {
  if (existsSync(assets)) return;
  const part = await mkdtemp(join(tmpdir(), 'holdfast-kube-unpack-'));
  await run('bash', [join(kube, 'assets'), part]);
  // Another was quicker: its files are the same.
  await rename(part, assets).catch(() => rm(part, { recursive: true, force: true }));
}

/** A port that was free a moment ago may be taken by another test: then everything is begun anew. */
export async function startKubeApiserver(): Promise<KubeApiserver> {
  await unpackAssets();
  for (let attempt = 1; ; attempt += 1) {
    const folder = await mkdtemp(join(tmpdir(), 'holdfast-kube-'));
    try {
      return await start(folder);
    } catch (error) {
      await run('bash', [join(kube, 'down'), folder]).catch(() => null);
      await rm(folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });
      if (attempt === 3) throw error;
    }
  }
}

async function start(folder: string): Promise<KubeApiserver> {
  // etcd takes the next port for its peers.
  const etcdPort = await findFreePort();
  let apiPort = await findFreePort();
  while (apiPort === etcdPort + 1) apiPort = await findFreePort();
  const env = {
    ...process.env,
    ETCD_PORT: String(etcdPort),
    API_PORT: String(apiPort),
    AUDIT: '1',
    KUBEBUILDER_ASSETS: assets,
  };
  const up = async (): Promise<void> => {
    await run('bash', [join(kube, 'up'), folder], { env });
  };
  await up();
  const kubeconfig = join(folder, 'kubeconfig');
  const ca = await readFile(join(folder, 'ca.crt'));
  return {
    kubeconfig,
    folder,
    url: `https://127.0.0.1:${apiPort}`,
    etcdUrl: `http://127.0.0.1:${etcdPort}`,
    async kubectl(words, input) {
      const started = run('kubectl', ['--kubeconfig', kubeconfig, ...words], { maxBuffer: 1 << 28 });
      started.child.stdin?.end(input ?? '');
      return (await started).stdout;
    },
    async request(method, path, body) {
      const { status, text } = await send(method, new URL(`https://127.0.0.1:${apiPort}${path}`), ca, body);
      if (status >= 300) throw new Error(`${method} ${path}: ${status} ${text}`);
    },
    async readAudit() {
      const lines = (await readFile(join(folder, 'audit.log'), 'utf8')).trim().split('\n');
      return lines.map((line) => {
        const event = JSON.parse(line) as { verb: string; requestURI: string; user: { username: string } };
        return { verb: event.verb, requestURI: event.requestURI, user: event.user.username };
      });
    },
    async kill() {
      const pid = Number(await readFile(join(folder, 'apiserver.pid'), 'utf8'));
      process.kill(pid, 'SIGKILL');
    },
    restart: up,
    async stop() {
      await run('bash', [join(kube, 'down'), folder], { env });
      await rm(folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });
    },
  };
}

function send(
  method: string,
  url: URL,
  ca: Buffer,
  body: object | undefined,
): Promise<{ readonly status: number; readonly text: string }> {
  return new Promise((resolve, reject) => {
    const headers = { authorization: 'Bearer admintoken', 'content-type': 'application/json' };
    const asked = request(url, { method, ca, headers, agent }, (answer) => {
      let text = '';
      answer.on('data', (chunk: Buffer) => (text += chunk.toString()));
      answer.on('end', () => resolve({ status: answer.statusCode ?? 0, text }));
      answer.on('error', reject);
    });
    asked.on('error', reject);
    asked.end(body && JSON.stringify(body));
  });
}

const agent = new Agent({ maxSockets: 16 });
