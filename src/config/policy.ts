import { HoldfastError } from '../error.ts';
import { type CopyPolicy, type JudgePolicy, parseBackupPrefix, parseNaming } from '../plan/index.ts';
import type { Parsed } from '../reference/index.ts';
import type { Config } from './types.ts';

/** What judging needs of a configuration; a backup is not required. */
export function judgePolicy(config: Config): JudgePolicy {
  const backup = config.backup === null ? null : demand(parseBackupPrefix(config.backup));
  return { backup, exclude: config.exclude };
}

/** What planning needs of a configuration. Throws `usage` when no backup is given. */
export function copyPolicy(config: Config): CopyPolicy {
  const { backup, exclude } = judgePolicy(config);
  if (backup === null)
    throw new HoldfastError(
      'usage',
      'No backup is given: write --backup ghcr.io/acme/backup, HOLDFAST_BACKUP, or backup: in .holdfast.yaml',
    );
  return { backup, exclude, naming: demand(parseNaming(config.naming)) };
}

function demand<T>(parsed: Parsed<T>): T {
  if (parsed.ok) return parsed.value;
  throw new HoldfastError('config', parsed.problem);
}
