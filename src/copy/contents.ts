import type { BackupRepository } from '../plan/index.ts';
import type { Digest } from '../reference/index.ts';

/**
 * What this run knows to be in the backup registries. What it does not know may be there all the same: a wrong guess
 * costs a request or bytes, never correctness.
 */
export class Contents {
  readonly #blobs = new Map<string, Map<string, boolean>>();
  readonly #manifests = new Set<string>();
  readonly #inhabited = new Set<string>();

  hasBlob(at: BackupRepository, digest: Digest): boolean {
    return this.#repositoriesOf(at.registry, digest)?.has(at.repository) ?? false;
  }

  /** `referenced`: a manifest of that repository names the blob; ECR mounts no others (aws roadmap#2860). */
  addBlob(at: BackupRepository, digest: Digest, referenced = false): void {
    const key = `${at.registry} ${digest}`;
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

  hasManifest(at: BackupRepository, digest: Digest): boolean {
    return this.#manifests.has(`${place(at)}@${digest}`);
  }

  addManifest(at: BackupRepository, digest: Digest): void {
    this.#manifests.add(`${place(at)}@${digest}`);
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
