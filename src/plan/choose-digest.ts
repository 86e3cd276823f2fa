import type { Digest } from '../reference/index.ts';
import type { LockEntry, Updates } from './types.ts';

/** Which digest a run takes of a source, and the one that its tag moved to where a person shall hear of it. */
export interface ChosenDigest {
  readonly digest: Digest;
  readonly moved: Digest | null;
}

/**
 * A locked source keeps its digest until someone asks. `resolved` is what the source's tag names by now; with chosen
 * platforms the backup's digest is not the source's, so the caller compares only what it copied whole.
 */
export function chooseDigest(locked: LockEntry | null, resolved: Digest, updates: Updates): ChosenDigest {
  if (locked === null || updates === 'propose' || locked.digest === resolved)
    return { digest: resolved, moved: null };
  return { digest: locked.digest, moved: updates === 'report' ? resolved : null };
}
