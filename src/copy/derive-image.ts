import type { Digest } from '../reference/index.ts';
import type { Descriptor, RawManifest } from '../registry/index.ts';
import { convertSchema1 } from './convert-schema1.ts';
import { refuseSchema1 } from './copy-manifest.ts';
import { CopyFailure, codeOf } from './failure.ts';
import type { Job } from './job.ts';
import { isSchema1, type ManifestParts, parseManifest } from './manifest-parts.ts';
import { choosePlatforms, platformsOf, requirePlatforms } from './platforms.ts';
import { largestConfig, platformOfConfig, readBlob } from './read-blob.ts';
import type { Resolution } from './resolution.ts';

/** What the backup shall have of an image: all of it as it is, its chosen platforms, or schema 1 made new. */
export async function deriveImage(
  job: Job,
  raw: RawManifest,
  { expected }: Pick<Resolution, 'expected'>,
): Promise<RawManifest> {
  const { step, run } = job;
  const { convertSchema1: converts, platforms, repair } = run.options;
  const remade = repair === true ? expected : null;
  let derived = raw;
  if (isSchema1(raw.mediaType)) {
    if ((!converts && remade === null) || step.source.digest !== null) refuseSchema1(job, raw);
    derived = await convertSchema1(job, raw);
  } else if (remade !== null) {
    derived = await remake(job, raw, remade);
  } else if (platforms !== 'all') {
    derived = await selectPlatforms(job, raw, platforms);
  }
  if (expected === null || derived.digest === expected) return derived;
  throw new CopyFailure(
    'not-found',
    `${step.canonical} is locked to ${expected}, which the backup lost and today's upstream does not give again: ` +
      'run with the --platform that it was copied with, or with updates: propose to take what upstream has now.',
  );
}

/** A repair brings back what the lock file names, whatever is chosen by now: as the backup has it, or made again. */
async function remake(job: Job, raw: RawManifest, expected: Digest): Promise<RawManifest> {
  const { step, run, backup, at } = job;
  if (raw.digest === expected) return raw;
  const kept = await backup.getManifest(at.repository, expected, run.options.signal).catch((error) => {
    if (codeOf(error) === 'invalid') return null;
    throw error;
  });
  if (kept !== null) return kept;
  const locked = step.locked?.platforms ?? [];
  // The annotation says what was asked for: linux/arm64 takes linux/arm64/v8, too.
  const short = [...new Set(locked.map((platform) => platform.split('/').slice(0, 2).join('/')))];
  const chosen = run.options.platforms === 'all' ? [] : [run.options.platforms];
  for (const platforms of [locked, short, ...chosen]) {
    const made = await selectPlatforms(job, raw, platforms).catch((error) => {
      if (codeOf(error) === 'platform-missing') return null;
      throw error;
    });
    if (made?.digest === expected) return made;
  }
  return raw;
}

async function selectPlatforms(
  job: Job,
  raw: RawManifest,
  platforms: readonly string[],
): Promise<RawManifest> {
  const { step, run, source } = job;
  const { signal } = run.options;
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
  return chosen;
}

/** The platforms that an image is for, sorted: of its index, else of its config. */
export async function platformsIn(
  parts: ManifestParts,
  read: (config: Descriptor) => Promise<Buffer>,
): Promise<readonly string[]> {
  const { config } = parts;
  if (parts.manifests.length > 0 || config === null) return platformsOf(parts.manifests);
  if (config.size > largestConfig || !/config|image\.v1\+json/.test(config.mediaType)) return [];
  const platform = platformOfConfig(await read(config));
  return platform === null ? [] : [platform];
}
