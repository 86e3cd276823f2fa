import type { Answer, Asked } from './asked.ts';
import { checkManifest } from './check-manifest.ts';
import { type RegistryRoom, readBody } from './registry-room.ts';
import { digestOf } from './repository-store.ts';
import { isDigest, isTag } from './route.ts';
import { specError } from './spec-error.ts';

/** distribution-spec § Pushing manifests asks registries to take at least this much. */
const maxManifestBytes = 4 * 1024 * 1024;

/** distribution-spec § Pulling, pushing and deleting manifests. */
export async function serveManifest(
  room: RegistryRoom,
  name: string,
  tagOrDigest: string,
  asked: Asked,
): Promise<Answer> {
  const byDigest = tagOrDigest.includes(':');
  if (byDigest && !isDigest(tagOrDigest)) return specError(400, 'DIGEST_INVALID', 'that is not a digest');
  if (!byDigest && !isTag(tagOrDigest)) return specError(400, 'TAG_INVALID', 'that is not a tag');
  switch (asked.method) {
    case 'GET':
    case 'HEAD':
      return sendManifest(room, name, tagOrDigest, asked);
    case 'PUT':
      return putManifest(room, name, tagOrDigest, asked);
    case 'DELETE':
      return deleteManifest(room, name, tagOrDigest);
    default:
      return specError(405, 'UNSUPPORTED', 'a manifest takes GET, HEAD, PUT and DELETE');
  }
}

function sendManifest(room: RegistryRoom, name: string, tagOrDigest: string, asked: Asked): Answer {
  const limit = limitHeaders(room);
  if (asked.method === 'GET' && room.options.rateLimit) {
    if (room.pullsLeft <= 0) {
      return specError(429, 'TOOMANYREQUESTS', 'You have reached your pull rate limit.', { headers: limit });
    }
    room.pullsLeft -= 1;
  }
  const manifest = room.store.findManifest(name, tagOrDigest);
  if (!manifest)
    return specError(404, 'MANIFEST_UNKNOWN', 'manifest unknown', { detail: tagOrDigest, headers: limit });
  if (!accepts(asked, manifest.mediaType)) {
    return specError(404, 'MANIFEST_UNKNOWN', `the Accept header does not name ${manifest.mediaType}`);
  }
  return {
    status: 200,
    headers: {
      'content-type': manifest.mediaType,
      'content-length': String(manifest.bytes.length),
      'docker-content-digest': manifest.digest,
      etag: `"${manifest.digest}"`,
      ...limitHeaders(room),
    },
    body: asked.method === 'HEAD' ? null : manifest.bytes,
  };
}

/**
 * A client must name what it can read: docker-registry converts an image to schema 1, with another digest, for one
 * that does not. We refuse instead.
 */
function accepts(asked: Asked, mediaType: string): boolean {
  const ranges = (asked.headers.accept ?? '').split(',').map((range) => range.split(';')[0]?.trim());
  return ranges.includes(mediaType) || ranges.includes('*/*') || ranges.includes('application/*');
}

function limitHeaders(room: RegistryRoom): Record<string, string> {
  const { rateLimit } = room.options;
  if (!rateLimit) return {};
  const window = `w=${rateLimit.windowSeconds}`;
  return {
    'ratelimit-limit': `${rateLimit.limit};${window}`,
    'ratelimit-remaining': `${Math.max(0, room.pullsLeft)};${window}`,
  };
}

async function putManifest(
  room: RegistryRoom,
  name: string,
  tagOrDigest: string,
  asked: Asked,
): Promise<Answer> {
  const bytes = await readBody(asked, maxManifestBytes);
  if (!bytes) return specError(413, 'SIZE_INVALID', `a manifest has at most ${maxManifestBytes} bytes`);
  const declared = asked.headers['content-length'];
  if (declared !== undefined && Number(declared) !== bytes.length) {
    return specError(400, 'SIZE_INVALID', 'content-length is not the size of the body');
  }
  const mediaType = (asked.headers['content-type'] ?? '').split(';')[0]?.trim() ?? '';
  const byDigest = tagOrDigest.includes(':');
  const digest = digestOf(bytes, byDigest ? tagOrDigest : undefined);
  if (byDigest && digest !== tagOrDigest) {
    return specError(400, 'DIGEST_INVALID', 'provided digest did not match uploaded content');
  }
  const checked = checkManifest(room, name, mediaType, bytes);
  if (!checked.ok) return checked.answer;
  const repository = room.store.ensure(name);
  if (!byDigest && room.options.immutableTags && repository.tags.has(tagOrDigest)) {
    return specError(
      400,
      'TAG_INVALID',
      `the tag ${tagOrDigest} exists already and cannot be overwritten: tags are immutable`,
    );
  }
  repository.manifests.set(digest, { digest, mediaType, bytes, ...checked.facts });
  if (!byDigest) repository.tags.set(tagOrDigest, digest);
  const { subject } = checked.facts;
  return {
    status: 201,
    headers: {
      location: `${room.options.location === 'relative' ? '' : asked.origin}/v2/${name}/manifests/${digest}`,
      'docker-content-digest': digest,
      ...(subject !== null && room.options.referrers !== false ? { 'oci-subject': subject } : {}),
    },
    body: Buffer.alloc(0),
  };
}

function deleteManifest(room: RegistryRoom, name: string, tagOrDigest: string): Answer {
  if (room.options.deletes === false) return specError(405, 'UNSUPPORTED', 'deleting is switched off');
  const manifest = room.store.findManifest(name, tagOrDigest);
  const repository = room.store.repositories.get(name);
  if (!manifest || !repository) return specError(404, 'MANIFEST_UNKNOWN', 'manifest unknown');
  if (tagOrDigest.includes(':')) {
    repository.manifests.delete(manifest.digest);
    for (const [tag, digest] of repository.tags) if (digest === manifest.digest) repository.tags.delete(tag);
  } else {
    repository.tags.delete(tagOrDigest);
  }
  return { status: 202, headers: {}, body: Buffer.alloc(0) };
}
