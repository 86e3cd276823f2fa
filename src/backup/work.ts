import type { Config } from '../config/index.ts';
import type { CopyEvent } from '../copy/index.ts';
import type { LockEntry, Shard } from '../plan/index.ts';
import type { Registries } from '../registry/index.ts';
import type { ClusterOptions } from '../source/index.ts';

/** What a face asks for: one validated configuration, and where the work is. */
export interface Work {
  readonly config: Config;
  /** Files and folders, absolute or from `cwd`; none means `cwd` itself. */
  readonly paths: readonly string[];
  /** Absolute. */
  readonly cwd: string;
  /** The face closes them when the work is done. */
  readonly registries: Registries;
  /** Read the workloads of this cluster in place of paths. */
  readonly cluster?: Omit<ClusterOptions, 'signal'>;
  /** Image references in place of paths. */
  readonly images?: readonly string[];
  /** Digests for sources that the lock file does not know: what a cluster runs, or what is proposed already. */
  readonly running?: readonly LockEntry[];
  /** Only these canonical sources are copied and rewritten; all when absent. */
  readonly only?: ReadonlySet<string>;
  /** What a person must know besides, given the canonical sources that the files name, also by their backup. */
  readonly elsewhere?: (named: ReadonlySet<string>) => readonly string[];
  /** Look for new signatures of images that are there already, too. */
  readonly refresh?: boolean;
  /** Of copy and verify: this run's part of the work. */
  readonly shard?: Shard;
  readonly onEvent?: (event: CopyEvent) => void;
  readonly signal?: AbortSignal;
}
