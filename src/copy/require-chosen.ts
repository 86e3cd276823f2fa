import type { CopyStep } from '../plan/index.ts';
import { platformsIn } from './derive-image.ts';
import type { Run } from './job.ts';
import type { Found } from './look-up.ts';
import { parseManifest } from './manifest-parts.ts';
import { findMissingPlatforms, originOf, requirePlatforms } from './platforms.ts';
import { readBlob } from './read-blob.ts';

/**
 * Throws `platform-missing` where what is in the backup was copied whole, and does not have the chosen platforms: a
 * fresh copy would fail as well. The lock file tells, or else the backup's own manifest.
 */
export async function requireChosen(run: Run, step: CopyStep, found: Found): Promise<void> {
  const { platforms, registries, signal } = run.options;
  if (platforms === 'all' || found.origin !== null) return;
  const said = step.locked?.digest === found.digest ? step.locked.platforms : [];
  if (said.length > 0 && findMissingPlatforms(said, platforms).length === 0) return;
  const { registry, repository } = step.backup;
  const backup = registries.open(registry, 'push');
  const raw = await backup.getManifest(repository, found.digest, signal);
  if (raw === null || originOf(raw) !== null) return;
  const parts = parseManifest(raw);
  const there = await platformsIn(parts, (config) => readBlob(backup, repository, config, signal));
  if (there.length === 0 && parts.manifests.length === 0) return;
  requirePlatforms(step.canonical, there, platforms);
}
