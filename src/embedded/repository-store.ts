import { createHash } from 'node:crypto';
import { type BlobStorage, createBlobStorage, type StoredBlob } from './blob-storage.ts';

/** A manifest as it was pushed, with what the specification needs of it. */
export interface StoredManifest {
  readonly digest: string;
  readonly mediaType: string;
  readonly bytes: Buffer;
  /** The digest of the manifest that this one is about. */
  readonly subject: string | null;
  readonly artifactType: string | null;
  readonly annotations: Readonly<Record<string, string>> | null;
}

export interface Repository {
  readonly name: string;
  readonly manifests: Map<string, StoredManifest>;
  readonly tags: Map<string, string>;
  /** Digests of the blobs that were pushed or mounted here. */
  readonly blobs: Set<string>;
}

export interface RepositoryStore {
  readonly storage: BlobStorage;
  readonly repositories: Map<string, Repository>;
  /** Made when it is not there. */
  ensure(name: string): Repository;
  findBlob(name: string, digest: string): StoredBlob | null;
  findManifest(name: string, tagOrDigest: string): StoredManifest | null;
}

/** What one registry holds: bytes once by digest, and links to them by repository. */
export function createRepositoryStore(root: string | null): RepositoryStore {
  const storage = createBlobStorage(root);
  const repositories = new Map<string, Repository>();
  return {
    storage,
    repositories,
    ensure(name) {
      const found = repositories.get(name);
      if (found) return found;
      const made: Repository = { name, manifests: new Map(), tags: new Map(), blobs: new Set() };
      repositories.set(name, made);
      return made;
    },
    findBlob(name, digest) {
      return repositories.get(name)?.blobs.has(digest) ? (storage.get(digest) ?? null) : null;
    },
    findManifest(name, tagOrDigest) {
      const repository = repositories.get(name);
      if (!repository) return null;
      const digest = tagOrDigest.includes(':') ? tagOrDigest : repository.tags.get(tagOrDigest);
      return (digest === undefined ? undefined : repository.manifests.get(digest)) ?? null;
    },
  };
}

/** sha256 by default; the algorithm of `like` when that names one. */
export function digestOf(bytes: Buffer, like?: string): string {
  const algorithm = like?.startsWith('sha512:') ? 'sha512' : 'sha256';
  return `${algorithm}:${createHash(algorithm).update(bytes).digest('hex')}`;
}
