import type { CopyStep, ProvenDigest } from '../plan/index.ts';
import type { Digest } from '../reference/index.ts';
import type { Registries } from '../registry/index.ts';
import type { PruneEvent } from './prune-types.ts';
import type { VerifyEvent } from './verify-types.ts';

export type { ProvenDigest } from '../plan/index.ts';

export interface BlobCounts {
  readonly copied: number;
  readonly mounted: number;
  readonly present: number;
}

/** What is said of a step beside its status. */
export interface StepNotes {
  /**
   * What the source's tag names now, when that is no longer the locked digest. With `updates: propose` it is what
   * was copied.
   */
  readonly moved: Digest | null;
  /** Sentences about what needs a person although the image is there: a signature that was lost on its way. */
  readonly problems: readonly string[];
  /** Sentences for people: upstream is gone, layers that were left out. */
  readonly warnings: readonly string[];
}

/** What became of one step. Bytes are those of blobs that were moved from the source. */
export type CopyOutcome =
  | ({
      readonly status: 'copied' | 'present';
      readonly step: CopyStep;
      readonly digest: ProvenDigest;
      /** The tag in the backup that names this digest: the source's, or the anchor when that is taken. */
      readonly tag: string;
      /** `linux/amd64`, … sorted; of a present image what the lock file says, as its manifest is not fetched. */
      readonly platforms: readonly string[];
      /** What it was made from at the source, where that has another digest; null as well where nobody looked. */
      readonly origin: Digest | null;
      readonly bytes: number;
      readonly blobs: BlobCounts;
    } & StepNotes)
  | ({
      /** Of a dry run: it would be copied, from what a HEAD says. */
      readonly status: 'planned';
      readonly step: CopyStep;
      readonly digest: Digest;
      /** The tag that will name it. */
      readonly tag: string;
    } & StepNotes)
  | {
      readonly status: 'failed' | 'private';
      readonly step: CopyStep;
      readonly error: { readonly code: string; readonly message: string };
    };

/** What a face shows while images are copied, looked at or deleted. */
export type CopyEvent =
  | { readonly kind: 'started'; readonly step: CopyStep }
  /** All bytes that this step has to move, as far as is known by now; a later event replaces it. */
  | { readonly kind: 'sized'; readonly step: CopyStep; readonly bytes: number }
  /** More bytes that passed; negative when a transfer starts again. */
  | { readonly kind: 'moved'; readonly step: CopyStep; readonly bytes: number }
  | VerifyEvent
  | PruneEvent
  /**
   * A registry makes us wait; or a mirror does not answer, and is passed over. Not told by `copyImages`, but by whoever
   * opened the registries and hears them wait.
   */
  | {
      readonly kind: 'waiting' | 'passed-over';
      readonly registry: string;
      readonly until: Date;
      readonly why: string;
    }
  | { readonly kind: 'finished'; readonly outcome: CopyOutcome };

export interface CopyOptions {
  readonly registries: Registries;
  /** Images at a time. */
  readonly concurrency: number;
  /** `linux/amd64`, `linux/arm/v7`; a platform without variant takes them all. */
  readonly platforms: 'all' | readonly string[];
  /** What a tag that moved on since it was locked means: nothing, a note, or the new digest. */
  readonly updates: 'ignore' | 'report' | 'propose';
  /** Copy signatures and attestations with an image. */
  readonly referrers: boolean;
  /** Look for referrers of images that are already there, too. */
  readonly refresh?: boolean;
  /** Fetch from the backup the platforms of what is there but not in the lock file. */
  readonly describe?: boolean;
  /** Trust nothing that is there: ask for every part, and bring again what is missing. */
  readonly repair?: boolean;
  /** Of a repair: digests whose bytes the backup has lost although it says that they are there. */
  readonly resend?: ReadonlySet<string>;
  readonly foreignLayers: boolean;
  readonly convertSchema1: boolean;
  readonly includePrivate: boolean;
  /** Resolve and report `planned`; write nothing. */
  readonly dryRun?: boolean;
  readonly onEvent?: (event: CopyEvent) => void;
  readonly signal?: AbortSignal;
}
