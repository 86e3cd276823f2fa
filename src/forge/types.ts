import type { GitHub } from './github.ts';
import type { RemoteUrl } from './remote-url.ts';

/** Who our commits are by: one identity for author and committer. */
export interface Identity {
  readonly name: string;
  readonly email: string;
}

/** Known to GitHub, so that its commits carry the bot's picture. */
export const defaultIdentity: Identity = {
  name: 'holdfast[bot]',
  email: 'holdfast[bot]@users.noreply.github.com',
};

/** A commit, as far as it matters here. */
export interface CommitFacts {
  readonly sha: string;
  readonly tree: string;
  readonly parents: readonly string[];
  readonly message: string;
  /** Seconds since 1970, and zone: `1700000000 +0000`. */
  readonly committed: string;
}

/** A file of the base commit. */
export interface TreeEntry {
  /** `100644`, `100755`, `120000` (symlink), `160000` (submodule). */
  readonly mode: string;
  readonly path: string;
  readonly sha: string;
}

/**
 * The repository that the pull request is for, at the head of its base branch. Nothing that is done with it touches
 * the working tree, the index or a local branch: objects are added, and the remote branch is pushed.
 */
export interface Checkout {
  readonly remote: RemoteUrl;
  readonly base: { readonly branch: string; readonly commit: CommitFacts };
  /** Every file of the base commit, sorted by path. */
  listFiles(): Promise<readonly TreeEntry[]>;
  /** Their bytes, in the same order. */
  readFiles(entries: readonly TreeEntry[]): Promise<readonly Buffer[]>;
  /** The bytes of a file in another commit that `findBranch` gave; null when it is not there. */
  readAt(commit: CommitFacts, path: string): Promise<Buffer | null>;
  /** Writes the regular files of the base commit below `folder`, byte for byte, for whatever reads folders. */
  writeBase(folder: string): Promise<void>;
  /** The head of a branch at the remote; null when there is none. */
  findBranch(branch: string): Promise<CommitFacts | null>;
  /** All names of branches at the remote that start with `prefix`. */
  listBranches(prefix: string): Promise<readonly string[]>;
  /** Adds the tree of the base commit with these files to the repository's objects, modes kept; its id. */
  writeTree(files: readonly { readonly path: string; readonly text: string | null }[]): Promise<string>;
  /** Adds a commit on the base commit; the same input has the same id. */
  writeCommit(tree: string, message: string, identity: Identity): Promise<string>;
  /** Asks whether this branch may be pushed, and pushes nothing. Throws `HoldfastError` when it may not. */
  checkPush(branch: string): Promise<void>;
  /** `expected`: what the branch is now; anything else there is left alone and a conflict is thrown. */
  push(branch: string, commit: string, expected: string | null): Promise<void>;
  deleteBranch(branch: string, expected: string): Promise<void>;
  /** Removes what `openCheckout` made for itself. */
  close(): Promise<void>;
}

/** The pull request's options, from the contract's `pullRequest:`. */
export interface ProposeOptions {
  /** First part of the branch's name: `holdfast`. */
  readonly branchPrefix?: string;
  /** Of commits that git pushes; null: `defaultIdentity`. One that GitHub makes is by the token's owner. */
  readonly author?: Identity | null;
  readonly commitVia: 'git' | 'api';
  readonly labels: readonly string[];
  readonly reviewers: readonly string[];
  readonly teamReviewers: readonly string[];
  readonly assignees: readonly string[];
  readonly milestone: number | null;
  readonly draft: boolean;
  /** When a person closed the same content before. */
  readonly recreateClosed?: 'auto' | 'always' | 'never';
  readonly dryRun: boolean;
  /** Why a request goes that has nothing to change any more, as a sentence; absent or null: all of it is done. */
  readonly explainClosing?: () => Promise<string | null>;
  /** Every step that changes something at the remote, before it is taken (or, in a dry run, in its place). */
  readonly onStep?: (step: ProposeStep) => void | Promise<void>;
}

/** `sentence` reads on from "will" or "would": `push 3 files to the branch holdfast/main`. */
export interface ProposeStep {
  readonly kind:
    | 'write-commit'
    | 'push'
    | 'create'
    | 'update'
    | 'comment'
    | 'close'
    | 'delete-branch'
    | 'label'
    | 'review'
    | 'assign'
    | 'milestone'
    | 'done';
  readonly sentence: string;
  readonly dryRun: boolean;
}

/** Where the proposal goes. `github` is null for a remote that is no GitHub: the branch is pushed, no more. */
export interface Target {
  readonly checkout: Checkout;
  readonly github: GitHub | null;
}

/**
 * What became of a change set. `held`: left alone for a person's sake. `pushed`: the branch is there and a person has
 * to open the pull request, for the reason in `explanation`. `none`: nothing to do and nothing to close.
 */
export type Proposal = {
  readonly group: string | null;
  readonly branch: string;
  /** Head of the branch; null when there is none, or in a dry run. */
  readonly commit: string | null;
  /** Whether GitHub vouches for the commit; null when it was not asked (pushed by git). */
  readonly verified: boolean | null;
  /** Labels, reviewers and the like that could not be set; each a sentence. */
  readonly warnings: readonly string[];
} & (
  | { readonly operation: 'updated' | 'unchanged' | 'closed'; readonly number: number; readonly url: string }
  /** Both null in a dry run. */
  | { readonly operation: 'created'; readonly number: number | null; readonly url: string | null }
  | {
      readonly operation: 'held';
      readonly reason: 'person-committed' | 'person-closed' | 'branch-taken';
      readonly explanation: string;
      readonly number: number | null;
      readonly url: string | null;
    }
  | { readonly operation: 'pushed'; readonly explanation: string; readonly compareUrl: string | null }
  | { readonly operation: 'none' }
);
