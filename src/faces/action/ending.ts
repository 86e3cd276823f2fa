import type { Problem, Report } from '../../report/index.ts';

/** What a run leaves to tell. */
export interface Ending {
  readonly report: Report;
  /** Why the step fails; null when it passes. */
  readonly failure: string | null;
  readonly dryRun: boolean;
  /** What a check found: errors are what it fails for, what the change adds comes first. */
  readonly problems?: readonly Problem[];
}
