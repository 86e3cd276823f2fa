import type PQueue from 'p-queue';
import type { BackupRepository, CopyStep } from '../plan/index.ts';
import type { Digest } from '../reference/index.ts';
import type { Registry } from '../registry/index.ts';
import type { Contents } from './contents.ts';
import { CopyFailure } from './failure.ts';
import type { Flights } from './flights.ts';
import type { CopyEvent, CopyOptions } from './types.ts';

/** What all images of one call share. */
export interface Run {
  readonly options: CopyOptions;
  readonly contents: Contents;
  readonly flights: Flights;
  /** Its blobs on their way. A task in it waits for nothing but room and its two registries, so that it always ends. */
  readonly transfers: PQueue;
  /** Bytes sent to each backup registry. */
  readonly sent: Map<string, number>;
  /** Tags of source repositories, listed once. */
  readonly sourceTags: Map<string, Promise<ReadonlySet<string> | null>>;
  /** Images whose referrers were looked for. */
  readonly referrersSeen: Set<string>;
  /** Looks into images of the backup, a few at a time. */
  readonly lookups: PQueue;
  /** Images that were there before, and whether their blobs are known by now. */
  readonly learning: {
    readonly present: { readonly at: BackupRepository; readonly digest: Digest }[];
    begun: Promise<void> | null;
    isDone: boolean;
  };
  /** By source registry. */
  readonly pulls: Map<string, Pulls>;
  /** Source registries that give no more pulls, and why. */
  readonly exhausted: Map<string, string>;
}

/** Pulls of one source registry that the number which it told last may not count. */
export interface Pulls {
  /** Those that images which were begun have yet to make. */
  claimed: number;
  /** Those whose answer is not there yet. Each ends, and is none of these when it has. */
  readonly underWay: Set<Promise<void>>;
}

/** One image on its way. */
export interface Job {
  readonly run: Run;
  readonly step: CopyStep;
  readonly source: Registry;
  readonly backup: Registry;
  readonly at: BackupRepository;
  readonly problems: Set<string>;
  readonly warnings: Set<string>;
  /** Small blobs to keep while they pass, by digest: the config, which names the platform. */
  readonly kept: Map<Digest, Buffer | null>;
  readonly tally: { bytes: number; toMove: number; copied: number; mounted: number; present: number };
  /** Manifests that were asked for, and those that were put. */
  manifests: number;
  written: number;
  /** Its part of the run's. */
  claimed: number;
  /** Set by the first failure, so that nothing more is started for this image. */
  failed: boolean;
}

export function startJob(run: Run, step: CopyStep): Job {
  return {
    run,
    step,
    source: run.options.registries.open(step.source.registry, 'pull'),
    backup: run.options.registries.open(step.backup.registry, 'push'),
    at: step.backup,
    problems: new Set(),
    warnings: new Set(),
    kept: new Map(),
    tally: { bytes: 0, toMove: 0, copied: 0, mounted: 0, present: 0 },
    manifests: 0,
    written: 0,
    claimed: 0,
    failed: false,
  };
}

/** Thrown where an image is given up because of another failure, which is the one to report. */
export class GivenUp extends CopyFailure {
  constructor() {
    super('interrupted', 'Another part of this image failed.');
  }
}

export function throwIfStopped(job: Job): void {
  if (job.run.options.signal?.aborted === true || job.failed) throw new GivenUp();
}

export function emit(run: Run, event: CopyEvent): void {
  run.options.onEvent?.(event);
}

/** Does all of it side by side, waits for all to end, and throws the first failure in the order of `work`. */
export async function allOf(job: Job, work: readonly (() => Promise<void>)[]): Promise<void> {
  const results = await Promise.allSettled(
    work.map(async (part) => {
      try {
        await part();
      } catch (error) {
        job.failed = true;
        throw error;
      }
    }),
  );
  const failures: unknown[] = results.flatMap((one) => (one.status === 'rejected' ? [one.reason] : []));
  if (failures.length > 0) throw failures.find((error) => !(error instanceof GivenUp)) ?? failures[0];
}
