import { type CopyOutcome, openCopies } from '../copy/index.ts';
import type { CopyStep } from '../plan/index.ts';
import { canonicalName, type Digest } from '../reference/index.ts';
import { RegistryError } from '../registry/index.ts';
import { chooseDigest } from './choose-digest.ts';
import type { WatchContext } from './context.ts';
import { digestsOf } from './image-id.ts';
import { Lanes } from './lanes.ts';
import { idsOf } from './ledger.ts';
import { type NeededImage, switchedDigests } from './picture.ts';
import { failureDue, provenDue } from './schedule.ts';
import type { RunningDigest, WatchedImage } from './types.ts';

/** Milliseconds that what is known of the backup is shared between images. */
const sessionTime = 10 * 60_000;

/** The images on their way to the backup: whichever has room is begun, and waits for no other. */
export class Copies {
  readonly #lanes: Lanes;
  #session: { readonly copy: ReturnType<typeof openCopies>; readonly until: number } | null = null;

  /** `onEnd`: one image is done with, and another may have waited for it. */
  constructor(concurrency: number, onEnd: () => void) {
    this.#lanes = new Lanes(concurrency, onEnd);
  }

  /** Begins with what is due. The tags of one repository of the backup are written one image after the other. */
  copy(context: WatchContext): void {
    const now = context.clock.now();
    const due = context.ledger
      .all()
      .filter(({ backup }) => backup.dueAt <= now)
      .toSorted((a, b) => urgency(a) - urgency(b) || (a.canonical < b.canonical ? -1 : 1));
    if (this.#lanes.isIdle()) this.#session = null;
    for (const { canonical, needed } of due)
      this.#lanes.start(placeOf(needed), () => this.#copyOne(canonical, context));
  }

  /** The next moment that something is due. What is due already waits for the end of something else. */
  nextDue({ ledger, clock }: WatchContext): number {
    const now = clock.now();
    return Math.min(...ledger.all().flatMap(({ backup }) => (backup.dueAt > now ? backup.dueAt : [])));
  }

  rest(): Promise<void> {
    return this.#lanes.rest();
  }

  async #copyOne(canonical: string, context: WatchContext): Promise<void> {
    const { ledger, signal, events, clock } = context;
    const image = ledger.get(canonical);
    if (image === undefined) return;
    try {
      const steps = await prepare(image, context);
      const outcomes = steps.length === 0 ? [] : await this.#open(context)(steps);
      if (signal.aborted) return;
      for (const outcome of outcomes)
        events.onCopied(outcome, ledger.get(outcome.step.canonical)?.needed.uses ?? []);
      const now = ledger.get(canonical);
      // Something else runs by now, and was not part of it.
      if (now !== undefined && idsOf(now.needed) !== idsOf(image.needed))
        ledger.change(canonical, { backup: { ...now.backup, dueAt: clock.now() } });
    } catch (error) {
      if (signal.aborted) return;
      events.onProblem(`copying ${canonical}`, error);
      const message = error instanceof Error ? error.message : String(error);
      fail(canonical, { code: 'unexpected', message }, context);
    }
  }

  #open(context: WatchContext): ReturnType<typeof openCopies> {
    const now = context.clock.now();
    if (this.#session === null || this.#session.until <= now)
      this.#session = { copy: openSession(context), until: now + sessionTime };
    return this.#session.copy;
  }
}

function placeOf({ canonical, step }: NeededImage): string {
  return step === null ? canonical : `${step.backup.registry}/${step.backup.repository}`;
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
  const open = registries.open(registry, 'read');
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

function openSession(context: WatchContext): ReturnType<typeof openCopies> {
  const { config, registries, signal } = context;
  return openCopies({
    registries,
    concurrency: config.concurrency,
    platforms: config.platforms,
    updates: 'report',
    includePrivate: config.includePrivate,
    referrers: config.referrers,
    describe: true,
    foreignLayers: config.foreignLayers,
    convertSchema1: config.convertSchema1,
    onEvent: (event) => {
      if (event.kind === 'finished' && !signal.aborted) settle(event.outcome, context);
    },
    signal,
  });
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
  // Upstream may have been asked before it was known what runs; and that it is there says what one is that lets nobody in.
  const { state: said, digest: named } = image.upstream;
  const isOutdated = said === 'private' || (named !== null && named !== (image.locked ?? digest));
  const upstream = isNews && isOutdated ? { upstream: { ...image.upstream, dueAt: now } } : {};
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
