import type { CopyStep } from '../plan/index.ts';
import type { Digest } from '../reference/index.ts';
import { RegistryError } from '../registry/index.ts';
import type { WatchContext } from './context.ts';
import { headIfThere } from './identify.ts';
import { digestsOf } from './image-id.ts';
import { Lanes } from './lanes.ts';
import { openSource } from './open-source.ts';
import type { NeededImage } from './picture.ts';
import type { UpstreamState, UpstreamStatus, WatchedImage } from './types.ts';

const minute = 60_000;
/** Between two HEADs to one registry, in milliseconds. */
const pace = 250;
const rateLimitPause = 30 * minute;
/** Whatever a registry says: a wrong number, heard once, must not blind us for a year. */
const longestPause = 2 * 60 * minute;

/** Paced per registry: each is asked one thing at a time, and rests after it was told to. */
export class UpstreamWatch {
  readonly #rests = new Map<string, number>();
  readonly #lanes: Lanes;
  readonly #onNews: () => void;

  /** `onNews`: something changed, or a registry is done with. */
  constructor(onNews: () => void) {
    this.#onNews = onNews;
    this.#lanes = new Lanes(Number.POSITIVE_INFINITY, onNews);
  }

  /** Begins with the registries that have something due; none waits for another. */
  look(context: WatchContext): void {
    const registries = new Set(
      context.ledger.all().flatMap((image) => this.#registryIfDue(image, context) ?? []),
    );
    for (const registry of registries) this.#lanes.start(registry, () => this.#lookAt(registry, context));
  }

  /** The next moment that something is due. What is due already waits for the end of something else. */
  nextDue({ ledger, clock }: WatchContext): number {
    const now = clock.now();
    return Math.min(
      ...ledger.all().flatMap(({ needed, upstream }) => {
        const registry = needed.step?.source.registry;
        const at = Math.max(upstream.dueAt, this.#rests.get(registry ?? '') ?? 0);
        return registry === undefined || at <= now ? [] : at;
      }),
    );
  }

  rest(): Promise<void> {
    return this.#lanes.rest();
  }

  #registryIfDue({ needed, upstream }: WatchedImage, { clock }: WatchContext): string | null {
    const registry = needed.step?.source.registry;
    const now = clock.now();
    if (registry === undefined || upstream.dueAt > now) return null;
    return (this.#rests.get(registry) ?? 0) > now ? null : registry;
  }

  /** One after the other, what was never asked for first, until nothing is due. */
  async #lookAt(registry: string, context: WatchContext): Promise<void> {
    const { clock, signal, ledger, events } = context;
    try {
      for (;;) {
        const due = ledger.all().filter((image) => this.#registryIfDue(image, context) === registry);
        const next = due.find(({ upstream }) => upstream.state === 'unknown') ?? due[0];
        if (next === undefined) return;
        await this.#lookAtOne(registry, next, context);
        await clock.sleep(pace, signal);
      }
    } catch (error) {
      if (signal.aborted) return;
      this.#rests.set(registry, clock.now() + minute);
      events.onProblem(`watching ${registry}`, error);
    }
  }

  async #lookAtOne(registry: string, { canonical }: WatchedImage, context: WatchContext): Promise<void> {
    const { ledger, clock, signal, config, events } = context;
    const step = ledger.get(canonical)?.needed.step;
    if (!step) return;
    const { repository, tag, digest } = step.source;
    const source = openSource(registry, context);
    const settle = (part: Partial<UpstreamState>, wait: number): void => {
      const image = ledger.get(canonical);
      if (image === undefined) return;
      const before = image.upstream;
      const now = clock.now();
      const dueAt = now + wait * (0.9 + 0.2 * clock.random());
      const upstream = { ...before, problem: null, ...part, checkedAt: now, dueAt };
      ledger.change(canonical, { upstream }, before.state === upstream.state ? null : describe(upstream));
      if (before.state === upstream.state) return;
      events.onUpstream(canonical, before, upstream, image.needed.uses);
      this.#onNews();
    };
    const usual = config.watch.upstreamMinutes * minute;
    try {
      const head = await source.headManifest(repository, digest ?? tag ?? 'latest', signal, 'itself');
      const image = ledger.get(canonical);
      if (image === undefined) return;
      if (head === null) return settle({ state: 'gone', digest: null, problem: 'It is not there.' }, usual);
      const kept = image.locked ?? image.backup.digest;
      const state =
        kept !== null && kept !== head.digest && config.platforms === 'all' ? 'moved' : 'available';
      settle({ state, digest: head.digest }, usual);
      // Nothing says that another digest runs: what the tag names now is what the next Pod pulls.
      if (state === 'moved' && image.locked === null)
        ledger.change(canonical, { backup: { ...image.backup, dueAt: clock.now() } });
      await lookAtRunning(step, image, head.digest, context);
    } catch (error) {
      if (signal.aborted) return;
      if (!(error instanceof RegistryError)) throw error;
      const image = ledger.get(canonical);
      if (image === undefined) return;
      const state = stateOf(error, image);
      if (state === 'rate-limited') this.#rests.set(registry, restUntil(error, clock.now()));
      // A registry that is down is not asked for each of its images in turn.
      if (state === 'unreachable') this.#rests.set(registry, clock.now() + minute);
      const passing = state === 'rate-limited' || state === 'unreachable';
      settle({ state, problem: error.message }, passing ? minute : usual);
    }
  }
}

function restUntil({ retryAt }: RegistryError, now: number): number {
  return Math.min(retryAt?.getTime() ?? now + rateLimitPause, now + longestPause);
}

/**
 * Docker Hub answers 401 for a repository that was deleted: what could be pulled without credentials once, and cannot
 * any more, is gone. That it could, its copy says, or that it runs where nothing says that it was pulled with credentials.
 */
function stateOf({ code }: RegistryError, { backup, needed }: WatchedImage): UpstreamStatus {
  switch (code) {
    case 'rate-limited':
      return 'rate-limited';
    case 'not-found':
      return 'gone';
    case 'unauthorized':
    case 'denied':
      return backup.digest !== null || wasPulled(needed) ? 'gone' : 'private';
    default:
      return 'unreachable';
  }
}

/**
 * Registries that serve what is public to anybody, and to which nodes do not log in by themselves. Any other may ask
 * everybody for credentials that nodes have (KEP-2133, containerd's hosts): that something runs proves nothing there.
 */
const servesAnybody =
  /^(?:docker\.io|quay\.io|ghcr\.io|lscr\.io|registry\.k8s\.io|registry\.gitlab\.com|public\.ecr\.aws|mcr\.microsoft\.com|docker\.elastic\.co)$/;

function wasPulled({ running, withSecret, uses, step }: NeededImage): boolean {
  if (!servesAnybody.test(step?.source.registry ?? '')) return false;
  const freely = new Map([...running].filter(([id]) => !withSecret.has(id)));
  return digestsOf(freely).size > 0 && uses.every(({ pull }) => pull.secrets.length === 0);
}

/**
 * What runs may be gone although the tag is there, as it moved on: whoever needs it again does not get it. That is
 * what "moved away" means, and `failover` proposes it.
 */
async function lookAtRunning(
  step: CopyStep,
  { canonical, running }: WatchedImage,
  named: Digest,
  context: WatchContext,
): Promise<void> {
  const { signal, clock, identities, ledger, events } = context;
  const source = openSource(step.source.registry, context);
  for (const { digest, kind } of running) {
    if (kind === 'config' || step.source.digest !== null) continue;
    let isThere = digest === named;
    if (!isThere) {
      await clock.sleep(pace, signal);
      isThere = (await headIfThere(source, step.source.repository, digest, signal, 'itself')) !== null;
    }
    const identity = identities.see(step, digest, isThere);
    const image = ledger.get(canonical);
    if (image === undefined) return;
    // It is there, and nobody knows what it is: the next copy asks.
    if (isThere && identity.kind === 'gone')
      ledger.change(canonical, { backup: { ...image.backup, dueAt: clock.now() } });
    if (identity.kind === kind) continue;
    const now = image.running.map((one) => (one.digest === digest ? { ...one, ...identity } : one));
    ledger.change(
      canonical,
      { running: now },
      `${digest}, which runs, is ${isThere ? 'at upstream again' : 'no longer at upstream'}`,
    );
    if (!isThere) events.onLost(canonical, digest, image.needed.uses);
  }
}

function describe({ state, digest, problem }: UpstreamState): string {
  switch (state) {
    case 'available':
      return 'upstream has it';
    case 'moved':
      return `upstream moved the tag on to ${digest}`;
    case 'gone':
      return `upstream no longer has it: ${problem}`;
    case 'private':
      return 'upstream asks for credentials';
    case 'rate-limited':
      return 'upstream limits how often it is asked';
    case 'unreachable':
      return `upstream cannot be asked: ${problem}`;
    case 'unknown':
      return 'upstream was not asked yet';
  }
}
