import type { ChangeSet } from '../plan/index.ts';
import type { Digest } from '../reference/index.ts';
import type { GitHub } from './github.ts';
import type { PullRequest } from './pull-requests.ts';
import type { Checkout, CommitFacts, ProposeOptions, ProposeStep } from './types.ts';

/** All that was looked at before the first write. */
export interface Situation {
  readonly changeSet: ChangeSet<Digest>;
  readonly checkout: Checkout;
  readonly github: GitHub | null;
  readonly options: ProposeOptions;
  readonly group: string | null;
  readonly branch: string;
  /** The repository's page; null when it is no GitHub. */
  readonly webUrl: string | null;
  /** Of the branch; null when there is none. */
  readonly head: CommitFacts | null;
  readonly open: PullRequest | null;
  /** Closed and merged ones, the newest first. */
  readonly past: readonly PullRequest[];
  /** False when the branch holds what may not be overwritten. */
  readonly ours: boolean;
}

/** A file as it goes into the commit. `text` null: the file goes. */
export interface ProposedFile {
  readonly path: string;
  readonly text: string | null;
  readonly mode: string;
}

/** Announces a step and takes it; a dry run only announces it, and gets null. */
export async function take<T>(
  { options }: Situation,
  kind: ProposeStep['kind'],
  sentence: string,
  step: () => Promise<T>,
): Promise<T | null> {
  await options.onStep?.({ kind, sentence, dryRun: options.dryRun });
  return options.dryRun ? null : step();
}
