import type { ImageUse } from '../manifests/index.ts';
import { canonicalName, type ImageReference, type RepositoryPrefix } from '../reference/index.ts';
import { findByRepository, findLockedBackup, nameOf } from './lock-lookup.ts';
import { parseName, withName } from './naming.ts';
import { compareText } from './places.ts';
import type { BackupUse, CopyPolicy, CopyStep, JudgedUse, LockFile } from './types.ts';

/** Every reference that names a backup already, with what the lock or the naming says of its source; sorted. */
export function planBackupUses(
  judged: readonly JudgedUse[],
  policy: CopyPolicy,
  lock: LockFile,
): readonly BackupUse[] {
  const found = new Map<string, { readonly reference: ImageReference; readonly uses: ImageUse[] }>();
  for (const { use, verdict } of judged) {
    if (verdict.state !== 'backup') continue;
    const canonical = canonicalName(verdict.reference);
    const known = found.get(canonical);
    if (known === undefined) found.set(canonical, { reference: verdict.reference, uses: [use] });
    else known.uses.push(use);
  }
  return [...found]
    .map(([canonical, { reference, uses }]) => planBackupUse(canonical, reference, uses, policy, lock))
    .toSorted((a, b) => compareText(a.canonical, b.canonical));
}

function planBackupUse(
  canonical: string,
  reference: ImageReference,
  uses: readonly ImageUse[],
  policy: CopyPolicy,
  lock: LockFile,
): BackupUse {
  const locked = findLockedBackup(lock, reference);
  const source = locked === null ? findSource(reference, policy, lock) : nameOf(locked.source);
  const step: CopyStep | null = source && {
    canonical: canonicalName(source),
    source: nameOf(canonicalName(source)),
    backup: { registry: reference.registry, repository: reference.repository },
    locked,
    // A held place is looked at but not edited.
    uses: uses.filter((use) => use.hold === null),
  };
  return { canonical, reference, locked, step, uses };
}

/** What else the lock knows of that repository tells its source, or else the naming does, read backwards. */
function findSource(reference: ImageReference, policy: CopyPolicy, lock: LockFile): ImageReference | null {
  const sibling = findByRepository(lock, reference)[0];
  const name = sibling === undefined ? readName(reference, policy) : nameOf(sibling.source);
  return name === null ? null : withName(name, reference);
}

function readName(reference: ImageReference, policy: CopyPolicy): RepositoryPrefix | null {
  const prefix = policy.backup.repository === '' ? '' : `${policy.backup.repository}/`;
  return parseName(policy.naming, reference.repository.slice(prefix.length));
}
