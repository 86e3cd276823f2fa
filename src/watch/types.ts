import type { Digest } from '../reference/index.ts';
import type { NeededImage } from './picture.ts';

/**
 * What a digest that runs is, as far as the source says. `index` and `image` (of a single architecture) may be locked
 * and pinned; `platform` is one part of an index, which is kept and listed only; `config` cannot be asked for;
 * `gone`: the source no longer has it.
 */
export type RunningKind = 'index' | 'image' | 'platform' | 'config' | 'gone';

export interface RunningDigest {
  readonly digest: Digest;
  /** Containers that run it. */
  readonly count: number;
  readonly kind: RunningKind;
  /** It may be locked and pinned: an index, or an image of a single architecture, and not one platform's part. */
  readonly isWhole: boolean;
}

/** How far the backup of an image is. Times are milliseconds since 1970. */
export interface BackupState {
  readonly state: 'pending' | 'copying' | 'present' | 'failed' | 'private';
  /** With its tag, once it is there. */
  readonly reference: string | null;
  readonly digest: Digest | null;
  readonly platforms: readonly string[];
  readonly bytes: number;
  readonly error: { readonly code: string; readonly message: string } | null;
  readonly warnings: readonly string[];
  /** When it was last proven. */
  readonly provenAt: number | null;
  /** When it is looked at again. */
  readonly dueAt: number;
  /** Failures in a row. */
  readonly failures: number;
}

/** `gone`: it could be pulled, and cannot be any more. `unreachable`: not known at the moment. */
export type UpstreamStatus =
  | 'unknown'
  | 'available'
  | 'moved'
  | 'gone'
  | 'private'
  | 'rate-limited'
  | 'unreachable';

export interface UpstreamState {
  readonly state: UpstreamStatus;
  /** What the tag names there now. */
  readonly digest: Digest | null;
  readonly problem: string | null;
  readonly checkedAt: number | null;
  readonly dueAt: number;
}

/** Something that happened to an image since the start, for people. */
export interface HistoryEntry {
  readonly at: number;
  readonly what: string;
}

/** All that is known of one image that the cluster depends on. Replaced as a whole, never changed. */
export interface WatchedImage {
  readonly canonical: string;
  readonly needed: NeededImage;
  readonly running: readonly RunningDigest[];
  /** The digest that is backed up and locked first: what runs most, where the source confirms it. */
  readonly locked: Digest | null;
  readonly backup: BackupState;
  readonly upstream: UpstreamState;
  readonly history: readonly HistoryEntry[];
}

/** What became of a proposal, by repository. */
export interface ProposalState {
  /** `https://github.com/acme/gitops.git` and branch, for people. */
  readonly repository: string;
  readonly branch: string | null;
  readonly state: 'waiting' | 'done' | 'failed';
  readonly requests: readonly {
    readonly operation: string;
    readonly url: string | null;
    readonly number: number | null;
    readonly explanation: string | null;
  }[];
  readonly error: { readonly code: string; readonly message: string } | null;
  readonly at: number | null;
  /** Canonical sources that its files name, also by their backup; null before they were read once. */
  readonly sources: readonly string[] | null;
  /** Keys of its own configuration that do not count. */
  readonly ignored: readonly string[];
}
