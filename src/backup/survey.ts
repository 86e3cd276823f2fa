import type { Namespaces, Scan, SourceFile } from '../manifests/index.ts';
import type { LockFile } from '../plan/index.ts';
import type { FoundLock } from '../source/index.ts';

/** The manifests as they stand, before any registry is asked. */
export interface Survey {
  /** Absolute; the paths of all files are relative to it. */
  readonly root: string;
  readonly files: readonly SourceFile[];
  /** Files that decide about those, and are not edited; see `Reading`. */
  readonly around: readonly SourceFile[];
  /** Where uses run, where more is known of it than what their objects say. */
  readonly namespaces?: Namespaces;
  /** Files, or live objects, that were looked at. */
  readonly read: number;
  readonly live?: true;
  readonly scan: Scan;
  readonly notes: readonly string[];
  readonly lockFile: FoundLock;
  readonly lock: LockFile;
}
