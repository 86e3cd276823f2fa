import { rewriteManifest, type SourceFile, type TextEdit, type Unread } from '../manifests/index.ts';
import {
  type CopyPlan,
  explainLeft,
  type FilePlan,
  findBackedUses,
  type KnownCopy,
  planChartSwitches,
  planFiles,
  planRewrites,
  type Rewrite,
} from '../plan/index.ts';
import type { Digest } from '../reference/index.ts';
import type { FileChange } from '../report/index.ts';
import { findStrayed } from './strayed.ts';
import type { Survey } from './survey.ts';
import { surveyPullSecrets } from './survey-pull-secrets.ts';
import type { Work } from './work.ts';

/** The edits of a run as text, not yet written anywhere. */
export interface Edits {
  readonly changes: readonly FileChange[];
  readonly edits: readonly TextEdit[];
  /** Files that could not be edited safely, and so are left as they are. */
  readonly refused: readonly Unread[];
}

/** What shall become of the files, and what a person must know of it. */
export interface EditPlan<D extends Digest> {
  readonly rewrites: readonly Rewrite<D>[];
  readonly files: readonly FilePlan[];
  readonly notes: readonly string[];
}

/** What the manifests shall say, with the pull secrets that this takes. `D` carries the proof, or does not. */
export function planEdits<D extends Digest>(
  survey: Survey,
  plan: CopyPlan,
  copies: readonly KnownCopy<D>[],
  { config }: Work,
): EditPlan<D> {
  const backups = new Set(plan.backups.flatMap(({ uses }) => uses));
  // What names a backup was written by us or by a person; only a moved source, or a moved tag, is a reason to change it.
  const strayed = new Set(copies.flatMap((copy) => findStrayed(survey, plan.backups, copy)?.uses ?? []));
  const rewrites = planRewrites(copies, config.pin).filter(
    ({ use }) => config.updates === 'propose' || !backups.has(use) || strayed.has(use),
  );
  const known = new Set(copies.map(({ step }) => step.canonical));
  const there = plan.backups.filter(({ step }) => step !== null && known.has(step.canonical));
  const backed = findBackedUses(there, rewrites);
  const pullSecrets = surveyPullSecrets(survey, backed, config.pullSecret);
  const charts = planChartSwitches(rewrites, survey.files);
  const candidates = new Set(
    plan.verdicts.flatMap(({ use, verdict }) => (verdict.state === 'candidate' ? use : [])),
  );
  const notes = [...explainLeft(copies, candidates), ...charts.notes, ...pullSecrets.notes];
  return { rewrites, files: planFiles(rewrites, pullSecrets, charts.switches), notes };
}

/** Makes the edits in memory, file by file; one that would not come out right is refused whole. */
export function applyEdits(sources: readonly SourceFile[], plans: readonly FilePlan[]): Edits {
  const byPath = new Map(sources.map((file) => [file.path, file]));
  const changes: FileChange[] = [];
  const edits: TextEdit[] = [];
  const refused: Unread[] = [];
  for (const { file: path, change } of plans) {
    const file = byPath.get(path);
    if (file === undefined) continue;
    const rewritten = rewriteManifest(file, change);
    if (!rewritten.ok) {
      refused.push({ file: path, line: rewritten.line, reason: 'not-edited', message: rewritten.problem });
    } else if (rewritten.text !== file.text) {
      changes.push({ path, before: file.text, after: rewritten.text });
      edits.push(...rewritten.edits);
    }
  }
  return { changes, edits, refused };
}
