import { HoldfastError } from '../error.ts';
import type { ImageUse } from '../manifests/index.ts';
import { canonicalName, type ImageReference, isUnder, type Parsed } from '../reference/index.ts';
import { planBackupName } from './backup-name.ts';
import { compileJudge, sentence } from './judge.ts';
import { findLocked, nameOf } from './lock-lookup.ts';
import { byPlace, compareText, textKey } from './places.ts';
import { planBackupUses } from './plan-backup-uses.ts';
import type {
  BackupRepository,
  CopyPlan,
  CopyPolicy,
  CopyStep,
  JudgedUse,
  LockFile,
  Verdict,
} from './types.ts';

/**
 * Everything that can be decided from names alone: what each use is, and one step for each canonical source. The
 * order of `uses` does not matter. Throws when two sources would share one repository of the backup.
 */
export function planCopies(uses: readonly ImageUse[], policy: CopyPolicy, lock: LockFile): CopyPlan {
  const judge = compileJudge(policy);
  const findBackup = (reference: ImageReference) => planBackup(reference, policy, lock);
  const judged = uses.map((use) => ({ use, verdict: withBackupName(judge(use), findBackup) }));
  const verdicts = agreeOnSharedText(judged.toSorted((a, b) => byPlace(a.use, b.use)));
  const steps = planSteps(verdicts, findBackup, lock);
  refuseSharedNames(steps, lock);
  return { verdicts, steps, backups: planBackupUses(verdicts, policy, lock) };
}

/** One step for each canonical source, with the uses of all; sorted. For backups that turned out to be missing. */
export function mergeSteps(steps: readonly CopyStep[]): readonly CopyStep[] {
  const merged = new Map<string, CopyStep>();
  for (const step of steps) {
    const known = merged.get(step.canonical);
    const uses = known === undefined ? step.uses : [...known.uses, ...step.uses].toSorted(byPlace);
    merged.set(step.canonical, { ...step, uses });
  }
  return [...merged.values()].toSorted((a, b) => compareText(a.canonical, b.canonical));
}

/** A locked source keeps its place in the backup while that is the backup; else the template names it. */
function planBackup(reference: ImageReference, policy: CopyPolicy, lock: LockFile): Parsed<BackupRepository> {
  const locked = findLocked(lock, canonicalName(reference));
  if (locked !== null) {
    const { registry, repository } = nameOf(locked.backup);
    if (isUnder({ registry, repository }, policy.backup))
      return { ok: true, value: { registry, repository } };
  }
  return planBackupName(reference, policy.backup, policy.naming);
}

type FindBackup = (reference: ImageReference) => Parsed<BackupRepository>;

function withBackupName(verdict: Verdict, findBackup: FindBackup): Verdict {
  if (verdict.state !== 'candidate') return verdict;
  const backup = findBackup(verdict.reference);
  if (backup.ok) return verdict;
  const { reference } = verdict;
  return { state: 'unusable', reference, reason: 'backup-name', explanation: sentence(backup.problem) };
}

/** Uses of one anchor, and of one name, are edited together or not at all. */
function agreeOnSharedText(judged: readonly JudgedUse[]): readonly JudgedUse[] {
  const held = new Map<string, JudgedUse>();
  for (const one of judged) {
    const key = textKey(one.use);
    if (key !== null && one.verdict.state !== 'candidate') held.set(key, one);
  }
  return judged.map(({ use, verdict }) => {
    const other = held.get(textKey(use) ?? '');
    if (verdict.state !== 'candidate' || other === undefined) return { use, verdict };
    const { file, line, field, written } = other.use;
    if (use.together !== undefined) {
      const explanation = `The name of this image is also that of ${written} (${file}:${line}), which is left alone.`;
      return { use, verdict: { ...verdict, state: 'unusable', reason: 'composed', explanation } };
    }
    const explanation = `The anchor of this image is also used at ${field}, which is left alone.`;
    return { use, verdict: { ...verdict, state: 'unusable', reason: 'shared-anchor', explanation } };
  });
}

function planSteps(
  judged: readonly JudgedUse[],
  findBackup: FindBackup,
  lock: LockFile,
): readonly CopyStep[] {
  const steps: CopyStep[] = [];
  for (const { use, verdict } of judged) {
    if (verdict.state !== 'candidate') continue;
    const canonical = canonicalName(verdict.reference);
    const backup = findBackup(verdict.reference);
    if (!backup.ok) continue;
    steps.push({
      canonical,
      source: nameOf(canonical),
      backup: backup.value,
      locked: findLocked(lock, canonical),
      uses: [use],
    });
  }
  return mergeSteps(steps);
}

/** Two repositories in one would overwrite each other's tags, or seem to be each other. */
function refuseSharedNames(steps: readonly CopyStep[], lock: LockFile): void {
  const owners = new Map<string, string>();
  const pairs = [
    ...lock.entries.map((entry) => ({ backup: nameOf(entry.backup), source: nameOf(entry.source) })),
    ...steps,
  ];
  for (const { backup, source } of pairs) {
    const name = `${backup.registry}/${backup.repository}`;
    const from = `${source.registry}/${source.repository}`;
    const owner = owners.get(name);
    if (owner !== undefined && owner !== from)
      throw new HoldfastError(
        'config',
        `${owner} and ${from} would both be kept as ${name}: use --naming '{host}/{path}', exclude one of them, or ` +
          'take the one that is no longer used out of holdfast.lock.yaml',
      );
    owners.set(name, from);
  }
}
