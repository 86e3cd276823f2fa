import type { ImageUse, TextEdit, Unread } from '../manifests/index.ts';
import type { Digest } from '../reference/index.ts';

/** One place that names an image, and what is decided about it: `images[]` of the JSON contract. */
export interface ImageFinding {
  readonly use: ImageUse;
  readonly canonical: string | null;
  readonly state: 'candidate' | 'backup' | 'excluded' | 'unusable';
  /** Why it is left alone: a code for programs, a sentence for people. Both null for candidates and backups. */
  readonly reason: string | null;
  readonly explanation: string | null;
  readonly editable: boolean;
}

/** One source image and its copy: `copies[]` of the JSON contract. */
export interface CopyFinding {
  readonly source: string;
  readonly backup: string;
  readonly digest: Digest | null;
  /** `unknown`: whether a backup that is named is there was not told. */
  readonly status: 'copied' | 'present' | 'failed' | 'private' | 'planned' | 'unknown';
  readonly platforms: readonly string[];
  readonly bytes: number;
  readonly blobs: { readonly copied: number; readonly mounted: number; readonly present: number };
  readonly error: { readonly code: string; readonly message: string } | null;
  /** The digest that the tag names at the source by now, where that is another one than the backup keeps. */
  readonly moved: Digest | null;
  /** What needs a person although the copy is there, one sentence each. */
  readonly problems: readonly string[];
  readonly warnings: readonly string[];
}

/** One backup that `verify` looked at: `backups[]` of its JSON. */
export interface BackupFinding {
  /** As the manifests name it. */
  readonly backup: string;
  /** Null when neither lock file nor naming tells. */
  readonly source: string | null;
  readonly digest: Digest | null;
  /** `failed`: the registry could not be asked, so that nothing is known. */
  readonly status: 'whole' | 'repaired' | 'broken' | 'failed';
  readonly manifests: number;
  readonly blobs: number;
  readonly bytes: number;
  /** What is not as it must be; of a repaired one what was. */
  readonly damages: readonly {
    readonly kind: string;
    readonly part: string;
    readonly digest: string;
    readonly message: string;
  }[];
  /** Why nothing is known, or why it was not repaired. */
  readonly error: { readonly code: string; readonly message: string } | null;
}

/** One copy that lock files record, and whether it goes: `prunings[]` of the JSON of `prune`. */
export interface PruneFinding {
  /** `registry/repository@sha256:…`. */
  readonly backup: string;
  readonly sources: readonly string[];
  /** The tags that go with it; of one that stays those that are recorded. */
  readonly tags: readonly string[];
  readonly status: 'kept' | 'unused' | 'deleted' | 'absent' | 'failed';
  /** Manifests that go: itself, platforms, signatures. */
  readonly manifests: number;
  /** Of `kept`: a code and a sentence. */
  readonly reason: 'used' | 'young' | 'asked' | 'needed' | null;
  readonly explanation: string | null;
  readonly error: { readonly code: string; readonly message: string } | null;
}

/** A file that changed, or would change. */
export interface FileChange {
  readonly path: string;
  readonly before: string;
  readonly after: string;
}

/** What became of one pull request. */
export interface ProposalFinding {
  /** The directory that it is for; null for the whole repository. */
  readonly group: string | null;
  readonly operation: 'created' | 'updated' | 'unchanged' | 'closed' | 'held' | 'pushed' | 'none';
  readonly branch: string;
  readonly commit: string | null;
  /** Whether GitHub vouches for the commit; null where it was not asked. */
  readonly verified: boolean | null;
  readonly number: number | null;
  readonly url: string | null;
  /** Of `held` and `pushed`: why a person is needed, in a sentence. */
  readonly explanation: string | null;
  readonly warnings: readonly string[];
  /** What is proposed, as it stands in the request; null where nothing is. */
  readonly title: string | null;
  readonly body: string | null;
}

/** What a command did or would do; every face renders this one model. Sorted, without dates. */
export interface Report {
  readonly command: 'scan' | 'plan' | 'copy' | 'rewrite' | 'restore' | 'check' | 'pr' | 'verify' | 'prune';
  /** Folder that all paths are relative to. */
  readonly root: string;
  /** Files that were read, those without an image included; or objects, where they are those of a cluster. */
  readonly files: number;
  /** What was read are objects of a cluster. */
  readonly live?: true;
  readonly images: readonly ImageFinding[];
  readonly copies: readonly CopyFinding[];
  readonly edits: readonly TextEdit[];
  /** Whole texts, for the unified diff. */
  readonly changes: readonly FileChange[];
  readonly skipped: readonly Unread[];
  /** Of `pr` alone. */
  readonly proposals: readonly ProposalFinding[];
  /** Of `verify` alone. */
  readonly backups: readonly BackupFinding[];
  /** Of `prune` alone. */
  readonly prunings: readonly PruneFinding[];
  /** Of `plan --matrix` alone: the parts that have work. */
  readonly shards: readonly string[];
  /** What a person must know or do, one sentence each: files that changed under us, pull secrets to create. */
  readonly notes: readonly string[];
  /** True when something needs a person: exit code 1. */
  readonly attention: boolean;
}
