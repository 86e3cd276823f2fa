import type { ImageUse } from '../manifests/index.ts';
import { type CopyPlan, findAddedUses, type ProvenCopy } from '../plan/index.ts';
import {
  type CopyFinding,
  type FileChange,
  type ImageFinding,
  isUnbacked,
  type Problem,
  type Report,
} from '../report/index.ts';
import { copySteps, provenOf } from './copy.ts';
import { toCopyFinding, toImageFinding } from './findings.ts';
import { explainSilence, findUnknown, isSilent } from './judge-names.ts';
import { lookUpBackups } from './look-up-backups.ts';
import { applyEdits, type Edits, planEdits } from './plan-edits.ts';
import { judgeUses, planWork, stepsOf } from './plan-work.ts';
import { blank, nothing, reported } from './reporting.ts';
import type { Survey } from './survey.ts';
import { surveyWork } from './survey-work.ts';
import type { Work } from './work.ts';

export interface ReviewCall {
  /** Folder with the files of the base commit; null when there is none to compare with, so that all counts as new. */
  readonly base: string | null;
  /** Paths from the root that the change touches; null for all. */
  readonly changed: readonly string[] | null;
  /** Whether the change wrote this line; absent where that is not known. */
  readonly isAddedLine?: ((path: string, line: number) => boolean) | undefined;
  /**
   * `names`: no registry is asked, the lock file of the base says what is there. `look`: one HEAD for each backup.
   * `copy`: what is missing is copied and proven first. Where there is a base, a backup that gives no answer is
   * judged by names, too.
   */
  readonly reach: 'names' | 'look' | 'copy';
}

/** `check` of a change. `report.changes` is what would point its images at backups that are there. */
export interface Reviewed {
  readonly report: Report;
  /** Why the backup registry gave no answer, where it was asked for one. */
  readonly silence: string | null;
  /** Whether every registry answered, so that the edits are all that can be suggested. */
  readonly isWhole: boolean;
  /** Whether Pods need a pull secret for what the edits name, be they in another file. */
  readonly needsSecret: boolean;
  /** Whether the change adds this problem of the report. */
  readonly isAdded: (problem: Problem) => boolean;
  /** A sentence for each image that the change itself says to leave alone; in the report's notes, too. */
  readonly excused: readonly string[];
}

/** Looks at what a change touches, and tells what it adds from what was there before. Writes no manifest. */
export async function review(
  work: Work,
  { base, changed, isAddedLine, reach }: ReviewCall,
): Promise<Reviewed> {
  const touched = changed === null ? null : new Set(changed);
  const isTouched = (file: string): boolean => touched === null || touched.has(file);
  const before = base === null ? null : await surveyWork({ ...work, cwd: base });
  const survey = await surveyWork(work);
  const planWith = (lock: Survey['lock']): CopyPlan =>
    restrict(planWork({ ...survey, lock }, work), isTouched);
  // The lock of a change proves nothing of what is there; that of its base was merged.
  const merged = before && planWith(before.lock);
  const plan = reach === 'names' && merged !== null ? merged : planWith(survey.lock);
  const found: Found =
    reach === 'names'
      ? { ...named, copies: findUnknown(plan.backups) }
      : await ask(survey, { plan, merged }, work, reach);
  const images = plan.verdicts.map(toImageFinding);
  const skipped = survey.scan.skipped.filter(({ file }) => isTouched(file));
  const known = before === null ? [] : judgeUses(before, work).map(toImageFinding);
  const excused = before === null ? [] : tellExcused(images, known);
  const parts = reported(survey, found.copies, found.edits, excused);
  return {
    report: { ...blank('check', survey), images, ...parts, skipped },
    silence: found.silence,
    isWhole: found.isWhole,
    needsSecret: found.needsSecret,
    isAdded: compareWith(before, images, known, { isTouched, isAddedLine }),
    excused,
  };
}

/** What counts as new against the base; everything when there is none. */
function compareWith(
  before: Survey | null,
  images: readonly ImageFinding[],
  known: readonly ImageFinding[],
  {
    isTouched,
    isAddedLine,
  }: {
    readonly isTouched: (file: string) => boolean;
    readonly isAddedLine: ReviewCall['isAddedLine'];
  },
): Reviewed['isAdded'] {
  const added = findAddedUses(
    listDependencies(images),
    listDependencies(known).filter(({ file }) => isTouched(file)),
    isAddedLine && (({ file, line }) => isAddedLine(file, line)),
  );
  // A message may name a line, which moves.
  const keyOf = (file: string, message: string): string =>
    JSON.stringify([file, message.replace(/\d+/g, '')]);
  const unread = new Set(before?.scan.skipped.map(({ file, message }) => keyOf(file, message)));
  return ({ use, file, identity }) => (use === null ? !unread.has(keyOf(file, identity)) : added.has(use));
}

