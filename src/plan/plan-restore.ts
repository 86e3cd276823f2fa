import type { ImageUse } from '../manifests/index.ts';
import { describeHold } from '../manifests/index.ts';
import {
  familiarName,
  formatReference,
  isUnder,
  parseImageReference,
  type RepositoryPrefix,
} from '../reference/index.ts';
import { findByRepository, findLockedBackup, nameOf } from './lock-lookup.ts';
import { byPlace, compareText, textKey } from './places.ts';
import type { FilePlan, LockFile } from './types.ts';

/** The way back: what each file says when its images come from upstream again, and what has to stay. */
export interface RestorePlan {
  readonly files: readonly FilePlan[];
  /** Backups that are left in place, each with a sentence that says why. */
  readonly left: readonly { readonly use: ImageUse; readonly explanation: string }[];
}

/**
 * Points uses of backups back at the sources that the lock names, in their short form (`nginx:1.25`) where nothing is
 * put before it. Stands on the lock alone: no backup needs to be configured, or reachable. Where one is, what is below it and not in the lock is told.
 */
export function planRestore(
  uses: readonly ImageUse[],
  lock: LockFile,
  backup: RepositoryPrefix | null = null,
): RestorePlan {
  const files = new Map<string, Map<string, { readonly use: ImageUse; readonly to: string }>>();
  const left: { readonly use: ImageUse; readonly explanation: string }[] = [];
  for (const use of uses.toSorted(byPlace)) {
    const parsed = parseImageReference(use.written);
    if (!parsed.ok) continue;
    const isBackup = backup !== null && isUnder(parsed.value, backup);
    if (!isBackup && findByRepository(lock, parsed.value).length === 0) continue;
    const entry = findLockedBackup(lock, parsed.value);
    const unknown = use.together?.find((written) => isUnknown(written, lock));
    if (entry === null) {
      left.push({
        use,
        explanation: 'holdfast.lock.yaml does not know this tag or digest: no source can be told.',
      });
    } else if (use.hold !== null) {
      left.push({ use, explanation: describeHold(use.hold) });
    } else if (unknown !== undefined) {
      left.push({
        use,
        explanation: `holdfast.lock.yaml does not know ${unknown}, which has its name here, too: no source can be told.`,
      });
    } else if (use.nameAt === undefined) {
      const images =
        files.get(use.file) ?? new Map<string, { readonly use: ImageUse; readonly to: string }>();
      const format = isOfValues(use) ? formatReference : familiarName;
      images.set(textKey(use) ?? use.field, { use, to: format(nameOf(entry.source)) });
      files.set(use.file, images);
    }
  }
  return {
    left,
    files: [...files]
      .toSorted(([a], [b]) => compareText(a, b))
      .map(([file, images]) => ({ file, change: { images: [...images.values()], pullSecrets: [] } })),
  };
}

/** To a repository without a host many charts put a registry of theirs; entries of kustomize have no such thing. */
function isOfValues({ parts }: ImageUse): boolean {
  return parts?.kind === 'split' && parts.repository.key !== 'newName';
}

function isUnknown(written: string, lock: LockFile): boolean {
  const parsed = parseImageReference(written);
  return !parsed.ok || findLockedBackup(lock, parsed.value) === null;
}
