import type { CopyOutcome } from '../copy/index.ts';
import type { JudgedUse } from '../plan/index.ts';
import { canonicalName } from '../reference/index.ts';
import type { CopyFinding, ImageFinding } from '../report/index.ts';

/** What was decided about one use, as it is reported. */
export function toImageFinding({ use, verdict }: JudgedUse): ImageFinding {
  const left = 'reason' in verdict ? verdict : null;
  return {
    use,
    canonical: verdict.reference === null ? null : canonicalName(verdict.reference),
    state: verdict.state,
    reason: left?.reason ?? null,
    explanation: left?.explanation ?? null,
    // Line 0 is a live object, which nobody edits.
    editable: use.hold === null && use.line > 0,
  };
}

/** What became of one copy, as it is reported. */
export function toCopyFinding(outcome: CopyOutcome): CopyFinding {
  const { step } = outcome;
  const place = `${step.backup.registry}/${step.backup.repository}`;
  const nothing = { platforms: [], bytes: 0, blobs: { copied: 0, mounted: 0, present: 0 } };
  const said = { source: step.canonical, moved: null, problems: [], warnings: [], error: null, digest: null };
  if ('error' in outcome)
    return { ...nothing, ...said, backup: place, status: outcome.status, error: outcome.error };
  const { digest, moved, problems, warnings, tag } = outcome;
  const backup = `${place}:${tag}`;
  if (outcome.status === 'planned')
    return { ...nothing, ...said, backup, status: 'planned', digest, moved, problems, warnings };
  const { status, platforms, bytes, blobs } = outcome;
  return { ...said, backup, status, digest, platforms, bytes, blobs, moved, problems, warnings };
}
