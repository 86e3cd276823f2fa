import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

/** What could be read from outside while something ran. */
export interface Sampled {
  /** Command lines of git's processes, and of whatever they start. */
  readonly lines: ReadonlySet<string>;
  /** Every text that a git configuration below the folder had. */
  readonly settings: ReadonlySet<string>;
}

/** Looks at `/proc` and at the configuration of clones below `folder` again and again until `work` is done. */
export async function sampleWhile<T>(
  work: Promise<T>,
  folder: string | null = null,
): Promise<{ readonly result: T; readonly sampled: Sampled }> {
  const lines = new Set<string>();
  const settings = new Set<string>();
  const state = { running: true };
  const sampling = (async () => {
    while (state.running) {
      for (const line of await readCommandLines()) if (line.includes('git')) lines.add(line);
      if (folder !== null) for (const text of await readSettings(folder)) settings.add(text);
    }
  })();
  try {
    return { result: await work, sampled: { lines, settings } };
  } finally {
    state.running = false;
    await sampling;
  }
}

async function readCommandLines(): Promise<readonly string[]> {
  const processes = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const lines = await Promise.all(
    processes.map((name) => readFile(`/proc/${name}/cmdline`, 'utf8').catch(() => '')),
  );
  return lines.map((line) => line.replaceAll('\0', ' '));
}

async function readSettings(folder: string): Promise<readonly string[]> {
  const clones = (await readdir(folder)).filter((name) => name.startsWith('holdfast-clone-'));
  const texts = await Promise.all(
    clones.map((name) => readFile(join(folder, name, 'config'), 'utf8').catch(() => '')),
  );
  return texts.filter((text) => text !== '');
}
