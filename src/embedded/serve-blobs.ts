import type { Answer, Asked } from './asked.ts';
import type { StoredBlob } from './blob-storage.ts';
import type { RegistryRoom } from './registry-room.ts';
import { isDigest } from './route.ts';
import { specError } from './spec-error.ts';

/** distribution-spec § Pulling blobs, § Deleting blobs. */
export function serveBlob(room: RegistryRoom, name: string, digest: string, asked: Asked): Answer {
  if (!isDigest(digest)) return specError(400, 'DIGEST_INVALID', 'that is not a digest');
  const blob = room.store.findBlob(name, digest);
  if (!blob) return specError(404, 'BLOB_UNKNOWN', 'blob unknown to registry', { detail: digest });
  switch (asked.method) {
    case 'HEAD':
      return { status: 200, headers: blobHeaders(blob), body: null };
    case 'GET':
      if (room.storageUrl !== null) {
        const location = `${room.storageUrl}/storage/${digest}?signature=once`;
        return { status: 307, headers: { location }, body: Buffer.alloc(0) };
      }
      return sendBlob(blob, asked);
    case 'DELETE':
      if (room.options.deletes === false) return specError(405, 'UNSUPPORTED', 'deleting is switched off');
      room.store.ensure(name).blobs.delete(digest);
      return { status: 202, headers: {}, body: Buffer.alloc(0) };
    default:
      return specError(405, 'UNSUPPORTED', 'a blob takes GET, HEAD and DELETE');
  }
}

/** The second origin: like S3, it answers 400 to a request that carries credentials beside its signature. */
export async function serveStorage(room: RegistryRoom, asked: Asked): Promise<Answer> {
  const blob = room.store.storage.get(asked.path.slice('/storage/'.length));
  if (asked.headers.authorization !== undefined) {
    return { status: 400, headers: {}, body: Buffer.from('only one authorization mechanism is allowed\n') };
  }
  if (!blob || asked.query.get('signature') !== 'once')
    return { status: 403, headers: {}, body: Buffer.alloc(0) };
  return sendBlob(blob, asked);
}

/** Whole, or one range of it (RFC 9110 § 14). */
function sendBlob(blob: StoredBlob, asked: Asked): Answer {
  const match = /^bytes=(\d*)-(\d*)$/.exec(asked.headers.range ?? '');
  if (!match || (match[1] === '' && match[2] === '')) {
    return { status: 200, headers: blobHeaders(blob), body: blob.open(0, blob.size) };
  }
  const suffix = match[1] === '';
  const start = suffix ? Math.max(0, blob.size - Number(match[2])) : Number(match[1]);
  const end = suffix || match[2] === '' ? blob.size : Math.min(blob.size, Number(match[2]) + 1);
  if (start >= blob.size || end <= start) {
    return {
      status: 416,
      headers: { 'content-range': `bytes */${blob.size}` },
      body: Buffer.alloc(0),
    };
  }
  return {
    status: 206,
    headers: {
      ...blobHeaders(blob),
      'content-length': String(end - start),
      'content-range': `bytes ${start}-${end - 1}/${blob.size}`,
    },
    body: blob.open(start, end),
  };
}

function blobHeaders(blob: StoredBlob): Record<string, string> {
  return {
    'accept-ranges': 'bytes',
    'content-length': String(blob.size),
    'content-type': 'application/octet-stream',
    'docker-content-digest': blob.digest,
    etag: `"${blob.digest}"`,
  };
}
