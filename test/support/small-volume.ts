import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** A file system of its own, that has little room. */
export interface SmallVolume {
  readonly path: string;
  /** `64k`, `32m`. */
  resize(size: string): Promise<void>;
  close(): Promise<void>;
}

/** Throws where this machine does not let us mount: that takes root. */
export async function mountSmallVolume(size: string): Promise<SmallVolume> {
  const folder = await mkdtemp(join(tmpdir(), 'holdfast-volume-'));
  const path = join(folder, 'volume');
  await mkdir(path);
  try {
    await run('mount', ['-t', 'tmpfs', '-o', `size=${size}`, 'holdfast-test', path]);
  } catch (error) {
    await rm(folder, { recursive: true, force: true });
    throw error;
  }
  return {
    path,
    async resize(next) {
      await run('mount', ['-o', `remount,size=${next}`, path]);
    },
    async close() {
      await run('umount', ['-l', path]);
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** Null where volumes can be mounted; else why not, for the title of a skipped test. */
export async function findMountProblem(): Promise<string | null> {
  return mountSmallVolume('64k').then(
    async (volume) => volume.close().then(() => null),
    () => 'no tmpfs can be mounted here: that takes root',
  );
}
