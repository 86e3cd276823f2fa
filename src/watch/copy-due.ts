import { type CopyOutcome, copyImages } from '../copy/index.ts';
import type { CopyStep } from '../plan/index.ts';
import { canonicalName, type Digest } from '../reference/index.ts';
import { RegistryError } from '../registry/index.ts';
import { chooseDigest } from './choose-digest.ts';
import type { WatchContext } from './context.ts';
import { digestsOf } from './image-id.ts';
import { switchedDigests } from './picture.ts';
import { failureDue, provenDue } from './schedule.ts';
import type { RunningDigest, WatchedImage } from './types.ts';

/** So many at once, that a new image need not wait for all the others. */
const batchSize = 32;

/** Brings the images that are due to the backup, a batch at a time; answers how many that were. */
export async function copyDue(context: WatchContext): Promise<number> {
  const { ledger, clock } = context;
  const now = clock.now();
  const due = ledger
    .all()
    .filter(({ backup }) => backup.dueAt <= now)
    .toSorted((a, b) => urgency(a) - urgency(b) || (a.canonical < b.canonical ? -1 : 1))
    .slice(0, batchSize);
  if (due.length === 0) return 0;
  const steps: CopyStep[] = [];
  await inParallel(due, context.config.concurrency, async ({ canonical }) => {
    const image = ledger.get(canonical);
    if (image !== undefined) steps.push(...(await prepare(image, context)));
  });
  steps.sort((a, b) => (a.canonical < b.canonical ? -1 : 1));
  if (steps.length > 0) await copy(steps, context);
  return due.length;
}

/** What was never copied goes first, and what failed goes last. */
function urgency({ backup }: WatchedImage): number {
  return backup.state === 'pending' ? 0 : backup.failures === 0 ? 1 : 2;
}

/** The steps of an image: the digest that is locked first, and every other that runs, by digest alone. */
async function prepare(image: WatchedImage, context: WatchContext): Promise<readonly CopyStep[]> {
  const { ledger, signal, identities } = context;
  const { step } = image.needed;
  try {
    if (step === null) {
      await lookUp(image, context);
      return [];
    }
    const running: RunningDigest[] = [];
    const isPinned = step.source.digest !== null;
    for (const [digest, { count, isConfig }] of isPinned ? [] : digestsOf(image.needed.running)) {
      const identity = isConfig
        ? ({ kind: 'config', isWhole: false } as const)
        : await identities.find(step, digest, context);
      running.push({ digest, count, ...identity });
    }
    running.sort((a, b) => b.count - a.count || (a.digest < b.digest ? -1 : 1));
    // With chosen platforms the backup has digests of its own, and no digest that runs is among them.
    const canLock = !isPinned && context.config.platforms === 'all';
    const locked = canLock ? chooseDigest(running, switchedDigests(image.needed)) : null;
    const backup = { ...image.backup, state: 'copying' } as const;
    ledger.change(image.canonical, {
      running,
      locked,
      ...(image.backup.provenAt === null ? { backup } : {}),
    });
    const archived = running
      .filter(({ digest, kind }) => digest !== locked && kind !== 'config' && kind !== 'gone')
      .map(({ digest }) => archive(step, digest));
    return [lockTo(step, locked), ...archived];
  } catch (error) {
    if (!(error instanceof RegistryError)) throw error;
    if (signal.aborted) return [];
    const { code, message } = error;
    fail(image.canonical, { code, message }, context);
    return [];
  }
}

/** A backup that nothing leads back to its source: all that can be said is whether it is there. */
async function lookUp(image: WatchedImage, context: WatchContext): Promise<void> {
  const { ledger, registries, signal, clock } = context;
  const [backup] = image.needed.backups;
  if (backup === undefined) return;
  const { registry, repository, tag, digest } = backup.reference;
  const open = registries.open(registry, 'pull');
  const head = await open.headManifest(repository, digest ?? tag ?? 'latest', signal);
  if (head === null) {
    const message = `${backup.canonical} is not in the backup, and nothing says what it is a copy of.`;
    fail(image.canonical, { code: 'not-found', message }, context);
    return;
  }
  const now = clock.now();
  const state = {
    ...image.backup,
    state: 'present',
    reference: backup.canonical,
    digest: head.digest,
    error: null,
    provenAt: now,
    dueAt: provenDue(now, clock.random()),
    failures: 0,
  } as const;
  const isNews = image.backup.digest !== head.digest;
  ledger.change(image.canonical, { backup: state }, isNews ? `found at ${backup.canonical}` : null);
}