/** Images that a comment or an annotation leaves alone since this change: nobody else would say so. */
function tellExcused(images: readonly ImageFinding[], known: readonly ImageFinding[]): readonly string[] {
  const ignored = (findings: readonly ImageFinding[]) =>
    findings.filter(({ reason }) => reason === 'ignored').map(({ use }) => use);
  return [...findAddedUses(ignored(images), ignored(known))].map(
    ({ file, line, written }) =>
      `${file}:${line} ${written} is not looked at, because this change says to leave it alone`,
  );
}

/** The uses that a check looks at: backups, and what should be one. */
function listDependencies(images: readonly ImageFinding[]): readonly ImageUse[] {
  return images.filter((image) => image.state === 'backup' || isUnbacked(image)).map(({ use }) => use);
}

/** The part of a plan that is about these files. A step keeps all of its uses: it is one image, wherever it stands. */
function restrict(plan: CopyPlan, isTouched: (file: string) => boolean): CopyPlan {
  const touches = ({ uses }: { readonly uses: readonly ImageUse[] }): boolean =>
    uses.some(({ file }) => isTouched(file));
  return {
    verdicts: plan.verdicts.filter(({ use }) => isTouched(use.file)),
    steps: plan.steps.filter(touches),
    backups: plan.backups.filter(touches),
  };
}

/** What the registries told. */
interface Found extends Pick<Reviewed, 'silence' | 'isWhole' | 'needsSecret'> {
  readonly copies: readonly CopyFinding[];
  readonly edits: Edits;
}

const named = { edits: nothing, silence: null, isWhole: false, needsSecret: false };

/** `merged`: the plan with the lock file of the base, for a backup that gives no answer; null without a base. */
async function ask(
  survey: Survey,
  { plan, merged }: { readonly plan: CopyPlan; readonly merged: CopyPlan | null },
  work: Work,
  reach: 'look' | 'copy',
): Promise<Found> {
  const there = await lookUpBackups(plan.backups, work);
  const unanswered = new Set(there.flatMap(({ backup, error }) => (isSilent(error) ? [backup] : [])));
  const silence = there.find(({ error }) => isSilent(error))?.error?.message;
  if (merged !== null && silence !== undefined) {
    const unknown = findUnknown(merged.backups).filter(({ backup }) => unanswered.has(backup));
    return {
      ...named,
      copies: [...there.filter(({ backup }) => !unanswered.has(backup)), ...unknown],
      silence,
    };
  }
  const missing = plan.backups.filter((_, index) => there[index]?.error?.code === 'not-found');
  const steps = stepsOf({ ...plan, backups: reach === 'copy' ? missing : [] });
  try {
    const outcomes = await copySteps(steps, work, { dryRun: reach === 'look' });
    const backups = reach === 'copy' && missing.length > 0 ? await lookUpBackups(plan.backups, work) : there;
    const made = outcomes.map(toCopyFinding);
    // What was copied for a manifest that names it is told once.
    const done = new Set(made.flatMap(({ backup, error }) => (error === null ? [backup] : [])));
    const others = backups.filter(({ backup, error }) => error !== null || !done.has(backup));
    const copies = [...made, ...others];
    const isWhole = !copies.some(({ error }) => isSilent(error));
    return { copies, silence: null, isWhole, ...suggest(survey, plan, provenOf(outcomes), work) };
  } catch (error) {
    const why = merged && explainSilence(error);
    if (why === null) throw error;
    return { ...named, copies: there, silence: why };
  }
}

/** The edits of `rewrite`, in the files of the change, for what is proven to be there. */
function suggest(
  survey: Survey,
  plan: CopyPlan,
  proven: readonly ProvenCopy[],
  work: Work,
): Pick<Found, 'edits' | 'needsSecret'> {
  const files = new Set(plan.verdicts.map(({ use }) => use.file));
  const edited = applyEdits(survey.files, planEdits(survey, plan, proven, work).files);
  return {
    edits: {
      changes: edited.changes.filter(({ path }: FileChange) => files.has(path)),
      edits: edited.edits.filter(({ file }) => files.has(file)),
      refused: [],
    },
    needsSecret: edited.edits.some(({ pullSecret }) => pullSecret),
  };
}
