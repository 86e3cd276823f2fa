import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { bundleProgram } from './bundle-program.ts';
import type { CopyJob, CopyReport } from './copy-program.ts';
import { startNode } from './start-node.ts';

export interface CopyEnd extends CopyReport {
  /** Null when it was killed; there are no lines then. */
  readonly code: number | null;
  readonly errors: string;
}

export interface CopyProcess {
  readonly ended: Promise<CopyEnd>;
  /** kill -9 */
  kill(): void;
}

export interface CopyProgram {
  start(job: CopyJob): CopyProcess;
  remove(): void;
}

/** The copy engine as a process of its own: for what only a process can suffer. */
export async function buildCopyProgram(): Promise<CopyProgram> {
  const folder = mkdtempSync(join(tmpdir(), 'holdfast-copy-'));
  const program = await bundleProgram(join(import.meta.dirname, 'copy-program.ts'), folder);
  let jobs = 0;
  return {
    start(job) {
      jobs += 1;
      const jobFile = join(folder, `job-${jobs}.json`);
      writeFileSync(jobFile, JSON.stringify(job));
      const { child, ended } = startNode([program, jobFile]);
      const end = ended.then(({ code, stdout, stderr }): CopyEnd => {
        const report = stdout === '' ? { lines: [], peakMiB: 0 } : (JSON.parse(stdout) as CopyReport);
        return { code, errors: stderr, ...report };
      });
      return { ended: end, kill: () => void child.kill('SIGKILL') };
    },
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}
