import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { findFreePort } from './free-port.ts';
import { ask } from './http-client.ts';
import { memoryFolder } from './memory-folder.ts';

export interface DockerRegistryOptions {
  /** Another docker-registry than the one on the PATH. */
  readonly binary?: string;
  /** bcrypt by `htpasswd`, which must be installed. */
  readonly users?: Readonly<Record<string, string>>;
  /** Bearer tokens of a token server; see `startTokenServer`. */
  readonly token?: {
    readonly realm: string;
    readonly service: string;
    readonly issuer: string;
    readonly certFile: string;
  };
  readonly tls?: { readonly certFile: string; readonly keyFile: string };
  /** True by default. */
  readonly deletes?: boolean;
  readonly foreignLayers?: boolean;
  readonly schema1?: boolean;
  /** Another registry's storage folder, to serve the same content. */
  readonly storage?: string;
  /** Parent folder of the storage, in place of `memoryFolder`. */
  readonly parent?: string;
}

export interface AccessLine {
  readonly method: string;
  /** With its query. */
  readonly path: string;
  readonly status: number;
  /** Of the answer's body. */
  readonly bytes: number;
}

export interface DockerRegistry {
  readonly url: string;
  readonly host: string;
  /** The folder that holds everything. */
  readonly folder: string;
  readonly storage: string;
  readonly pid: number;
  /** The access log so far. A line is written after its answer: wait for the count that is expected. */
  accessLog(): readonly AccessLine[];
  /** What it wrote to stderr. */
  errorLog(): string;
  /** Kills it and leaves what it stored, as a power cut would; `restart` goes on from there. */
  kill(): Promise<void>;
  restart(): Promise<void>;
  close(): Promise<void>;
}

/** Null when Debian's docker-registry is not installed: tests say so in their titles and skip. */
export function findDockerRegistry(): string | null {
  try {
    return execFileSync('sh', ['-c', 'command -v docker-registry'], { encoding: 'utf8' }).trim() || null;
  } catch {
    return null;
  }
}

/** Debian's docker-registry (CNCF distribution 2.8) as a process of its own on a free port. */
export async function startDockerRegistry(options: DockerRegistryOptions = {}): Promise<DockerRegistry> {
  const binary = options.binary ?? findDockerRegistry();
  if (!binary) throw new Error('docker-registry is not installed: apt-get install docker-registry');
  const folder = mkdtempSync(join(options.parent ?? memoryFolder, 'holdfast-registry-'));
  const port = await findFreePort();
  const host = `127.0.0.1:${port}`;
  const url = `${options.tls ? 'https' : 'http'}://${host}`;
  writeFileSync(join(folder, 'config.yml'), configOf(options, folder, host));
  let child: ChildProcess | null = null;
  const onExit = (): void => {
    child?.kill('SIGKILL');
    rmSync(folder, { recursive: true, force: true });
  };
  process.on('exit', onExit);

  const start = async (): Promise<void> => {
    const command = `exec "$0" serve "$1/config.yml" >>"$1/access.log" 2>>"$1/error.log"`;
    const started = spawn('sh', ['-c', command, binary, folder], {
      stdio: 'ignore',
      env: {
        PATH: process.env['PATH'] ?? '',
        LD_LIBRARY_PATH: process.env['LD_LIBRARY_PATH'] ?? '',
        OTEL_TRACES_EXPORTER: 'none',
      },
    });
    child = started;
    for (let tries = 0; tries < 250; tries += 1) {
      if (started.exitCode !== null) break;
      const reply = await ask(`${url}/v2/`).catch(() => null);
      if (reply) return;
      await sleep(20);
    }
    started.kill('SIGKILL');
    throw new Error(`docker-registry did not start: ${readFileSync(join(folder, 'error.log'), 'utf8')}`);
  };
  const stop = async (signal: 'SIGKILL' | 'SIGTERM'): Promise<void> => {
    const running = child;
    child = null;
    if (!running || running.exitCode !== null || running.signalCode !== null) return;
    const gone = new Promise((resolve) => {
      running.once('exit', resolve);
    });
    running.kill(signal);
    await gone;
  };
  await start();
  return {
    url,
    host,
    folder,
    storage: options.storage ?? join(folder, 'storage'),
    get pid() {
      return child?.pid ?? -1;
    },
    accessLog: () => parseAccessLog(readFileSync(join(folder, 'access.log'), 'utf8')),
    errorLog: () => readFileSync(join(folder, 'error.log'), 'utf8'),
    kill: () => stop('SIGKILL'),
    restart: start,
    async close() {
      await stop('SIGKILL');
      process.off('exit', onExit);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function configOf(options: DockerRegistryOptions, folder: string, host: string): string {
  const config: Record<string, unknown> = {
    version: 0.1,
    log: { level: 'warn', accesslog: { disabled: false } },
    storage: {
      filesystem: { rootdirectory: options.storage ?? join(folder, 'storage'), maxthreads: 100 },
      delete: { enabled: options.deletes !== false },
      maintenance: { uploadpurging: { enabled: false } },
    },
    http: {
      addr: host,
      secret: 'not a secret',
      ...(options.tls ? { tls: { certificate: options.tls.certFile, key: options.tls.keyFile } } : {}),
    },
    ...(options.foreignLayers ? { validation: { manifests: { urls: { allow: ['^https?://'] } } } } : {}),
    ...(options.schema1 ? { compatibility: { schema1: { enabled: true } } } : {}),
  };
  if (options.users) {
    const path = join(folder, 'htpasswd');
    const lines = Object.entries(options.users).map(([name, password]) =>
      execFileSync('htpasswd', ['-Bbn', '-C', '4', name, password], { encoding: 'utf8' }).trim(),
    );
    writeFileSync(path, `${lines.join('\n')}\n`);
    config['auth'] = { htpasswd: { realm: 'test', path } };
  }
  if (options.token) {
    const { realm, service, issuer, certFile } = options.token;
    config['auth'] = { token: { realm, service, issuer, rootcertbundle: certFile } };
  }
  // JSON is YAML.
  return JSON.stringify(config, null, 2);
}

function parseAccessLog(text: string): readonly AccessLine[] {
  return text.split('\n').flatMap((line) => {
    const match = /"(\w+) (\S+) HTTP\/[\d.]+" (\d+) (\d+)/.exec(line);
    if (!match) return [];
    return [
      { method: match[1] ?? '', path: match[2] ?? '', status: Number(match[3]), bytes: Number(match[4]) },
    ];
  });
}
