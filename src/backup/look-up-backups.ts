import { lookUp } from '../copy/index.ts';
import type { BackupUse } from '../plan/index.ts';
import { formatReference } from '../reference/index.ts';
import { RegistryError } from '../registry/index.ts';
import type { CopyFinding } from '../report/index.ts';
import { findStrayTag } from './find-stray-tag.ts';
import type { Work } from './work.ts';

/** Asks for each backup that the manifests name, exactly as they name it: one HEAD each. */
export async function lookUpBackups(
  backups: readonly BackupUse[],
  work: Work,
): Promise<readonly CopyFinding[]> {
  const findings: CopyFinding[] = [];
  const waiting = [...backups.entries()];
  const next = async (): Promise<void> => {
    for (let entry = waiting.shift(); entry !== undefined; entry = waiting.shift())
      findings[entry[0]] = await lookUpBackup(entry[1], work);
  };
  await Promise.all(Array.from({ length: work.config.concurrency }, next));
  return findings;
}

async function lookUpBackup(backup: BackupUse, { registries, signal }: Work): Promise<CopyFinding> {
  const { reference, canonical, locked } = backup;
  const finding = {
    source: locked?.source ?? backup.step?.canonical ?? canonical,
    backup: canonical,
    platforms: locked?.platforms ?? [],
    bytes: 0,
    blobs: { copied: 0, mounted: 0, present: 0 },
    moved: null,
    problems: [],
    warnings: [],
  };
  const fail = (code: string, message: string): CopyFinding => ({
    ...finding,
    digest: null,
    status: 'failed',
    error: { code, message },
  });
  try {
    const registry = registries.open(reference.registry, 'read');
    const wanted = reference.digest ?? reference.tag ?? 'latest';
    const head = await lookUp(registry, reference.repository, wanted, signal);
    if (head === null)
      return fail(
        'not-found',
        `${formatReference(reference)} is not in the backup registry, or these credentials may not see it.`,
      );
    const strayed = await findStrayTag(backup, head.digest, { registries, ...(signal && { signal }) });
    if (strayed !== null) return fail('moved', strayed.message);
    return { ...finding, digest: head.digest, status: 'present', error: null };
  } catch (error) {
    if (error instanceof RegistryError) return fail(error.code, error.message);
    throw error;
  }
}
