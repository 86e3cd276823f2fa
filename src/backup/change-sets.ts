import { describeImage } from '../copy/index.ts';
import { groupOf, type ProposeOptions } from '../forge/index.ts';
import type { TextEdit } from '../manifests/index.ts';
import {
  assembleChangeSet,
  type ChangedFile,
  type ChangeSet,
  type CopyPlan,
  editedFile,
  formatLock,
  type KnownCopy,
  mergeLock,
} from '../plan/index.ts';
import type { Digest } from '../reference/index.ts';
import { type FileChange, type Report, renderPullRequest } from '../report/index.ts';
import { applyEdits, type EditPlan, type Edits, planEdits } from './plan-edits.ts';
import type { Survey } from './survey.ts';
import type { Work } from './work.ts';

/** How requests are made, how many there may be, and what is in one; no limit when absent or null. */
export type ProposeWork = ProposeOptions & {
  readonly group: 'repository' | 'directory';
  readonly maxRequests?: number | null;
  readonly maxFiles?: number | null;
  readonly maxImages?: number | null;
};

/** All that a run found out, before it is parted into requests. */
export interface Findings<D extends Digest> {
  readonly survey: Survey;
  readonly planned: CopyPlan;
  readonly copies: readonly KnownCopy<D>[];
  readonly work: Work;
}

/** The edits that some of the copies take. */
export type Edited<D extends Digest> = EditPlan<D> & { readonly edits: Edits };

/** What one request changes, and how much waits for the one after it. */
export interface Part<D extends Digest> {
  readonly set: ChangeSet<D>;
  /** Of manifests alone. */
  readonly changes: readonly FileChange[];
  readonly edits: readonly TextEdit[];
  readonly waiting: { readonly images: number; readonly files: number };
}

export function editFor<D extends Digest>(
  { survey, planned, work }: Findings<D>,
  copies: readonly KnownCopy<D>[],
): Edited<D> {
  const plan = planEdits(survey, planned, copies, work);
  return { ...plan, edits: applyEdits(survey.files, plan.files) };
}

/** One part for the repository, or one for each directory that changes; by group. `edited`: for all copies. */
export async function assembleParts<D extends Digest>(
  findings: Findings<D>,
  edited: Edited<D>,
  report: Report,
  options: ProposeWork,
): Promise<ReadonlyMap<string | null, Part<D>>> {
  const groups =
    options.group === 'repository'
      ? [null]
      : [...new Set(edited.edits.changes.map(({ path }) => groupOf(path)))].toSorted();
  const parts = new Map<string | null, Part<D>>();
  for (const group of groups) {
    const inside = (path: string): boolean => group === null || groupOf(path) === group;
    const limited = limit(findings, edited, inside, options);
    parts.set(group, await assemblePart(findings, group, limited, report, options));
  }
  return parts;
}

/** The part of all edits that goes into one request. */
interface Limited<D extends Digest> extends Pick<Part<D>, 'changes' | 'waiting'> {
  readonly edited: Edited<D>;
  readonly inside: (path: string) => boolean;
  /** Those that are moved, in the request or a later one. */
  readonly waitingSources: ReadonlySet<string>;
}

/**
 * The first images by name, and of what is left the first manifests by path: the same in every run, until the request
 * is merged. A file that changes for its pull secrets alone does not wait for the others.
 */
function limit<D extends Digest>(
  findings: Findings<D>,
  whole: Edited<D>,
  inside: (path: string) => boolean,
  { maxImages, maxFiles }: ProposeWork,
): Limited<D> {
  const sources = listMoved(findings, whole, inside);
  let most = maxImages ?? sources.length;
  let late = new Set(sources.slice(most));
  let edited = leaveOut(late, findings, whole);
  // Images of one name are moved together: where there are more of them than the limit, they would wait for ever.
  while (late.size > 0 && listManifests(edited, inside).length === 0) {
    most += 1;
    late = new Set(sources.slice(most));
    edited = leaveOut(late, findings, whole);
  }
  const manifests = listManifests(edited, inside);
  const all = listManifests(whole, inside);
  const lateFiles = new Set(manifests.slice(maxFiles ?? manifests.length));
  const now = (path: string): boolean => inside(path) && !lateFiles.has(path);
  const done = new Set(listMoved(findings, edited, now));
  return {
    edited,
    inside,
    changes: edited.edits.changes.filter(({ path }) => now(path)),
    waitingSources: late,
    waiting: {
      images: sources.filter((source) => !done.has(source)).length,
      files: all.filter((path) => lateFiles.has(path) || !manifests.includes(path)).length,
    },
  };
}

