/** A token's power over one kind of thing, as GitHub's `permissions:` names it. */
export type Permission = 'none' | 'read' | 'write';

/** Who a token belongs to, and what it may do. */
export interface ForgeUser {
  readonly login: string;
  readonly type: 'User' | 'Bot';
  readonly contents: Permission;
  readonly pullRequests: Permission;
  readonly issues: Permission;
  readonly checks: Permission;
  /** False: "GitHub Actions is not permitted to create or approve pull requests." */
  readonly mayCreatePulls: boolean;
}

/** One request that the forge answered. `authorization` is as it was sent, for tests that look for leaks. */
export interface ForgeRequest {
  readonly kind: 'api' | 'git';
  readonly method: string;
  /** Path and query; of an API request below `/api/v3`. */
  readonly path: string;
  readonly authorization: readonly string[];
  readonly body: unknown;
  readonly status: number;
  readonly answer: unknown;
  /** Milliseconds since the forge started. */
  readonly at: number;
}

export interface ForgeAnswer {
  readonly status: number;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

/** An API request that is about to be answered. */
export interface ForgeCall {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly body: Readonly<Record<string, unknown>>;
}

export interface ForgeOptions {
  /** Folder for the bare repositories; the caller removes it. */
  readonly root: string;
  /** Of the caller: git needs its PATH. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** By token. */
  readonly users: Readonly<Record<string, ForgeUser>>;
  /** An answer in place of the forge's own; null lets the request through. */
  readonly intercept?: (call: ForgeCall) => ForgeAnswer | null | Promise<ForgeAnswer | null>;
  readonly onRequest?: (request: ForgeRequest) => void;
}

export interface Comment {
  readonly id: number;
  readonly author: ForgeUser;
  body: string;
  readonly created: string;
  updated: string;
}

export interface Pull {
  readonly number: number;
  readonly author: ForgeUser;
  title: string;
  body: string | null;
  state: 'open' | 'closed';
  readonly branch: string;
  base: string;
  /** While open, the branch's head; afterwards the last. */
  head: string;
  draft: boolean;
  merged: string | null;
  mergeCommit: string | null;
  closed: string | null;
  readonly created: string;
  updated: string;
  labels: string[];
  assignees: string[];
  reviewers: string[];
  teams: string[];
  milestone: number | null;
  readonly comments: Comment[];
  readonly reviews: Review[];
}

export interface ReviewComment {
  readonly id: number;
  readonly author: ForgeUser;
  readonly path: string;
  readonly line: number;
  readonly startLine: number | null;
  readonly body: string;
  readonly commit: string;
  /** The comment that this one answers. */
  readonly replyTo: number | null;
  readonly created: string;
}

export interface Review {
  readonly id: number;
  readonly author: ForgeUser;
  readonly body: string;
  readonly state: 'COMMENTED' | 'APPROVED' | 'CHANGES_REQUESTED';
  readonly commit: string;
  readonly comments: ReviewComment[];
  readonly created: string;
}

export interface Annotation {
  readonly path: string;
  readonly start_line: number;
  readonly end_line: number;
  readonly annotation_level: string;
  readonly message: string;
  readonly title?: string;
}

export interface CheckRun {
  readonly id: number;
  readonly name: string;
  readonly head: string;
  status: string;
  conclusion: string | null;
  title: string | null;
  summary: string | null;
  readonly annotations: Annotation[];
  readonly started: string;
}

/** A repository and all that hangs on it. */
export interface ForgeRepository {
  owner: string;
  name: string;
  readonly id: number;
  /** The bare repository. */
  readonly folder: string;
  readonly defaultBranch: string;
  archived: boolean;
  /** False: as a private repository in the free plan. */
  offersDrafts: boolean;
  readonly pulls: Pull[];
  readonly checkRuns: CheckRun[];
  /** Logins that a review can be asked of, and teams, and milestones; others are refused. */
  readonly people: string[];
  readonly teams: string[];
  readonly milestones: number[];
  /** Former `owner/name`s, which answer that it has moved. */
  readonly formerNames: string[];
}

export interface EmbeddedForge {
  readonly url: string;
  readonly apiUrl: string;
  readonly requests: readonly ForgeRequest[];
  /** Makes a bare repository with one commit on `main`. */
  createRepository(
    fullName: string,
    files: Readonly<Record<string, string | { readonly text: string; readonly executable: true }>>,
  ): Promise<ForgeRepository>;
  cloneUrl(repository: ForgeRepository): string;
  forgetRequests(): void;
  close(): Promise<void>;
}
