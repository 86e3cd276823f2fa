import { createHash, randomUUID } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, open, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';

export interface StoredBlob {
  readonly digest: string;
  readonly size: number;
  /** Bytes `start` up to, not including, `end`. */
  open(start: number, end: number): Readable;
}

/** Bytes that are being uploaded. */
export interface BlobDraft {
  readonly size: number;
  append(chunk: Buffer): Promise<void>;
  /** The digest of what was appended so far. */
  digest(algorithm: 'sha256' | 'sha512'): Promise<string>;
  /** Keeps the bytes under that digest, which the caller has compared. */
  commit(digest: string): Promise<StoredBlob>;
  discard(): Promise<void>;
}

export interface BlobStorage {
  draft(): Promise<BlobDraft>;
  get(digest: string): StoredBlob | undefined;
  /** For tests of damaged backups: the bytes change or go, their name and links stay. */
  replace(digest: string, bytes: Buffer | null): Promise<void>;
}

/** Blobs in memory, or in files under `root`, which must be there. */
export function createBlobStorage(root: string | null): BlobStorage {
  const blobs = new Map<string, StoredBlob>();
  const keep = (blob: StoredBlob): StoredBlob => {
    blobs.set(blob.digest, blob);
    return blob;
  };
  return {
    draft: () => (root === null ? Promise.resolve(memoryDraft(keep)) : fileDraft(root, keep)),
    get: (digest) => blobs.get(digest),
    async replace(digest, bytes) {
      if (bytes === null) blobs.delete(digest);
      else keep(memoryBlob(digest, [bytes]));
    },
  };
}

function memoryDraft(keep: (blob: StoredBlob) => StoredBlob): BlobDraft {
  const chunks: Buffer[] = [];
  const running = createHash('sha256');
  let size = 0;
  return {
    get size() {
      return size;
    },
    async append(chunk) {
      chunks.push(chunk);
      running.update(chunk);
      size += chunk.length;
    },
    async digest(algorithm) {
      if (algorithm === 'sha256') return `sha256:${running.copy().digest('hex')}`;
      const hash = createHash(algorithm);
      for (const chunk of chunks) hash.update(chunk);
      return `${algorithm}:${hash.digest('hex')}`;
    },
    commit: async (digest) => keep(memoryBlob(digest, chunks)),
    discard: async () => {
      chunks.length = 0;
    },
  };
}

function memoryBlob(digest: string, parts: readonly Buffer[]): StoredBlob {
  const size = parts.reduce((sum, part) => sum + part.length, 0);
  function* slices(start: number, end: number): Generator<Buffer> {
    let at = 0;
    for (const part of parts) {
      const slice = part.subarray(Math.max(0, start - at), Math.max(0, end - at));
      if (slice.length > 0) yield slice;
      at += part.length;
      if (at >= end) return;
    }
  }
  return { digest, size, open: (start, end) => Readable.from(slices(start, end)) };
}

async function fileDraft(root: string, keep: (blob: StoredBlob) => StoredBlob): Promise<BlobDraft> {
  const draftPath = join(root, `upload-${randomUUID()}`);
  await mkdir(root, { recursive: true });
  const file = await open(draftPath, 'wx');
  const running = createHash('sha256');
  let size = 0;
  return {
    get size() {
      return size;
    },
    async append(chunk) {
      running.update(chunk);
      size += chunk.length;
      await file.appendFile(chunk);
    },
    async digest(algorithm) {
      if (algorithm === 'sha256') return `sha256:${running.copy().digest('hex')}`;
      const hash = createHash(algorithm);
      for await (const chunk of createReadStream(draftPath)) hash.update(chunk as Buffer);
      return `${algorithm}:${hash.digest('hex')}`;
    },
    async commit(digest) {
      const path = join(root, digest.replace(':', '-'));
      await file.close();
      await rename(draftPath, path);
      return keep({
        digest,
        size,
        open: (start, end) =>
          start >= end ? Readable.from([]) : createReadStream(path, { start, end: end - 1 }),
      });
    },
    async discard() {
      await file.close();
      await rm(draftPath, { force: true });
    },
  };
}