function leaveOut<D extends Digest>(
  late: ReadonlySet<string>,
  findings: Findings<D>,
  whole: Edited<D>,
): Edited<D> {
  if (late.size === 0) return whole;
  const copies = findings.copies.filter(({ step }) => !late.has(step.canonical));
  return editFor(findings, copies);
}

/** Manifests whose images change, sorted. */
function listManifests<D extends Digest>({ rewrites, edits }: Edited<D>, inside: (path: string) => boolean) {
  const moved = new Set(rewrites.map(({ use }) => editedFile(use)));
  return edits.changes.map(({ path }) => path).filter((path) => moved.has(path) && inside(path));
}

/** Sources that these edits move to the backup, sorted. */
function listMoved<D extends Digest>(
  { copies }: Findings<D>,
  { rewrites, edits }: Edited<D>,
  inside: (path: string) => boolean,
): string[] {
  const changed = new Set(edits.changes.map(({ path }) => path).filter(inside));
  const uses = new Set(rewrites.map(({ use }) => use).filter((use) => changed.has(editedFile(use))));
  const moved = copies.filter(({ step }) => step.uses.some((use) => uses.has(use)));
  return moved.map(({ step }) => step.canonical).toSorted();
}

async function assemblePart<D extends Digest>(
  { survey, copies, work }: Findings<D>,
  group: string | null,
  { edited, inside, changes, waiting, waitingSources }: Limited<D>,
  report: Report,
  options: ProposeWork,
): Promise<Part<D>> {
  // An image of a file that was refused is not pointed at its backup, and so is no part of the evidence.
  const changed = new Set(changes.map(({ path }) => path));
  const rewrites = edited.rewrites.filter(({ use }) => changed.has(editedFile(use)));
  const moved = new Set(rewrites.map(({ use }) => use));
  const named = copies.filter(({ step }) => step.uses.some((use) => moved.has(use)));
  const lock: ChangedFile = {
    path: survey.lockFile.name,
    before: survey.lockFile.text,
    after: formatLock(mergeLock(survey.lock, named)),
  };
  // The lock alone is no reason for a request.
  const files = changes.length === 0 ? [] : [...changes, lock];
  const images = report.images.filter(({ use }) => inside(editedFile(use)));
  const sources = new Set(images.map(({ canonical }) => canonical));
  const set = assembleChangeSet({
    files,
    copies,
    rewrites,
    others: [
      lock.path,
      ...edited.files.filter(({ change }) => change.images.length === 0).map(({ file }) => file),
    ],
    ...renderPullRequest({
      group,
      report: {
        ...report,
        changes,
        images,
        copies: report.copies.filter(({ source }) => sources.has(source) && !waitingSources.has(source)),
        skipped: report.skipped.filter(({ file }) => inside(file)),
      },
      lockFile: lock.path,
      pin: work.config.pin,
      moves: named.flatMap(({ step }) =>
        step.uses.flatMap((use) => (moved.has(use) ? [{ source: step.canonical, use }] : [])),
      ),
      pullSecret: work.config.pullSecret?.name ?? null,
      sizes: options.dryRun ? new Map() : await measure(named, work),
      waiting,
    }),
  });
  return { set, changes, edits: edited.edits.edits.filter(({ file }) => changed.has(file)), waiting };
}

/** Bytes of each image, from the backup: what a copy had to move differs from run to run. */
async function measure(
  copies: readonly KnownCopy<Digest>[],
  { registries, signal }: Work,
): Promise<ReadonlyMap<string, number>> {
  const sizes = new Map<string, number>();
  for (const { step, digest } of copies) {
    const registry = registries.open(step.backup.registry, 'push');
    const { bytes } = await describeImage(registry, step.backup.repository, digest, signal);
    sizes.set(step.canonical, bytes);
  }
  return sizes;
}
