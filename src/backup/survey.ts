import { HoldfastError } from '../error.ts';
import type { ImageUse, Namespaces, Scan, SourceFile } from '../manifests/index.ts';
import {
  type CopyPlan,
  type CopyPolicy,
  type CopyStep,
  compileJudge,
  type JudgedUse,
  type LockFile,
  mergeSteps,
  parseBackupPrefix,
  parseNaming,
  planCopies,
} from '../plan/index.ts';
import { parseImageReference, quote } from '../reference/index.ts';
import type { FoundLock } from '../source/index.ts';
import { openLock } from './open-lock.ts';
import type { Work } from './work.ts';

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

/** Reads the folder, the cluster or the command line, and finds every image there. */
export async function surveyWork(work: Work): Promise<Survey> {
  if (work.images !== undefined) return surveyImages(work, work.images);
  // Loaded only where they are asked for: what reads manifests is a third of the program.
  if (work.cluster !== undefined) {
    const { surveyCluster } = await import('./survey-cluster.ts');
    return surveyCluster(work, work.cluster);
  }
  const { surveyManifests } = await import('./survey-manifests.ts');
  return surveyManifests(work);
}

async function surveyImages({ cwd }: Work, images: readonly string[]): Promise<Survey> {
  const uses = images.map((written, index): ImageUse => {
    const parsed = parseImageReference(written);
    if (!parsed.ok) throw new HoldfastError('usage', `--image ${quote(written)}: ${parsed.problem}.`);
    return {
      file: '--image',
      line: 0,
      column: 0,
      range: [0, 0],
      written,
      layer: 'other',
      field: `[${index}]`,
      workload: { apiVersion: '', kind: '', name: null, namespace: null },
      document: 0,
      podSpec: null,
      hold: null,
      heldBy: null,
    };
  });
  const scan = { uses, skipped: [] };
  return {
    root: cwd,
    files: [],
    around: [],
    read: 0,
    scan,
    notes: [],
    ...(await openLock(cwd)),
  };
}

/** What each use is, without asking where its copy would go: `scan` needs no backup. */
export function judgeUses(survey: Survey, work: Work): readonly JudgedUse[] {
  const { backup, exclude, includeOther } = work.config;
  const prefix = backup === null ? null : demand(parseBackupPrefix(backup));
  const judge = compileJudge({ backup: prefix, exclude, includeOther, ...placesIn(survey) });
  return survey.scan.uses.map((use) => ({ use, verdict: judge(use) }));
}

function placesIn({ namespaces }: Survey): Pick<CopyPolicy, 'placesOf'> {
  if (!namespaces) return {};
  return { placesOf: ({ file, document, workload }) => namespaces.of(file, document, workload) };
}

/** Every decision that names alone allow; the lock file comes before what runs. Throws `config` without a backup. */
export function planWork(survey: Survey, work: Work): CopyPlan {
  const known = new Set(survey.lock.entries.map(({ source }) => source));
  const entries = [...survey.lock.entries];
  for (const entry of work.running ?? []) {
    if (known.has(entry.source)) continue;
    known.add(entry.source);
    entries.push(entry);
  }
  const plan = planCopies(survey.scan.uses, { ...policyOf(work), ...placesIn(survey) }, { entries });
  const { only } = work;
  if (only === undefined) return plan;
  return { ...plan, steps: plan.steps.filter(({ canonical }) => only.has(canonical)) };
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
    includeOther: config.includeOther,
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
