import type { CopyStep, ProvenDigest } from '../plan/index.ts';

export type { ProvenDigest } from '../plan/index.ts';

export interface BlobCounts {
  readonly copied: number;
  readonly mounted: number;
  readonly present: number;
}

/** What became of one step. Bytes are those that were moved from the source. */
export type CopyOutcome =
  | {
      readonly status: 'copied' | 'present';
      readonly step: CopyStep;
      readonly digest: ProvenDigest;
      /** The tag in the backup that names this digest: the source's, or the anchor when that is taken. */
      readonly tag: string;
      readonly platforms: readonly string[];
      readonly bytes: number;
      readonly blobs: BlobCounts;
    }
  | {
      readonly status: 'failed' | 'private';
      readonly step: CopyStep;
      readonly error: { readonly code: string; readonly message: string };
    };

/** What a face shows while images are copied. */
export type CopyEvent =
  | { readonly kind: 'started'; readonly step: CopyStep }
  | { readonly kind: 'sized'; readonly step: CopyStep; readonly bytes: number }
  | { readonly kind: 'moved'; readonly step: CopyStep; readonly bytes: number }
  | { readonly kind: 'waiting'; readonly registry: string; readonly until: Date; readonly why: string }
  | { readonly kind: 'finished'; readonly outcome: CopyOutcome };
