import type { CopyStep, LockEntry } from '../plan/index.ts';
import { platformsIn } from './derive-image.ts';
import { CopyFailure } from './failure.ts';
import type { Run } from './job.ts';
import type { Found } from './look-up.ts';
import { parseManifest } from './manifest-parts.ts';
import { findMissingPlatforms, originOf, requirePlatforms } from './platforms.ts';
import { readBlob } from './read-blob.ts';

/** Whether chosen platforms are not among those that the lock file says of the copy. */
export function lacksChosen({ options }: Run, { platforms }: Pick<LockEntry, 'platforms'>): boolean {
  if (options.platforms === 'all' || platforms.length === 0) return false;
  return findMissingPlatforms(platforms, options.platforms).length > 0;
}

/**
 * Throws `platform-missing` where what is in the backup does not have the chosen platforms: it was copied whole, and a
 * fresh copy would fail as well, or it is a copy of others, to which the image is locked. The lock file tells, or else
 * the backup's own manifest.
 */
export async function requireChosen(run: Run, step: CopyStep, found: Found): Promise<void> {
  const { platforms, registries, repair, signal } = run.options;
  if (platforms === 'all' || repair === true) return;
  const said = step.locked?.digest === found.digest ? step.locked.platforms : [];
  if (said.length > 0 && findMissingPlatforms(said, platforms).length === 0) return;
  if (found.origin !== null) return requireOf(step, found.origin.platforms ?? said, platforms);
  const { registry, repository } = step.backup;
  const backup = registries.open(registry, 'push');
  const raw = await backup.getManifest(repository, found.digest, signal);
  if (raw === null) return;
  const origin = originOf(raw);
  if (origin !== null) return requireOf(step, origin.platforms ?? said, platforms);
  const parts = parseManifest(raw);
  const there = await platformsIn(parts, (config) => readBlob(backup, repository, config, signal));
  if (there.length === 0 && parts.manifests.length === 0) return;
  requirePlatforms(step.canonical, there, platforms);
}

/** Of a copy that was made of these platforms alone; of an unknown one nothing is said. */
function requireOf({ canonical }: CopyStep, there: readonly string[], wanted: readonly string[]): void {
  const missing = findMissingPlatforms(there, wanted);
  if (there.length === 0 || missing.length === 0) return;
  throw new CopyFailure(
    'platform-missing',
    `${canonical} is locked to a copy of ${there.join(', ')} alone, without ${missing.join(', ')}: run with ` +
      'updates: propose to take the platforms that are chosen now.',
  );
}
