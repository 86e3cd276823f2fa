import type { HoldReason, ImageUse, ManifestChange } from '../manifests/index.ts';
import type { Digest, ImageReference, RepositoryPrefix } from '../reference/index.ts';
import type { Naming } from './naming.ts';

declare const proof: unique symbol;

/**
 * A digest that was read back from the backup registry in this run. Only `copyImages` makes one, and only this type
 * leads to a rewrite. It stands here, not in copy, because plan demands the proof and copy already looks to plan.
 */
export type ProvenDigest = Digest & { readonly [proof]: true };

/** Why a use that names a real image is left alone by policy. Each has a sentence for people. */
export type ExclusionReason =
  | 'ignored'
  | 'own-image'
  | 'excluded-image'
  | 'excluded-namespace'
  | 'excluded-path';

/** Why a use cannot be taken over: the text's reasons, and `backup-name`: no valid name in the backup. */
export type UnusableReason = HoldReason | 'backup-name';

/** What is decided about one use, from names alone. `reason` is a code, `explanation` a sentence for people. */
export type Verdict =
  | { readonly state: 'candidate'; readonly reference: ImageReference }
  | { readonly state: 'backup'; readonly reference: ImageReference }
  | {
      readonly state: 'excluded';
      readonly reference: ImageReference;
      readonly reason: ExclusionReason;
      readonly explanation: string;
    }
  | {
      readonly state: 'unusable';
      readonly reference: ImageReference | null;
      readonly reason: UnusableReason;
      readonly explanation: string;
    };

/** A use and what is decided about it. */
export interface JudgedUse {
  readonly use: ImageUse;
  readonly verdict: Verdict;
}

/** What a person wants left alone. Globs as `compileGlob` reads them. */
export interface Exclusions {
  /** On the canonical and on the familiar name, with and without tag and digest. */
  readonly images: readonly string[];
  readonly namespaces: readonly string[];
  /** A path without a star also means all that is below it. */
  readonly paths: readonly string[];
}

/** What judging needs. Without a backup nothing is a backup yet: `scan` works so. */
export interface JudgePolicy {
  /** Take references that only look like images, too; they are copied, and edited by rules alone. */
  readonly includeOther?: boolean;
  readonly backup: RepositoryPrefix | null;
  /** The namespaces that what a use decides runs in; without it the one that its object says. */
  readonly placesOf?: (use: ImageUse) => readonly (string | null)[];
  readonly exclude: Exclusions;
}

/** What planning needs. */
export interface CopyPolicy extends JudgePolicy {
  readonly backup: RepositoryPrefix;
  readonly naming: Naming;
}

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

/**
 * A reference that names a backup already. `locked` is null when the lock file does not know it, because Renovate or
 * a person wrote a new tag. `step` makes it should it be missing, or moves it when its source has news; null when
 * nothing says what its source is.
 */
export interface BackupUse {
  /** Canonical name, the key: `ghcr.io/acme/backup/docker.io/library/nginx:1.25@sha256:…`. */
  readonly canonical: string;
  readonly reference: ImageReference;
  readonly locked: LockEntry | null;
  readonly step: CopyStep | null;
  readonly uses: readonly ImageUse[];
}

/** Every decision of a run that needs no network. Uses by file and position, steps and backups by canonical name. */
export interface CopyPlan {
  readonly verdicts: readonly JudgedUse[];
  readonly steps: readonly CopyStep[];
  readonly backups: readonly BackupUse[];
}

/** One entry of `holdfast.lock.yaml`. */
export interface LockEntry {
  /** Canonical source. */
  readonly source: string;
  /** Digest at the backup, and at the source unless platforms were chosen. */
  readonly digest: Digest;
  /** `registry/repository:tag`, the tag that names this digest in the backup. */
  readonly backup: string;
  /** `linux/amd64`, … sorted; empty when the image does not say. */
  readonly platforms: readonly string[];
  /** What it was made from at the source, where that has another digest: of chosen platforms, or of schema 1. */
  readonly origin?: Digest;
  /** A person's comment lines above the entry, without `#`; kept. */
  readonly comment?: string;
}

/** What `holdfast.lock.yaml` says, sorted by source. */
export interface LockFile {
  readonly entries: readonly LockEntry[];
}

/** What becomes of a locked source whose tag moved upstream. */
export type Updates = 'ignore' | 'report' | 'propose';

/** How a manifest shall name a backup. */
export type Pin = 'digest' | 'tag';

/** A step and the digest that its copy has in the backup, or (`D` = `Digest`, in a preview) would have. */
export interface KnownCopy<D extends Digest> {
  readonly step: CopyStep;
  readonly digest: D;
  /** The tag in the backup that names this digest: the source's, or the anchor when that is taken. */
  readonly tag: string;
  readonly platforms: readonly string[];
  /** What it was made from, where that has another digest. */
  readonly origin?: Digest | null;
}

/** A step whose copy is proven to be in the backup: what copying hands to planning. */
export type ProvenCopy = KnownCopy<ProvenDigest>;

/** One use and the backup that it shall name. There is none to write without a proof. */
export interface Rewrite<D extends Digest = ProvenDigest> {
  readonly use: ImageUse;
  readonly to: string;
  readonly proof: D;
}

/** What shall become of one file. */
export interface FilePlan {
  readonly file: string;
  readonly change: ManifestChange;
}
