import { spawn } from 'node:child_process';
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { AccessLine, DockerRegistry } from '../../support/docker-registry.ts';

/** One run of one contender, as whole processes. */
export interface Measured {
  readonly ok: boolean;
  /** Seconds. */
  readonly wall: number;
  /** User and system seconds of the process and all that it started. */
  readonly cpu: number;
  /** MiB of resident memory of the largest process. */
  readonly peak: number;
  /** Bytes of the answers of the source. */
  readonly sourceBytes: number;
  /** Bytes that the backup read: its requests, and little else. */
  readonly backupBytes: number;
  readonly sourceRequests: number;
  readonly backupRequests: number;
  readonly stderr: string;
}

/** Runs a shell command under GNU time and counts what both registries saw. */
export async function measure(
  command: string,
  environment: Readonly<Record<string, string | undefined>>,
  sides: { readonly source: DockerRegistry; readonly backup: DockerRegistry; readonly work: string },
): Promise<Measured> {
  const { source, backup, work } = sides;
  const before = {
    source: await settledLog(source),
    backup: await settledLog(backup),
    read: bytesRead(backup),
  };
  const figures = join(work, 'time.txt');
  const { code, stderr } = await runTimed(command, environment, figures);
  const after = {
    source: await settledLog(source),
    backup: await settledLog(backup),
    read: bytesRead(backup),
  };
  const [wall = 0, user = 0, system = 0, peak = 0] = (
    readFileSync(figures, 'utf8').trim().split('\n').at(-1) ?? ''
  )
    .split(' ')
    .map(Number);
  rmSync(figures);
  const fromSource = after.source.slice(before.source.length);
  return {
    ok: code === 0,
    wall,
    cpu: user + system,
    peak: peak / 1024,
    sourceBytes: fromSource
      .filter((line) => line.method === 'GET')
      .reduce((sum, line) => sum + line.bytes, 0),
    backupBytes: after.read - before.read,
    sourceRequests: fromSource.length,
    backupRequests: after.backup.length - before.backup.length,
    stderr,
  };
}

function runTimed(
  command: string,
  environment: Readonly<Record<string, string | undefined>>,
  figures: string,
): Promise<{ code: number | null; stderr: string }> {
  return new Promise((resolve, reject) => {
    const child = spawn('/usr/bin/time', ['-f', '%e %U %S %M', '-o', figures, 'sh', '-c', command], {
      env: { ...process.env, ...environment },
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    let stderr = '';
    child.stderr.on('data', (chunk: Buffer) => (stderr = (stderr + chunk.toString('utf8')).slice(-2000)));
    child.on('error', () => reject(new Error('GNU time is needed: apt-get install time')));
    child.on('close', (code) => resolve({ code, stderr }));
  });
}

/** The access log is written after the answers: wait until it grows no more. */
async function settledLog(registry: DockerRegistry): Promise<readonly AccessLine[]> {
  let lines = registry.accessLog();
  for (;;) {
    await sleep(60);
    const next = registry.accessLog();
    if (next.length === lines.length) return next;
    lines = next;
  }
}

/** What the registry's process read from sockets and files (`rchar`); 0 where there is no /proc. */
function bytesRead(registry: DockerRegistry): number {
  try {
    return Number(/rchar: (\d+)/.exec(readFileSync(`/proc/${registry.pid}/io`, 'utf8'))?.[1] ?? 0);
  } catch {
    return 0;
  }
}
