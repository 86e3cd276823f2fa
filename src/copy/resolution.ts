import type { Digest } from '../reference/index.ts';

/** What is known of one step before anything is moved. */
export interface Resolution {
  readonly state: 'present' | 'missing';
  /** Present: in the backup. Missing: at the source. */
  readonly digest: Digest;
  /** The tag that was looked at, and whether it names that digest in the backup already. */
  readonly tag: string;
  readonly isNamed: boolean;
  /** Whether the source's own tag is there to be written. */
  readonly plain: 'free' | 'none';
  /** Everything is there but the plain tag: an earlier run was stopped just before. */
  readonly isAnchored: boolean;
  /** The digest that the backup must have in the end, where platforms were chosen and the lock names it. */
  readonly expected: Digest | null;
  /** Present: what it was made from, where that is known to be another digest. */
  readonly origin: Digest | null;
  /** The source said that it has several parts, each of which is a pull. */
  readonly isIndex: boolean;
  /** The source was seen to answer without credentials. */
  readonly isPublic: boolean;
  readonly moved: Digest | null;
  readonly warnings: readonly string[];
}