function lockTo(step: CopyStep, digest: Digest | null): CopyStep {
  if (digest === null) return step;
  const { registry, repository } = step.backup;
  const tag = step.source.tag ?? 'latest';
  const backup = `${registry}/${repository}:${tag}`;
  return { ...step, locked: { source: step.canonical, digest, backup, platforms: [] } };
}

/** Without its tag: the plain tag of the backup is for what is locked. */
function archive(step: CopyStep, digest: Digest): CopyStep {
  const source = { ...step.source, tag: null, digest };
  const canonical = canonicalName(source);
  return { ...step, canonical, source: { ...source, written: canonical }, locked: null };
}

async function copy(steps: readonly CopyStep[], context: WatchContext): Promise<void> {
  const { config, registries, signal, events } = context;
  const { concurrency, platforms, includePrivate, referrers, foreignLayers, convertSchema1 } = config;
  const outcomes = await copyImages(steps, {
    registries,
    concurrency,
    platforms,
    updates: 'report',
    includePrivate,
    referrers,
    describe: true,
    foreignLayers,
    convertSchema1,
    onEvent: (event) => {
      if (event.kind === 'finished' && !signal.aborted) settle(event.outcome, context);
    },
    signal,
  });
  if (!signal.aborted)
    for (const outcome of outcomes)
      events.onCopied(outcome, context.ledger.get(outcome.step.canonical)?.needed.uses ?? []);
}

function settle(outcome: CopyOutcome, context: WatchContext): void {
  const { ledger, clock } = context;
  const { canonical, backup: place } = outcome.step;
  const image = ledger.get(canonical);
  if (image === undefined) return;
  if ('error' in outcome) {
    fail(canonical, outcome.error, context, outcome.status);
    return;
  }
  if (outcome.status === 'planned') return;
  const { digest, platforms, bytes, problems, warnings, tag } = outcome;
  const reference = `${place.registry}/${place.repository}:${tag}`;
  const isNews = image.backup.digest !== digest || image.backup.state !== 'present';
  const now = clock.now();
  const backup = {
    state: 'present',
    reference,
    digest,
    platforms: platforms.length > 0 ? platforms : image.backup.platforms,
    bytes: image.backup.bytes + bytes,
    error: null,
    warnings: [...problems, ...warnings],
    provenAt: now,
    dueAt: provenDue(now, clock.random()),
    failures: 0,
  } as const;
  const what = outcome.status === 'copied' ? 'copied to' : 'found at';
  // That it is there says what an upstream is that lets nobody in: gone.
  const asked = { ...image.upstream, dueAt: now };
  const upstream = image.upstream.state === 'private' && isNews ? { upstream: asked } : {};
  ledger.change(canonical, { backup, ...upstream }, isNews ? `${what} ${reference} (${digest})` : null);
}

function fail(
  canonical: string,
  error: { readonly code: string; readonly message: string },
  { ledger, clock }: WatchContext,
  state: 'failed' | 'private' = 'failed',
): void {
  const image = ledger.get(canonical);
  if (image === undefined) return;
  const failures = image.backup.failures + 1;
  const dueAt = failureDue(
    clock.now(),
    state === 'private' ? 'private' : error.code,
    failures,
    clock.random(),
  );
  // What was proven stays in the registry; that it cannot be seen at the moment is told beside it.
  const backup = { ...image.backup, state, error, failures, dueAt };
  ledger.change(canonical, { backup }, `not copied: ${error.message}`);
}

async function inParallel<T>(
  all: readonly T[],
  most: number,
  work: (one: T) => Promise<void>,
): Promise<void> {
  const waiting = [...all];
  const next = async (): Promise<void> => {
    for (let one = waiting.shift(); one !== undefined; one = waiting.shift()) await work(one);
  };
  await Promise.all(Array.from({ length: most }, next));
}
