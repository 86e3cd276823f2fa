import type { Asked } from './asked.ts';
import type { RepositoryStore } from './repository-store.ts';
import type { RegistryOptions } from './types.ts';
import type { UploadSession } from './upload-session.ts';

/** What the end points of one registry share. */
export interface RegistryRoom {
  readonly options: RegistryOptions;
  readonly store: RepositoryStore;
  readonly uploads: Map<string, UploadSession>;
  /** The second origin of `redirectBlobs`. */
  storageUrl: string | null;
  pullsLeft: number;
}

/** Reads a whole body, or null when it is larger than `limit` bytes. */
export async function readBody(asked: Asked, limit: number): Promise<Buffer | null> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of asked.body) {
    size += chunk.length;
    if (size > limit) return null;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}
