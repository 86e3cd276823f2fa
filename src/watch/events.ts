import type { CopyOutcome } from '../copy/index.ts';
import type { LiveUse } from './picture.ts';
import type { UpstreamState } from './types.ts';

/** What a face counts and logs. All are called as it happens; `uses` are the places of the image in the cluster. */
export interface WatchEvents {
  /** The cluster was looked at again. `isFresh`: all that could be read before can be read now. */
  readonly onPicture: (picture: {
    readonly needed: number;
    readonly others: number;
    readonly isFresh: boolean;
  }) => void;
  /** Objects of this kind cannot be read, and why; null when they can again. Told when it is news. */
  readonly onKind: (kind: string, problem: string | null) => void;
  readonly onCopied: (outcome: CopyOutcome, uses: readonly LiveUse[]) => void;
  readonly onUpstream: (
    canonical: string,
    before: UpstreamState,
    now: UpstreamState,
    uses: readonly LiveUse[],
  ) => void;
  /** Upstream has the tag, but no longer the digest that runs. */
  readonly onLost: (canonical: string, digest: string, uses: readonly LiveUse[]) => void;
  readonly onProposed: (
    repository: string,
    operation: string,
    url: string | null,
    uses: readonly LiveUse[],
  ) => void;
  /** Keys of a repository's own configuration that do not count; told when they are news. */
  readonly onIgnored: (repository: string, keys: readonly string[]) => void;
  /** Something failed that is tried again by itself. */
  readonly onProblem: (where: string, error: unknown) => void;
}
