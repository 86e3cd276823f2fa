import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ForgeRepository } from '../../src/embedded/index.ts';

/** What could be read from outside while something ran. */
export interface Sampled {
  /** Command lines of git's processes, and of whatever they start. */
  readonly lines: ReadonlySet<string>;
  /** Every text that a git configuration below the folder had. */
  readonly settings: ReadonlySet<string>;
}

/** A push takes long enough to be seen, also where the machine is busy. */
export async function slowPushes({ folder }: ForgeRepository): Promise<void> {
  await mkdir(join(folder, 'hooks'), { recursive: true });
  await writeFile(join(folder, 'hooks/update'), '#!/bin/sh\nsleep 0.7\n', { mode: 0o755 });
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

/** Of what this process started, and nothing that other test files do at the same time. */
async function readCommandLines(): Promise<readonly string[]> {
  const names = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const processes = await Promise.all(
    names.map(async (name) => ({
      id: name,
      // The fourth field; the second one, in parentheses, may hold anything.
      parent: (await readOrEmpty(`/proc/${name}/stat`)).replace(/^.*\)/s, '').trim().split(' ')[1] ?? '',
      line: (await readOrEmpty(`/proc/${name}/cmdline`)).replaceAll('\0', ' '),
    })),
  );
  const parents = new Map(processes.map(({ id, parent }) => [id, parent]));
  const isOurs = (id: string): boolean => {
    for (let at = parents.get(id); at !== undefined; at = parents.get(at))
      if (at === String(process.pid)) return true;
    return false;
  };
  return processes.filter(({ id }) => isOurs(id)).map(({ line }) => line);
}

function readOrEmpty(path: string): Promise<string> {
  return readFile(path, 'utf8').catch(() => '');
}

async function readSettings(folder: string): Promise<readonly string[]> {
  const clones = (await readdir(folder)).filter((name) => name.startsWith('holdfast-clone-'));
  const texts = await Promise.all(
    clones.map((name) => readFile(join(folder, name, 'config'), 'utf8').catch(() => '')),
  );
  return texts.filter((text) => text !== '');
}
