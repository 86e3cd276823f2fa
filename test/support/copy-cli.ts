import { cpSync, existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startNode } from './start-node.ts';

/** How one `holdfast copy` ended. */
export interface CliEnd {
  /** Null when it was killed; there are no copies then. */
  readonly code: number | null;
  readonly errors: string;
  readonly copies: readonly {
    readonly status: string;
    readonly backup: string;
    readonly digest: string | null;
    readonly error: { readonly code: string; readonly message: string } | null;
  }[];
}

export interface CliCopy {
  readonly ended: Promise<CliEnd>;
  /** kill -9 */
  kill(): void;
}

export interface CopyCli {
  start(options: readonly string[]): CliCopy;
  remove(): void;
}

/** `dist/cli.js copy`, as people run it; of a copy of `dist/`, so that a build in the meantime changes nothing. */
export function prepareCopyCli(): CopyCli {
  const project = join(import.meta.dirname, '../..');
  if (!existsSync(join(project, 'dist/cli.js'))) throw new Error('dist/cli.js is not there: npm run build');
  const folder = mkdtempSync(join(tmpdir(), 'holdfast-cli-'));
  for (const name of ['dist', 'package.json'])
    cpSync(join(project, name), join(folder, name), { recursive: true });
  return {
    start(options) {
      const args = [join(folder, 'dist/cli.js'), 'copy', '--quiet', '--output', 'json', ...options];
      const { child, ended } = startNode(args, {
        cwd: folder,
        env: { PATH: process.env['PATH'] ?? '', HOME: folder },
      });
      const end = ended.then(({ code, stdout, stderr }): CliEnd => {
        const copies = code === null ? [] : (JSON.parse(stdout) as Pick<CliEnd, 'copies'>).copies;
        return { code, errors: stderr, copies };
      });
      return { ended: end, kill: () => void child.kill('SIGKILL') };
    },
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}
