import { parseDigest } from '../reference/index.ts';
import type { Descriptor, RawManifest } from '../registry/index.ts';
import { CopyFailure } from './failure.ts';

/** What a manifest needs to be complete, read by shape: OCI and Docker differ in media types alone. */
export interface ManifestParts {
  /** Manifests that an index names, in its order. */
  readonly manifests: readonly Descriptor[];
  /** Config and layers, each digest once. */
  readonly blobs: readonly Descriptor[];
  /** Layers that their publisher does not let others distribute; nodes fetch them from `urls`. */
  readonly foreign: readonly Descriptor[];
  readonly config: Descriptor | null;
}

/** More descriptors than any real image has; 4 MiB of manifest could hold about 20,000. */
const mostDescriptors = 4096;

const mostUrls = 4;

const schema1 = /^application\/vnd\.docker\.distribution\.manifest\.v1\+(?:json|prettyjws)$/;
const foreign =
  /^application\/vnd\.(?:docker\.image\.rootfs\.foreign\.diff\.|oci\.image\.layer\.nondistributable\.)/;

export function isSchema1(mediaType: string): boolean {
  return schema1.test(mediaType);
}

/** Of OCI and of Docker. */
export function isIndex(mediaType: string): boolean {
  return /[./](?:index|manifest\.list)\./.test(mediaType);
}

/**
 * Reads a manifest. Its text is untrusted: what is not a descriptor ends in `invalid`, and so does what can be read as
 * an image and as an index, which containerd refuses (CVE-2021-41190).
 */
export function parseManifest(raw: RawManifest): ManifestParts {
  const text = readJson(raw);
  const entries = listOf(text, 'manifests', raw);
  const config = text['config'] === undefined ? null : readDescriptor(text['config'], raw);
  const layers = [...listOf(text, 'layers', raw), ...listOf(text, 'blobs', raw)];
  if (entries.length + layers.length > mostDescriptors)
    throw invalid(raw, `has more than ${mostDescriptors} parts`);
  const isList = isIndex(raw.mediaType);
  const own = text['mediaType'];
  const isOther = isList ? config !== null || layers.length > 0 : entries.length > 0;
  if (isOther || (typeof own === 'string' && isIndex(own) !== isList))
    throw invalid(raw, `was sent as ${raw.mediaType}, and is not or not only that`);
  return {
    manifests: unique(entries.filter((entry) => isManifestType(entry.mediaType))),
    blobs: unique([
      ...(config === null ? [] : [config]),
      ...layers.filter((layer) => !foreign.test(layer.mediaType)),
      // A build cache is an index whose entries are layers (moby/buildkit docs, "registry cache").
      ...entries.filter((entry) => !isManifestType(entry.mediaType)),
    ]),
    foreign: unique(layers.filter((layer) => foreign.test(layer.mediaType))),
    config,
  };
}

/**
 * What is wrong with what an index says of a manifest, null when nothing is. containerd does not pull what has another
 * size ("failed size validation": containerd#2401, rancher/rancher#22415), docker and skopeo do not look.
 */
export function findMisfit(raw: RawManifest, said: Pick<Descriptor, 'mediaType' | 'size'>): string | null {
  if (raw.bytes.length !== said.size)
    return `the manifest ${raw.digest} has ${raw.bytes.length} bytes, not ${said.size} as what names it says`;
  const { mediaType = raw.mediaType } = readJson(raw);
  return mediaType === said.mediaType
    ? null
    : `the manifest ${raw.digest} is not the ${said.mediaType} that what names it says`;
}

/** The JSON object of a manifest. */
export function readJson(raw: RawManifest): Record<string, unknown> {
  let value: unknown;
  try {
    value = JSON.parse(raw.bytes.toString('utf8'));
  } catch (cause) {
    throw new CopyFailure('invalid', `The manifest ${raw.digest} is not JSON.`, { cause });
  }
  if (!isRecord(value)) throw invalid(raw, 'is not a JSON object');
  return value;
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** `…manifest.v2+json`, `…index.v1+json`, `…manifest.list.v2+json` and what later versions may bring. */
function isManifestType(mediaType: string): boolean {
  return mediaType.endsWith('+json') && /[./](?:manifest|index)[.+]/.test(mediaType);
}

function listOf(text: Record<string, unknown>, key: string, raw: RawManifest): Descriptor[] {
  const list = text[key] ?? [];
  if (!Array.isArray(list)) throw invalid(raw, `has "${key}" that is no list`);
  return list.map((entry) => readDescriptor(entry, raw));
}

function readDescriptor(value: unknown, raw: RawManifest): Descriptor {
  if (!isRecord(value)) throw invalid(raw, 'has a descriptor that is no object');
  const { mediaType, size } = value;
  const digest = parseDigest(typeof value['digest'] === 'string' ? value['digest'] : '');
  if (!digest.ok) throw invalid(raw, `has a bad digest: ${digest.problem}`);
  if (typeof size !== 'number' || !Number.isSafeInteger(size) || size < 0)
    throw invalid(raw, `gives no size for ${digest.value}`);
  return {
    mediaType: typeof mediaType === 'string' ? mediaType : 'application/octet-stream',
    digest: digest.value,
    size,
    ...(isTexts(value['annotations']) ? { annotations: value['annotations'] } : {}),
    ...(typeof value['artifactType'] === 'string' ? { artifactType: value['artifactType'] } : {}),
    // Bytes of anywhere are for those layers alone that their registry may not have.
    ...(foreign.test(String(mediaType)) ? { urls: readUrls(value['urls']) } : {}),
    ...readPlatform(value['platform']),
  };
}

function readUrls(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.filter((url) => typeof url === 'string').slice(0, mostUrls) : [];
}

function readPlatform(value: unknown): Pick<Descriptor, 'platform'> {
  if (!isRecord(value)) return {};
  const { os, architecture, variant } = value;
  if (typeof os !== 'string' || typeof architecture !== 'string') return {};
  return { platform: { os, architecture, ...(typeof variant === 'string' ? { variant } : {}) } };
}

function isTexts(value: unknown): value is Record<string, string> {
  return isRecord(value) && Object.values(value).every((text) => typeof text === 'string');
}

function unique(descriptors: readonly Descriptor[]): Descriptor[] {
  return [...new Map(descriptors.toReversed().map((one) => [one.digest, one])).values()].toReversed();
}

function invalid(raw: RawManifest, what: string): CopyFailure {
  return new CopyFailure('invalid', `The manifest ${raw.digest} ${what}; it was not copied.`);
}
