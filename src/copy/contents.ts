import type { BackupRepository } from '../plan/index.ts';
import type { Digest } from '../reference/index.ts';
import type { Descriptor } from '../registry/index.ts';

/** What a manifest is said to be by those that name it. */
export type ManifestFacts = Pick<Descriptor, 'mediaType' | 'size'>;

/**
 * What this run knows to be in the backup registries. What it does not know may be there all the same: a wrong guess
 * costs a request or bytes, never correctness.
 */
export class Contents {
  readonly #blobs = new Map<string, Map<string, boolean>>();
  readonly #sizes = new Map<string, number>();
  readonly #manifests = new Map<string, ManifestFacts | null>();
  readonly #inhabited = new Set<string>();

  hasBlob(at: BackupRepository, digest: Digest): boolean {
    return this.#repositoriesOf(at.registry, digest)?.has(at.repository) ?? false;
  }

  /** `referenced`: a manifest of that repository names the blob; ECR mounts no others (aws roadmap#2860). */
  addBlob(at: BackupRepository, { digest, size }: Descriptor, referenced = false): void {
    const key = `${at.registry} ${digest}`;
    if (!this.#sizes.has(key)) this.#sizes.set(key, size);
    const repositories = this.#blobs.get(key) ?? new Map<string, boolean>();
    repositories.set(at.repository, referenced || repositories.get(at.repository) === true);
    this.#blobs.set(key, repositories);
  }

  /** The repository to mount from: one whose manifest is there if there is one, else the first that has it. */
  findBlob(registry: string, digest: Digest): string | null {
    let first: string | null = null;
    for (const [repository, referenced] of this.#repositoriesOf(registry, digest) ?? []) {
      if (referenced) return repository;
      first ??= repository;
    }
    return first;
  }

  /** Null when it is not known to be anywhere. */
  sizeOf(registry: string, digest: Digest): number | null {
    return this.#sizes.get(`${registry} ${digest}`) ?? null;
  }

  hasManifest(at: BackupRepository, digest: Digest): boolean {
    return this.#manifests.has(`${place(at)}@${digest}`);
  }

  /** Null as well where it is there, and nobody looked what it is. */
  factsOf(at: BackupRepository, digest: Digest): ManifestFacts | null {
    return this.#manifests.get(`${place(at)}@${digest}`) ?? null;
  }

  addManifest(at: BackupRepository, digest: Digest, facts: ManifestFacts | null = null): void {
    const key = `${place(at)}@${digest}`;
    this.#manifests.set(key, facts ?? this.#manifests.get(key) ?? null);
  }

  /** True when something was there before this run. */
  isInhabited(at: BackupRepository): boolean {
    return this.#inhabited.has(place(at));
  }

  markInhabited(at: BackupRepository): void {
    this.#inhabited.add(place(at));
  }

  #repositoriesOf(registry: string, digest: Digest): Map<string, boolean> | undefined {
    return this.#blobs.get(`${registry} ${digest}`);
  }
}

export function place(at: BackupRepository): string {
  return `${at.registry}/${at.repository}`;
}
