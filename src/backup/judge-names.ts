import { HoldfastError } from '../error.ts';
import type { BackupUse } from '../plan/index.ts';
import { RegistryError } from '../registry/index.ts';
import type { CopyFinding } from '../report/index.ts';

/** What names alone tell: a backup that the lock file does not know may be there or not. */
export function findUnknown(backups: readonly BackupUse[]): readonly CopyFinding[] {
  return backups.flatMap(({ canonical, locked, step }): CopyFinding[] =>
    locked !== null
      ? []
      : [
          {
            source: step?.canonical ?? canonical,
            backup: canonical,
            digest: null,
            status: 'unknown',
            platforms: [],
            bytes: 0,
            blobs: { copied: 0, mounted: 0, present: 0 },
            error: {
              code: 'not-asked',
              message:
                'it is not in the lock file of the base, and the registry was not asked or did not answer',
            },
            moved: null,
            problems: [],
            warnings: [],
          },
        ],
  );
}

/** Codes of a registry that gave no answer; any other is one, if only that the login is wrong. */
const silent: ReadonlySet<string> = new Set([
  'unavailable',
  'unreachable',
  'name-not-resolved',
  'rate-limited',
]);

export function isSilent(error: { readonly code: string } | null): boolean {
  return error !== null && silent.has(error.code);
}

/** The sentence of a run that stopped because the backup registry gave no answer; null for any other error. */
export function explainSilence(error: unknown): string | null {
  if (!(error instanceof HoldfastError) || !(error.cause instanceof RegistryError)) return null;
  return isSilent(error.cause) ? error.cause.message : null;
}
