/** A registry, or a part of one. An empty `repository` means all of the registry. */
export interface RepositoryPrefix {
  readonly registry: string;
  readonly repository: string;
}

/** Compares by host and whole path segments: `ghcr.io/acme/backup2` is not under `ghcr.io/acme/backup`. */
export function isUnder(name: RepositoryPrefix, prefix: RepositoryPrefix): boolean {
  if (name.registry !== prefix.registry) return false;
  return `${name.repository}/`.startsWith(prefix.repository === '' ? '' : `${prefix.repository}/`);
}
