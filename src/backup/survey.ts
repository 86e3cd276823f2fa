import { HoldfastError } from '../error.ts';
import { type ImageUse, type Scan, type SourceFile, scanManifests } from '../manifests/index.ts';
import {
  type CopyPlan,
  type CopyPolicy,
  type CopyStep,
  compileJudge,
  type JudgedUse,
  type LockFile,
  mergeSteps,
  parseBackupPrefix,
  parseLock,
  parseNaming,
  planCopies,
} from '../plan/index.ts';
import { type FoundLock, readLock, readManifests } from '../source/index.ts';
import type { Work } from './work.ts';

/** The manifests as they stand, before any registry is asked. */
export interface Survey {
  /** Absolute; the paths of all files are relative to it. */
  readonly root: string;
  readonly files: readonly SourceFile[];
  readonly scan: Scan;
  readonly lockFile: FoundLock;
  readonly lock: LockFile;
}

/** Reads the folder and finds every image in it. */
export async function surveyManifests(work: Work): Promise<Survey> {
  const { config, cwd, paths, signal } = work;
  const reading = await readManifests(paths, { cwd, include: config.paths, ...(signal && { signal }) });
  const found = scanManifests(reading.files, { charts: reading.charts });
  const lockFile = await readLock(reading.root);
  const parsed = parseLock(lockFile.text ?? 'version: 1\n');
  if (!parsed.ok) throw new HoldfastError('config', `${lockFile.name}: ${parsed.problem}.`);
  return {
    root: reading.root,
    files: reading.files,
    scan: { uses: found.uses, skipped: [...reading.skipped, ...found.skipped] },
    lockFile,
    lock: parsed.value,
  };
}

/** What each use is, without asking where its copy would go: `scan` needs no backup. */
export function judgeUses(uses: readonly ImageUse[], work: Work): readonly JudgedUse[] {
  const { backup, exclude } = work.config;
  const judge = compileJudge({ backup: backup === null ? null : demand(parseBackupPrefix(backup)), exclude });
  return uses.map((use) => ({ use, verdict: judge(use) }));
}

/** Every decision that names alone allow. Throws `config` without a backup. */
export function planWork(survey: Survey, work: Work): CopyPlan {
  return planCopies(survey.scan.uses, policyOf(work), survey.lock);
}

export function policyOf({ config }: Work): CopyPolicy {
  if (config.backup === null)
    throw new HoldfastError(
      'config',
      'No backup registry is given: write --backup REGISTRY/PREFIX (such as ghcr.io/acme/backup), ' +
        'or `backup: …` in .holdfast.yaml.',
    );
  return {
    backup: demand(parseBackupPrefix(config.backup)),
    naming: demand(parseNaming(config.naming)),
    exclude: config.exclude,
  };
}

/** Candidates, and what names a backup already: a copy that was lost is made again, a moved tag is told. */
export function stepsOf(plan: CopyPlan): readonly CopyStep[] {
  return mergeSteps([...plan.steps, ...plan.backups.flatMap(({ step }) => (step === null ? [] : [step]))]);
}

function demand<T>(parsed: { ok: true; value: T } | { ok: false; problem: string }): T {
  if (parsed.ok) return parsed.value;
  throw new HoldfastError('config', `${parsed.problem}.`);
}
