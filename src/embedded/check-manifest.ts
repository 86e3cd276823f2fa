import type { Answer } from './asked.ts';
import type { RegistryRoom } from './registry-room.ts';
import type { StoredManifest } from './repository-store.ts';
import { isDigest } from './route.ts';
import { specError } from './spec-error.ts';

const indexTypes = new Set([
  'application/vnd.oci.image.index.v1+json',
  'application/vnd.docker.distribution.manifest.list.v2+json',
]);
const imageTypes = new Set([
  'application/vnd.oci.image.manifest.v1+json',
  'application/vnd.docker.distribution.manifest.v2+json',
]);
const schema1Types = new Set([
  'application/vnd.docker.distribution.manifest.v1+json',
  'application/vnd.docker.distribution.manifest.v1+prettyjws',
]);

interface Descriptor {
  readonly digest: string;
  readonly size: number;
  readonly urls: readonly unknown[];
}

type Checked =
  | { readonly ok: true; readonly facts: Pick<StoredManifest, 'subject' | 'artifactType' | 'annotations'> }
  | { readonly ok: false; readonly answer: Answer };

/** The status and words of docker-registry 2.8, which a client must not take for a passing failure. */
const refusedForm = specError(500, 'UNKNOWN', 'unknown error');

/** Refuses what is no manifest, what lies about its type, and what names things that are not in the repository. */
export function checkManifest(room: RegistryRoom, name: string, mediaType: string, bytes: Buffer): Checked {
  const refuse = (answer: Answer): Checked => ({ ok: false, answer });
  if (schema1Types.has(mediaType)) return refuse(refusedForm);
  if (!indexTypes.has(mediaType) && !imageTypes.has(mediaType)) {
    return refuse(specError(400, 'MANIFEST_INVALID', `media type ${mediaType || '(none)'} is not accepted`));
  }
  const body = parseObject(bytes);
  if (!body || body['schemaVersion'] !== 2) {
    return refuse(specError(400, 'MANIFEST_INVALID', 'not a JSON object with schemaVersion 2'));
  }
  const own = body['mediaType'];
  if (own !== undefined ? own !== mediaType : mediaType.includes('docker')) {
    return refuse(
      specError(400, 'MANIFEST_INVALID', `mediaType in the body is ${String(own)}, not ${mediaType}`),
    );
  }
  const isIndex = indexTypes.has(mediaType);
  const named = isIndex ? body['manifests'] : [body['config'], ...asArray(body['layers'])];
  const descriptors = asArray(named).map(parseDescriptor);
  if (!Array.isArray(isIndex ? named : body['layers'])) {
    return refuse(specError(400, 'MANIFEST_INVALID', 'the list of descriptors is missing'));
  }
  const missing: string[] = [];
  for (const descriptor of descriptors) {
    if (!descriptor) return refuse(specError(400, 'MANIFEST_INVALID', 'a descriptor has no digest or size'));
    if (descriptor.urls.length > 0) {
      if (room.options.foreignLayers) continue;
      return refuse(refusedForm);
    }
    const size = isIndex
      ? room.store.findManifest(name, descriptor.digest)?.bytes.length
      : room.store.findBlob(name, descriptor.digest)?.size;
    if (size === undefined) missing.push(descriptor.digest);
    else if (size !== descriptor.size) {
      return refuse(
        specError(400, 'MANIFEST_INVALID', `${descriptor.digest} has ${size} bytes, not ${descriptor.size}`),
      );
    }
  }
  if (missing.length > 0) {
    return refuse(
      specError(400, 'MANIFEST_BLOB_UNKNOWN', 'blob unknown to registry', {
        detail: missing.map((digest) => ({ digest })),
      }),
    );
  }
  return { ok: true, facts: factsOf(body) };
}

/** What the referrers API tells of a manifest. */
export function factsOf(body: Readonly<Record<string, unknown>>): StoredFacts {
  const subject = parseDescriptor(body['subject']);
  const config = body['config'];
  const configType = isObject(config) ? config['mediaType'] : undefined;
  const artifactType = body['artifactType'] ?? configType;
  const annotations = body['annotations'];
  return {
    subject: subject?.digest ?? null,
    artifactType: typeof artifactType === 'string' ? artifactType : null,
    annotations: isObject(annotations) ? (annotations as Record<string, string>) : null,
  };
}

type StoredFacts = Pick<StoredManifest, 'subject' | 'artifactType' | 'annotations'>;

/** Null when the bytes are no JSON object. */
export function parseObject(bytes: Buffer): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(bytes.toString('utf8'));
    return isObject(value) ? value : null;
  } catch {
    return null;
  }
}

function parseDescriptor(value: unknown): Descriptor | null {
  if (!isObject(value)) return null;
  const { digest, size, urls } = value;
  if (typeof digest !== 'string' || !isDigest(digest) || typeof size !== 'number' || size < 0) return null;
  return { digest, size, urls: asArray(urls) };
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function asArray(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}
