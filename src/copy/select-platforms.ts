import type { RawManifest } from '../registry/index.ts';
import { CopyFailure } from './failure.ts';
import type { Job } from './job.ts';
import { type ManifestParts, parseManifest } from './manifest-parts.ts';
import { choosePlatforms, platformsOf, requirePlatforms } from './platforms.ts';
import { largestConfig, platformOfConfig, readBlob } from './read-blob.ts';
import type { Resolution } from './resolve-step.ts';

/** The chosen platforms of an image, or all of it. */
export async function selectPlatforms(
  job: Job,
  raw: RawManifest,
  { expected }: Pick<Resolution, 'expected'>,
): Promise<RawManifest> {
  const { step, run, source } = job;
  const { platforms, signal } = run.options;
  if (platforms === 'all') return raw;
  const parts = parseManifest(raw);
  if (parts.manifests.length === 0) {
    if (parts.config === null || parts.config.size > largestConfig) return raw;
    const platform = platformOfConfig(await readBlob(source, step.source.repository, parts.config, signal));
    if (platform !== null) requirePlatforms(step.canonical, [platform], platforms);
    return raw;
  }
  const chosen = choosePlatforms(step.canonical, raw, platforms);
  if (chosen.digest !== raw.digest && step.source.digest !== null)
    throw new CopyFailure(
      'unsupported',
      `${step.canonical} is pinned by a digest that chosen platforms cannot keep: copy all its platforms, or name it by tag.`,
    );
  if (expected !== null && chosen.digest !== expected)
    throw new CopyFailure(
      'not-found',
      `${step.canonical} is locked to ${expected}, which the backup lost and today's upstream does not give again: ` +
        'run with updates: propose to take what upstream has now.',
    );
  return chosen;
}

/** The platforms that an image is for, sorted: of its index, else of its config, which the backup has by now. */
export async function platformsIn(job: Job, parts: ManifestParts): Promise<string[]> {
  const { config } = parts;
  if (parts.manifests.length > 0 || config === null) return platformsOf(parts.manifests);
  if (config.size > largestConfig || !/config|image\.v1\+json/.test(config.mediaType)) return [];
  const { backup, at, run } = job;
  const bytes =
    job.kept.get(config.digest) ?? (await readBlob(backup, at.repository, config, run.options.signal));
  const platform = platformOfConfig(bytes);
  return platform === null ? [] : [platform];
}
