import type { CopyStep } from '../plan/index.ts';
import type { Digest } from '../reference/index.ts';
import type { Run } from './job.ts';
import { lookUp } from './look-up.ts';

/**
 * Looks whether the backup has the image under another name, as a child of an index, or left by a run that was cut:
 * then only its tags are missing. Not asked of a repository where nothing is known to be, unless the image is named by
 * its digest: of what is new it would be one request more for each image.
 */
export async function findUntagged(run: Run, step: CopyStep, digest: Digest): Promise<void> {
  const { contents, options } = run;
  const { source, backup, locked } = step;
  if (contents.hasManifest(backup, digest)) return;
  // Of what is made anew the backup has another digest.
  if (options.repair === true || options.platforms !== 'all') return;
  if (source.digest === null && locked === null && !contents.isInhabited(backup)) return;
  const registry = options.registries.open(backup.registry, 'push');
  const found = await lookUp(registry, backup.repository, digest, options.signal);
  if (found?.digest !== digest) return;
  contents.markInhabited(backup);
  contents.addManifest(backup, digest, found);
}
