import { anchorTag, type BackupUse } from '../plan/index.ts';
import type { Digest } from '../reference/index.ts';
import type { BackupFinding } from '../report/index.ts';
import type { Work } from './work.ts';

/**
 * A tag of the backup never moves; when somebody moved it, its Pods run what nobody reviewed. Null where the tag names
 * what the lock file says. What the image was that it named is looked for, so that the manifests can be told a name.
 */
export async function findStrayTag(
  { reference, locked }: Pick<BackupUse, 'reference' | 'locked'>,
  digest: Digest | null,
  { registries, signal }: Pick<Work, 'registries' | 'signal'>,
): Promise<BackupFinding['damages'][number] | null> {
  if (reference.digest !== null || locked === null || digest === null || digest === locked.digest)
    return null;
  const { registry, repository, tag } = reference;
  const from = registries.open(registry, 'read');
  const find = async (name: string): Promise<boolean> =>
    (await from.headManifest(repository, name, signal))?.digest === locked.digest;
  const anchor = anchorTag(tag ?? 'latest', locked.digest);
  const place = `${registry}/${repository}`;
  const describe = async (): Promise<string> => {
    if (await find(anchor))
      return `, and that image is still there: name it ${place}:${anchor} in the manifests`;
    return (await find(locked.digest))
      ? `, and that image is still there: name it ${place}@${locked.digest} in the manifests`
      : ', and that image is not there any more: --repair brings it back under its anchor tag';
  };
  const rest = await describe().catch(() => '');
  const message = `somebody moved this tag: it names ${digest} now, which Pods that start get; holdfast.lock.yaml has ${locked.digest} for it${rest}`;
  return { kind: 'moved', part: 'manifest', digest, message };
}
