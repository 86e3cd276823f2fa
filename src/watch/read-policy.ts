import type { Config } from '../config/index.ts';
import { HoldfastError } from '../error.ts';
import { type CopyPolicy, compileGlob, parseBackupPrefix, parseNaming } from '../plan/index.ts';

/** What the daemon goes by. Throws `config` for what no watch can start with. */
export function readPolicy({ backup, naming, exclude, repositories }: Config): CopyPolicy {
  if (backup === null)
    throw new HoldfastError(
      'config',
      'No backup registry is given: set `backup: …` in the configuration, or HOLDFAST_BACKUP (such as ghcr.io/acme/backup).',
    );
  for (const glob of [
    ...exclude.images,
    ...exclude.namespaces,
    ...repositories.flatMap((one) => one.namespaces),
  ])
    compileGlob(glob);
  return {
    backup: demand(parseBackupPrefix(backup)),
    naming: demand(parseNaming(naming)),
    // The cluster is read without the excluded namespaces, and has no paths.
    exclude: { images: exclude.images, namespaces: [], paths: [] },
  };
}

function demand<T>(parsed: { ok: true; value: T } | { ok: false; problem: string }): T {
  if (parsed.ok) return parsed.value;
  throw new HoldfastError('config', `${parsed.problem}.`);
}
