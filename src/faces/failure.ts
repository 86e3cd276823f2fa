import { inspect } from 'node:util';
import { HoldfastError } from '../error.ts';
import { RegistryError } from '../registry/index.ts';
import { printable } from '../report/index.ts';

/** What is said of a run that could not start or go on. */
export interface Failure {
  readonly code: string;
  readonly message: string;
}

/** One sentence with the cure, for whatever was thrown. */
export function describeFailure(error: unknown): Failure {
  if (error instanceof HoldfastError || error instanceof RegistryError)
    return { code: error.code, message: error.message };
  if (error instanceof Error && error.name === 'AbortError')
    return { code: 'interrupted', message: 'stopped; run again to go on' };
  const { code, path, message } = asSystemError(error);
  const cure = code === undefined ? undefined : systemCures[code];
  if (cure) return { code: 'environment', message: path ? `${path}: ${cure}` : cure };
  return { code: 'unexpected', message: `unexpected: ${message} (--verbose shows where; please report it)` };
}

/** The whole of an error, for `--verbose`: causes and stacks. */
export function formatDetails(error: unknown): string {
  return inspect(error, { depth: 5 }).split('\n').map(printable).join('\n');
}

/** What the machine refuses, by the code of the system call. */
const systemCures: Readonly<Record<string, string>> = {
  ENOSPC: 'the disk is full; make room and run again, nothing was left half-written',
  EDQUOT: 'the disk quota is used up; make room and run again, nothing was left half-written',
  EACCES: 'permission denied; run as a user who may read and write it',
  EPERM: 'not permitted; run as a user who may read and write it',
  EROFS: 'the file system is read-only; run on a copy that can be written',
  ENOENT: 'no such file or folder; check the path',
  ENOTDIR: 'a part of the path is not a folder; check the path',
  EMFILE: 'too many open files; raise `ulimit -n` or lower --concurrency',
};

function asSystemError(error: unknown): { code?: string; path?: string; message: string } {
  if (!(error instanceof Error)) return { message: String(error) };
  const { code, path } = error as NodeJS.ErrnoException;
  return {
    ...(typeof code === 'string' ? { code } : {}),
    ...(typeof path === 'string' ? { path } : {}),
    message: error.message,
  };
}
