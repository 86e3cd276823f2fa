import type { CopyStep } from '../plan/index.ts';
import type { Run } from './job.ts';
import { lookUp } from './look-up.ts';
import type { Resolution } from './resolution.ts';

/**
 * Looks whether the backup has the image under another name, as a child of an index, or left by a run that was cut:
 * then only its tags are missing. Not asked of a repository where nothing is known to be, unless the image is named by
 * its digest, or has several platforms: beside the few requests for a new image of one platform it would be one more
 * for each of them.
 */
export async function findUntagged(
  run: Run,
  step: CopyStep,
  { digest, isIndex }: Pick<Resolution, 'digest' | 'isIndex'>,
): Promise<void> {
  const { contents, options } = run;
  const { source, backup, locked } = step;
  if (contents.hasManifest(backup, digest)) return;
  // Of what is made anew the backup has another digest.
  if (options.repair === true || options.platforms !== 'all') return;
  if (!isIndex && source.digest === null && locked === null && !contents.isInhabited(backup)) return;
  const registry = options.registries.open(backup.registry, 'push');
  const found = await lookUp(registry, backup.repository, digest, options.signal);
  if (found?.digest !== digest) return;
  contents.markInhabited(backup);
  contents.addManifest(backup, digest, found);
}
