import type { CopyStep } from '../plan/index.ts';
import { describeFailure, registryOf } from './failure.ts';
import type { Run } from './job.ts';
import { proven } from './prove-digest.ts';
import type { Resolution } from './resolution.ts';
import type { CopyOutcome, StepNotes } from './types.ts';

/** Without a GET: its platforms are the lock file's, or those that were asked for. */
export function presentOutcome(
  step: CopyStep,
  resolution: Resolution,
  platforms: readonly string[],
  said: Pick<StepNotes, 'problems' | 'warnings'> = { problems: [], warnings: [] },
): CopyOutcome {
  const { digest, tag, moved, origin } = resolution;
  return {
    status: 'present',
    step,
    digest: proven(digest),
    tag,
    platforms,
    origin,
    bytes: 0,
    blobs: { copied: 0, mounted: 0, present: 0 },
    moved,
    problems: said.problems,
    warnings: [...resolution.warnings, ...said.warnings],
  };
}

/** `private` where the source itself asks for credentials and such images are not wanted. */
export function failedOutcome(run: Run, step: CopyStep, error: unknown): CopyOutcome {
  const facts = describeFailure(error, run.options.signal);
  const isPrivate =
    !run.options.includePrivate &&
    (facts.code === 'unauthorized' || facts.code === 'denied') &&
    registryOf(error) === step.source.registry &&
    step.source.registry !== step.backup.registry;
  if (!isPrivate) return { status: 'failed', step, error: facts };
  const message = `${step.canonical} is not publicly pullable: deleted, or private (includePrivate copies private images).`;
  return { status: 'private', step, error: { code: facts.code, message } };
}
