import { type CopyFinding, isUnknown, type Report } from '../report/index.ts';
import type { Edits } from './plan-edits.ts';
import type { Survey } from './survey.ts';

export const nothing: Edits = { changes: [], edits: [], refused: [] };

export function blank(command: Report['command'], { root, read, live, scan, notes }: Survey): Report {
  return {
    command,
    root,
    files: read,
    ...(live && { live }),
    images: [],
    copies: [],
    edits: [],
    changes: [],
    skipped: scan.skipped,
    proposals: [],
    backups: [],
    prunings: [],
    shards: [],
    notes,
    attention: false,
  };
}

/** The part of a report that work adds. What failed, was refused or could not be read needs a person. */
export function reported(
  survey: Survey,
  copies: readonly CopyFinding[],
  { changes, edits, refused }: Edits,
  moreNotes: readonly string[],
): Pick<Report, 'copies' | 'changes' | 'edits' | 'skipped' | 'notes' | 'attention'> {
  const failed = copies.some(
    ({ status, problems }) => status === 'failed' || status === 'private' || problems.length > 0,
  );
  const skipped = [...survey.scan.skipped, ...refused];
  const notes = [...survey.notes, ...moreNotes];
  return { copies, changes, edits, skipped, notes, attention: failed || skipped.some(isUnknown) };
}
