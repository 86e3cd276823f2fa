import { randomUUID } from 'node:crypto';
import type { Answer, Asked } from './asked.ts';
import type { RegistryRoom } from './registry-room.ts';
import { isDigest } from './route.ts';
import { specError } from './spec-error.ts';
import type { UploadSession } from './upload-session.ts';

/** distribution-spec § Pushing blobs: mount, single POST, or a new session. */
export async function openUpload(room: RegistryRoom, name: string, asked: Asked): Promise<Answer> {
  const mount = asked.query.get('mount');
  const from = asked.query.get('from');
  if (mount !== null) {
    if (!isDigest(mount)) return specError(400, 'DIGEST_INVALID', 'the mount parameter is not a digest');
    const blob = from === null ? null : room.store.findBlob(from, mount);
    if (blob && room.options.mounts !== false) {
      room.store.ensure(name).blobs.add(mount);
      return created(room, asked, name, mount);
    }
  }
  const session: UploadSession = { id: randomUUID(), name, draft: await room.store.storage.draft() };
  room.uploads.set(session.id, session);
  const digest = asked.query.get('digest');
  // A body without a digest, or with a mount, belongs to no upload: docker-registry ignores it as well.
  if (digest !== null && mount === null) return finish(room, session, digest, asked);
  const min = room.options.chunkMinLength;
  return {
    status: 202,
    headers: { ...progress(room, asked, session), ...(min ? { 'oci-chunk-min-length': String(min) } : {}) },
    body: Buffer.alloc(0),
  };
}

/** Status, chunk, end or cancellation of an open upload. */
export async function serveUpload(
  room: RegistryRoom,
  name: string,
  id: string,
  asked: Asked,
): Promise<Answer> {
  const session = room.uploads.get(id);
  if (!session || session.name !== name) {
    return specError(404, 'BLOB_UPLOAD_UNKNOWN', 'there is no such upload: start a new one');
  }
  switch (asked.method) {
    case 'GET':
      return { status: 204, headers: progress(room, asked, session), body: null };
    case 'PATCH': {
      const refused = checkChunk(room, session, asked) ?? (await append(room, session, asked));
      return refused ?? { status: 202, headers: progress(room, asked, session), body: Buffer.alloc(0) };
    }
    case 'PUT':
      return finish(room, session, asked.query.get('digest'), asked);
    case 'DELETE':
      room.uploads.delete(id);
      await session.draft.discard();
      return { status: 204, headers: {}, body: null };
    default:
      return specError(405, 'UNSUPPORTED', 'an upload takes GET, PATCH, PUT and DELETE');
  }
}

function checkChunk(room: RegistryRoom, session: UploadSession, asked: Asked): Answer | null {
  const range = asked.headers['content-range'];
  if (range === undefined) return null;
  const match = /^(?:bytes )?(\d+)-(\d+)(?:\/\S+)?$/.exec(range);
  const start = Number(match?.[1]);
  const length = Number(match?.[2]) - start + 1;
  const sent = Number(asked.headers['content-length'] ?? length);
  if (!match || length !== sent || start !== session.draft.size) {
    return outOfOrder(
      room,
      session,
      asked,
      `the upload has ${session.draft.size} bytes, the chunk says ${range}`,
    );
  }
  const min = room.options.chunkMinLength;
  if (min !== undefined && asked.method === 'PATCH' && length < min) {
    return outOfOrder(room, session, asked, `a chunk has at least ${min} bytes`);
  }
  return null;
}

function outOfOrder(room: RegistryRoom, session: UploadSession, asked: Asked, message: string): Answer {
  return specError(416, 'BLOB_UPLOAD_INVALID', message, {
    headers: progress(room, asked, session) as Record<string, string>,
  });
}

async function append(room: RegistryRoom, session: UploadSession, asked: Asked): Promise<Answer | null> {
  const limit = room.options.maxUploadBytes ?? Number.POSITIVE_INFINITY;
  const tooLarge = specError(413, 'SIZE_INVALID', `a request carries at most ${limit} bytes`);
  if (Number(asked.headers['content-length'] ?? 0) > limit) return tooLarge;
  let size = 0;
  for await (const chunk of asked.body) {
    size += chunk.length;
    if (size > limit) return tooLarge;
    await session.draft.append(chunk);
  }
  return null;
}

async function finish(
  room: RegistryRoom,
  session: UploadSession,
  digest: string | null,
  asked: Asked,
): Promise<Answer> {
  if (digest === null || !isDigest(digest)) {
    return specError(400, 'DIGEST_INVALID', 'the digest parameter is missing or not a digest');
  }
  const refused = checkChunk(room, session, asked) ?? (await append(room, session, asked));
  if (refused) return refused;
  const actual = await session.draft.digest(digest.startsWith('sha512:') ? 'sha512' : 'sha256');
  room.uploads.delete(session.id);
  if (actual !== digest) {
    await session.draft.discard();
    return specError(400, 'DIGEST_INVALID', 'provided digest did not match uploaded content', {
      detail: { digest, actual },
    });
  }
  await session.draft.commit(digest);
  room.store.ensure(session.name).blobs.add(digest);
  return created(room, asked, session.name, digest);
}

function created(room: RegistryRoom, asked: Asked, name: string, digest: string): Answer {
  return {
    status: 201,
    headers: {
      location: `${base(room, asked)}/v2/${name}/blobs/${digest}`,
      'docker-content-digest': digest,
    },
    body: Buffer.alloc(0),
  };
}

function progress(room: RegistryRoom, asked: Asked, session: UploadSession): Answer['headers'] {
  return {
    location: `${base(room, asked)}/v2/${session.name}/blobs/uploads/${session.id}?state=${session.id.slice(0, 8)}`,
    'docker-upload-uuid': session.id,
    // docker-registry, and with it everybody, says 0-0 for an empty upload.
    range: `0-${Math.max(0, session.draft.size - 1)}`,
    'content-length': '0',
  };
}

function base(room: RegistryRoom, asked: Asked): string {
  return room.options.location === 'relative' ? '' : asked.origin;
}
