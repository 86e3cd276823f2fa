import type { ImageUse } from '../manifests/index.ts';
import type { CopyFinding, Report } from './types.ts';

export interface PullRequestFacts {
  /** The top directory that this request is for; `.` for what stands in none, null for the whole repository. */
  readonly group: string | null;
  /** What this request points at a backup, place by place, with the canonical name of its source. */
  readonly moves: readonly { readonly source: string; readonly use: ImageUse }[];
  /** `changes` holds the files of this request alone; `images` and `copies` may hold more. */
  readonly report: Report;
  /** Name of the secret that Pods need to pull from the backup; null when they need none. */
  readonly pullSecret: string | null;
  /** Bytes of each source image, by canonical name, where they are known to be the same in every run. */
  readonly sizes: ReadonlyMap<string, number>;
  /** Path of the lock file, which goes with every change. */
  readonly lockFile: string;
  readonly pin: 'digest' | 'tag';
  /** What limits left to the next request. */
  readonly waiting: { readonly images: number; readonly files: number };
}

/** An image that a request points at its backup, and the files that name it. */
export interface Moved {
  readonly copy: CopyFinding;
  readonly files: readonly string[];
}
