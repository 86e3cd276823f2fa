import type { WatchContext } from './context.ts';
import { headIfThere, identifyBackup } from './identify.ts';
import { digestsOf } from './image-id.ts';
import type { Contest } from './picture.ts';

/**
 * Whose a repository of the backup is, from what it holds: the source of which it has, under that source's tag, what
 * runs or what the tag names. Null when it holds nothing of any. Throws `RegistryError` when that cannot be asked.
 */
export async function settleContest(
  { claims }: Contest,
  access: Pick<WatchContext, 'registries' | 'signal' | 'config'>,
): Promise<string | null> {
  const { registries, signal, config } = access;
  for (const { source, step, running } of claims) {
    const digests = [...digestsOf(running).keys()];
    if (digests.length === 0) {
      const { registry, repository, tag, digest } = step.source;
      const upstream = registries.open(registry, config.includePrivate ? 'pull' : 'anonymous');
      const head = await headIfThere(upstream, repository, digest ?? tag ?? 'latest', signal);
      if (head !== null) digests.push(head.digest);
    }
    for (const digest of digests) if ((await identifyBackup(step, digest, access)) !== null) return source;
  }
  return null;
}
