import PQueue from 'p-queue';
import type { CopyStep } from '../plan/index.ts';
import { Contents, place } from './contents.ts';
import { copyStep } from './copy-step.ts';
import { CopyFailure, codeOf, registryOf } from './failure.ts';
import { findUntagged } from './find-untagged.ts';
import { Flights } from './flights.ts';
import { emit, type Run } from './job.ts';
import { lookAgain, needsLook } from './look-again.ts';
import { failedOutcome, presentOutcome } from './outcomes.ts';
import { planStep } from './plan-step.ts';
import type { Resolution } from './resolution.ts';
import { resolveStep } from './resolve-step.ts';
import { plainTag } from './tags.ts';
import type { CopyOptions, CopyOutcome } from './types.ts';

/** A HEAD weighs little beside a copy; each registry's pool of connections bounds them in the end. */
const questionsPerImage = 4;

/**
 * Copies what is missing in the backup, and tells of each step what became of it, in the order of `steps`. Never
 * throws for an image: one that fails leaves no tag and does not stop the others.
 */
export async function copyImages(steps: readonly CopyStep[], options: CopyOptions): Promise<CopyOutcome[]> {
  return copyAll(startRun(options), steps);
}

/** Most blobs of one image at a time, where images come one by one: none takes all the room. */
const blobsPerImage = 4;

/**
 * The same for images that come one after the other: all share what is known, so that a blob of several is moved once,
 * and none waits for another that is slow. For as long as what is known may be trusted: minutes.
 */
export function openCopies(options: CopyOptions): (steps: readonly CopyStep[]) => Promise<CopyOutcome[]> {
  const run = startRun(options);
  const share = Math.floor(options.registries.connections / options.concurrency);
  const concurrency = Math.max(1, Math.min(blobsPerImage, options.concurrency, share));
  return (steps) => copyAll({ ...run, transfers: new PQueue({ concurrency }) }, steps);
}

function startRun(options: CopyOptions): Run {
  return {
    options,
    contents: new Contents(),
    flights: new Flights(),
    transfers: new PQueue({ concurrency: options.concurrency }),
    sent: new Map(),
    sourceTags: new Map(),
    referrersSeen: new Set(),
    lookups: new PQueue({ concurrency: options.concurrency }),
    learning: { present: [], begun: null, isDone: false },
    pulls: new Map(),
    exhausted: new Map(),
  };
}

async function copyAll(run: Run, steps: readonly CopyStep[]): Promise<CopyOutcome[]> {
  const { concurrency } = run.options;
  const images = new PQueue({ concurrency });
  const questions = new PQueue({ concurrency: concurrency * questionsPerImage });
  const resolutions = new Map<CopyStep, Resolution>();
  const outcomes = new Map<CopyStep, CopyOutcome>();
  const each = async (
    queue: PQueue,
    work: (step: CopyStep) => Promise<CopyOutcome | null>,
  ): Promise<void> => {
    const open = steps.filter((step) => !outcomes.has(step));
    await queue.addAll(
      open.map((step) => async () => {
        const outcome = await endWell(run, step, work);
        if (outcome === null) return;
        outcomes.set(step, outcome);
        emit(run, { kind: 'finished', outcome });
      }),
    );
  };

  // First everything is asked for: what is there already is known when the rest looks for blobs to mount.
  await each(questions, async (step) => {
    const resolution = await resolveStep(run, step);
    resolutions.set(step, resolution);
    if (resolution.state === 'present')
      run.learning.present.push({ at: step.backup, digest: resolution.digest });
    if (resolution.state === 'missing' || needsLook(run, step, resolution)) return null;
    return presentOutcome(
      step,
      resolution,
      step.locked?.digest === resolution.digest ? step.locked.platforms : [],
    );
  });
  const claims = claimTags(resolutions, steps);
  await each(images, async (step) => {
    const resolution = resolutions.get(step);
    return resolution === undefined ? null : bring(run, step, resolution, claims);
  });
  return steps.flatMap((step) => outcomes.get(step) ?? []);
}

/** Turns what was thrown into an outcome. */
async function endWell(
  run: Run,
  step: CopyStep,
  work: (step: CopyStep) => Promise<CopyOutcome | null>,
): Promise<CopyOutcome | null> {
  try {
    run.options.signal?.throwIfAborted();
    return await work(step);
  } catch (error) {
    return failedOutcome(run, step, error);
  }
}

async function bring(
  run: Run,
  step: CopyStep,
  resolution: Resolution,
  claims: ReadonlyMap<string, string>,
): Promise<CopyOutcome> {
  if (resolution.state === 'present') return lookAgain(run, step, resolution);
  const { registry } = step.source;
  await findUntagged(run, step, resolution);
  const used = run.exhausted.get(registry);
  if (used !== undefined && !run.contents.hasManifest(step.backup, resolution.digest))
    throw new CopyFailure(
      'rate-limited',
      `${step.canonical} was not begun, as ${registry} gives no more pulls: ${used}`,
    );
  const isOurs = claims.get(claimOf(step)) === resolution.digest;
  const decided: Resolution = isOurs ? resolution : { ...resolution, plain: 'none' };
  try {
    if (run.options.dryRun === true) return await planStep(run, step, decided);
    emit(run, { kind: 'started', step });
    return await copyStep(run, step, decided);
  } catch (error) {
    // What is left of the pulls is left to others: no further image is begun that only that registry can give.
    const isOver =
      codeOf(error) === 'rate-limited' &&
      registryOf(error) === registry &&
      !run.options.registries.open(registry, 'pull').hasMirrors;
    if (isOver && error instanceof Error) run.exhausted.set(registry, error.message);
    throw error;
  }
}

/** Which digest gets a plain tag that several sources of one run want: that of the first. */
function claimTags(
  resolutions: ReadonlyMap<CopyStep, Resolution>,
  steps: readonly CopyStep[],
): Map<string, string> {
  const claims = new Map<string, string>();
  for (const step of steps) {
    const resolution = resolutions.get(step);
    if (resolution?.plain === 'free' && !claims.has(claimOf(step)))
      claims.set(claimOf(step), resolution.digest);
  }
  return claims;
}

function claimOf(step: CopyStep): string {
  return `${place(step.backup)}:${plainTag(step.source) ?? ''}`;
}
