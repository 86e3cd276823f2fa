import type { ImageUse } from '../manifests/index.ts';
import type { Digest, ImageReference } from '../reference/index.ts';

declare const proof: unique symbol;

/**
 * A digest that was read back from the backup registry in this run. Only `copyImages` makes one, and only this type
 * leads to a rewrite. It stands here, not in copy, because plan demands the proof and copy already looks to plan.
 */
export type ProvenDigest = Digest & { readonly [proof]: true };

/** Why a use that names a real image is left alone by policy. Each has a sentence for people. */
export type ExclusionReason = 'excluded-image' | 'excluded-namespace' | 'excluded-path' | 'own-image';

/** What is decided about one use, from names alone. */
export type Verdict =
  | { readonly state: 'candidate'; readonly reference: ImageReference }
  | { readonly state: 'backup'; readonly reference: ImageReference }
  | { readonly state: 'excluded'; readonly reference: ImageReference; readonly reason: string }
  | { readonly state: 'unusable'; readonly reference: ImageReference | null; readonly reason: string };

/** An OCI repository in the backup registry. */
export interface BackupRepository {
  readonly registry: string;
  readonly repository: string;
}

/** One source image that has to be in the backup, and every use that needs it. One for each canonical source. */
export interface CopyStep {
  /** Canonical name, the key: `docker.io/library/nginx:1.25`. */
  readonly canonical: string;
  readonly source: ImageReference;
  readonly backup: BackupRepository;
  /** What the lock file says of this source. */
  readonly locked: LockEntry | null;
  readonly uses: readonly ImageUse[];
}

/** One line of `holdfast.lock.yaml`. */
export interface LockEntry {
  /** Canonical source. */
  readonly source: string;
  /** Digest at the backup, and at the source unless platforms were chosen. */
  readonly digest: Digest;
  /** `registry/repository:tag`, the tag that names this digest in the backup. */
  readonly backup: string;
  /** `linux/amd64`, … sorted; empty when the image does not say. */
  readonly platforms: readonly string[];
}

/** How a manifest shall name a backup. */
export type Pin = 'digest' | 'tag';
