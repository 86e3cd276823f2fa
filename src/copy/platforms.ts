import { type Digest, parseDigest } from '../reference/index.ts';
import type { Descriptor, RawManifest } from '../registry/index.ts';
import { CopyFailure } from './failure.ts';
import { makeManifest, ociIndex } from './make-manifest.ts';
import { isRecord, parseManifest, readJson } from './manifest-parts.ts';

/** What an image that was made from another says of that in its annotations. */
export interface Origin {
  readonly digest: Digest;
  /** Sorted; null when it was made of all of them. */
  readonly platforms: readonly string[] | null;
}

export const originKey = 'dev.holdfast.source.digest';
const platformsKey = 'dev.holdfast.platforms';
/** BuildKit's attestation manifests name the image that they speak of (moby/buildkit attestation-storage.md). */
const attestationOf = 'vnd.docker.reference.digest';

/** `linux/arm/v7`. */
export function formatPlatform(platform: NonNullable<Descriptor['platform']>): string {
  const { os, architecture, variant } = platform;
  return [os, architecture, ...(variant === undefined ? [] : [variant])].join('/');
}

/** The platforms that an index names, sorted, without BuildKit's `unknown/unknown`. */
export function platformsOf(manifests: readonly Descriptor[]): string[] {
  const named = manifests.flatMap(({ platform }) =>
    platform === undefined ? [] : [formatPlatform(platform)],
  );
  return [...new Set(named)].filter((name) => name !== 'unknown/unknown').toSorted();
}

/** `linux/arm64` takes every variant, `linux/arm/v7` its own alone. */
export function matchesPlatform(platform: string, wanted: string): boolean {
  return platform === wanted || platform.startsWith(`${wanted}/`);
}

/** Those that are wanted and not there. */
export function findMissingPlatforms(there: readonly string[], wanted: readonly string[]): readonly string[] {
  return wanted.filter((one) => !there.some((platform) => matchesPlatform(platform, one)));
}

/** Throws unless each wanted platform is among those there are. */
export function requirePlatforms(
  canonical: string,
  there: readonly string[],
  wanted: readonly string[],
): void {
  const missing = findMissingPlatforms(there, wanted);
  if (missing.length === 0) return;
  throw new CopyFailure(
    'platform-missing',
    `${canonical} has no ${missing.join(', ')}; it has ${there.length === 0 ? 'no named platform' : there.join(', ')}.`,
  );
}

/**
 * An index of the chosen platforms and their attestations, which names its origin, so that a later run knows it.
 * Same input, same bytes. The index itself where nothing would be left out.
 */
export function choosePlatforms(
  canonical: string,
  index: RawManifest,
  wanted: readonly string[],
): RawManifest {
  const { manifests } = parseManifest(index);
  requirePlatforms(canonical, platformsOf(manifests), wanted);
  const chosen = new Set(manifests.filter((one) => isWanted(one, wanted)).map((one): string => one.digest));
  const keeps = (one: Descriptor): boolean =>
    chosen.has(one.digest) || chosen.has(one.annotations?.[attestationOf] ?? '');
  const kept = new Set(manifests.filter(keeps).map((one): string => one.digest));
  if (kept.size === manifests.length) return index;

  const text = readJson(index);
  const entries: unknown[] = Array.isArray(text['manifests']) ? text['manifests'] : [];
  return makeManifest({
    ...text,
    schemaVersion: 2,
    mediaType: ociIndex,
    manifests: entries.filter((one) => isRecord(one) && kept.has(String(one['digest']))),
    annotations: {
      ...(isRecord(text['annotations']) ? text['annotations'] : {}),
      [originKey]: index.digest,
      [platformsKey]: [...wanted].toSorted().join(','),
    },
  });
}

/** Null for everything that upstream made. */
export function originOf(raw: RawManifest): Origin | null {
  const annotations = readJson(raw)['annotations'];
  if (!isRecord(annotations)) return null;
  const [digest, platforms] = [annotations[originKey], annotations[platformsKey]];
  const parsed = typeof digest === 'string' ? parseDigest(digest) : null;
  if (parsed?.ok !== true) return null;
  return { digest: parsed.value, platforms: typeof platforms === 'string' ? platforms.split(',') : null };
}

function isWanted(one: Descriptor, wanted: readonly string[]): boolean {
  const { platform } = one;
  return platform !== undefined && wanted.some((name) => matchesPlatform(formatPlatform(platform), name));
}
