import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { rolldown } from 'rolldown';
import type { CopyJob, CopyLine } from './copy-program.ts';

export interface CopyProcess {
  /** Null when it was killed. */
  readonly ended: Promise<{
    readonly code: number | null;
    readonly lines: readonly CopyLine[];
    readonly errors: string;
  }>;
  /** kill -9 */
  kill(): void;
}

export interface CopyProgram {
  start(job: CopyJob): CopyProcess;
  remove(): void;
}

/** The copy engine as a process of its own, bundled as `dist/` is: for what only a process can suffer. */
export async function buildCopyProgram(): Promise<CopyProgram> {
  const folder = mkdtempSync(join(tmpdir(), 'holdfast-copy-'));
  const program = join(folder, 'copy-program.mjs');
  const bundle = await rolldown({ input: join(import.meta.dirname, 'copy-program.ts'), platform: 'node' });
  await bundle.write({ file: program, format: 'esm', codeSplitting: false });
  await bundle.close();
  let jobs = 0;
  return {
    start(job) {
      jobs += 1;
      const jobFile = join(folder, `job-${jobs}.json`);
      writeFileSync(jobFile, JSON.stringify(job));
      const child = spawn(process.execPath, [program, jobFile], { stdio: ['ignore', 'pipe', 'pipe'] });
      let output = '';
      let errors = '';
      child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString('utf8')));
      child.stderr.on('data', (chunk: Buffer) => (errors += chunk.toString('utf8')));
      const ended = new Promise<Awaited<CopyProcess['ended']>>((resolve) => {
        child.on('close', (code) => {
          resolve({ code, errors, lines: code === null ? [] : (JSON.parse(output || '[]') as CopyLine[]) });
        });
      });
      return { ended, kill: () => void child.kill('SIGKILL') };
    },
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}
