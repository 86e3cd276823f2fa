import type { BackupRepository } from '../plan/index.ts';
import type { Digest } from '../reference/index.ts';
import type { Registries } from '../registry/index.ts';

/** One image of the backup that nothing uses any more, as far as names tell. */
export interface PruneTarget {
  readonly at: BackupRepository;
  readonly digest: Digest;
  /** The tags that lock files record for it. */
  readonly tags: readonly string[];
}

/** What is known of one repository of the backup. */
export interface PruneRepository {
  readonly at: BackupRepository;
  readonly unused: readonly PruneTarget[];
  /** Images of it that stay, as far as they are there. */
  readonly kept: readonly Digest[];
}

/**
 * What became of one target. `unused`: it would be deleted; `absent`: the registry does not have it; `kept`: something
 * in the registry needs it. `manifests`: what goes with it: itself, the platforms of an index, signatures.
 */
export type PruneOutcome =
  | {
      readonly status: 'unused' | 'deleted';
      readonly target: PruneTarget;
      readonly tags: readonly string[];
      readonly manifests: readonly Digest[];
    }
  | { readonly status: 'absent'; readonly target: PruneTarget }
  | { readonly status: 'kept'; readonly target: PruneTarget; readonly explanation: string }
  | {
      readonly status: 'failed';
      readonly target: PruneTarget;
      readonly error: { readonly code: string; readonly message: string };
    };

/** Of `pruneBackups`: one more was decided about, or deleted. */
export interface PruneEvent {
  readonly kind: 'pruned';
  readonly outcome: PruneOutcome;
  readonly done: number;
  readonly total: number;
}

export interface PruneOptions {
  readonly registries: Registries;
  /** Repositories at a time. */
  readonly concurrency: number;
  /** Digests that some manifest or Pod names, of whatever they are: none of them is deleted. */
  readonly mentioned: ReadonlySet<string>;
  /** Look, and delete nothing. */
  readonly dryRun: boolean;
  readonly onEvent?: (event: PruneEvent) => void;
  readonly signal?: AbortSignal;
}
