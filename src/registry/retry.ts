import type { Clock } from './clock.ts';
import type { Pace } from './pace.ts';
import { RegistryError } from './registry-error.ts';
import { backOff, retryBounds } from './retry-policy.ts';
import { StallError } from './stall-error.ts';
import type { RegistryErrorCode } from './types.ts';

/** A failure that another attempt may not meet; `error` is thrown when there is no other attempt. */
export class PassingFailure extends Error {
  readonly error: RegistryError;
  /** Milliseconds that the registry asked us to wait. */
  readonly retryAfter: number | null;
  /**
   * Why the next attempt comes at once: `stale`, a kept connection was closed under us; `refreshed`, the token was
   * renewed. Each at most once: a second `refreshed` is final, a second `stale` is a failure like any other. `smaller`:
   * less is sent at a time, as often as that is worth it.
   */
  readonly free: 'stale' | 'refreshed' | 'smaller' | null;

  constructor(
    error: RegistryError,
    next: { retryAfter?: number | null; free?: PassingFailure['free'] } = {},
  ) {
    super(error.message);
    this.error = error;
    this.retryAfter = next.retryAfter ?? null;
    this.free = next.free ?? null;
  }
}

/** Failures of a registry, not of what was asked. */
const outages: ReadonlySet<RegistryErrorCode> = new Set([
  'unreachable',
  'unavailable',
  'name-not-resolved',
  'tls',
]);

/** The circumstances of attempts at one registry. */
export interface Attempts {
  readonly registry: string;
  readonly clock: Clock;
  readonly pace: Pace;
  readonly signal: AbortSignal | undefined;
  /** At most this many; default `retryBounds.attempts`. */
  readonly most?: number | undefined;
  /**
   * What there is beside it: another place to ask, so that this one is passed over for minutes once it is down, and
   * whoever is told so. Without it, it is asked again after as long as the last attempt took.
   */
  readonly passOver?: ((until: Date, why: string) => void) | undefined;
  readonly isOptional?: boolean;
}

/** Milliseconds for which a place that is down is passed over where there is another one. */
const passOverTime = 5 * 60_000;

/** Runs until it succeeds, fails for good or has used its attempts; bounded in number and time (`retryBounds`). */
export async function withRetries<T>(run: () => Promise<T>, attempts: Attempts): Promise<T> {
  const { registry, clock, pace, signal, passOver } = attempts;
  const start = clock.now();
  const before = pace.successes;
  const freed = new Set<string>();
  let attempt = 1;
  let spent = 0;
  for (;;) {
    let begun = clock.now();
    const { outage } = pace;
    // Told as the failure that was seen: whose image met it first means nothing to a reader.
    if (outage !== null) throw new RegistryError(outage.code, outage.problem, { registry });
    try {
      await pace.turn(signal);
      begun = clock.now();
      const result = await run();
      pace.succeed();
      return result;
    } catch (failure) {
      if (signal?.aborted) throw new RegistryError('interrupted', 'the run was stopped', { registry });
      if (!(failure instanceof PassingFailure)) {
        if (isRefusal(failure, registry)) pace.succeed();
        else if (failure instanceof RegistryError) giveUp(failure, begun);
        throw failure;
      }
      const { error, retryAfter, free } = failure;
      if (free === 'smaller') continue;
      if (free !== null && !freed.has(free)) {
        freed.add(free);
        continue;
      }
      const wish = retryAfter ?? 0;
      if (passOver !== undefined && wish > retryBounds.longestRetryAfterAtMirror) {
        const isNew = pace.outage === null;
        const until = pace.leaveAlone(wish, error);
        if (isNew) passOver(until, error.problem);
        throw withRetryTime(error, until.getTime());
      }
      const delay = Math.max(wish, backOff(attempt, clock));
      spent += delay + Math.min(clock.now() - begun, retryBounds.longestAttempt);
      const isOver =
        free === 'refreshed' ||
        attempt >= mostAttempts(error, attempts) ||
        delay > retryBounds.longestRetryAfter ||
        spent > retryBounds.total;
      if (isOver) {
        giveUp(error, begun);
        throw retryAfter === null ? error : withRetryTime(error, clock.now() + delay);
      }
      attempt += 1;
      if (retryAfter !== null || error.code === 'rate-limited') pace.slowDown(delay, error.message);
      else await pause(delay, attempts);
    }
  }

  /** Others need not learn again, each in all its attempts, that nothing works there. */
  function giveUp(error: RegistryError, begun: number): void {
    if (attempts.isOptional === true) return;
    const isTired = error.code === 'rate-limited' && passOver !== undefined;
    if (!outages.has(error.code) && !isTired) return;
    if (error.registry !== registry || pace.successes !== before) return;
    const took = Math.min(clock.now() - begun, retryBounds.longestAttempt);
    const isNew = pace.outage === null;
    const until = pace.failThrough(start, error, passOver === undefined ? took : passOverTime);
    if (until !== null && isNew) passOver?.(until, error.problem);
  }
}

/** A registry that refuses is there, and well. */
function isRefusal(failure: unknown, registry: string): boolean {
  if (!(failure instanceof RegistryError) || failure.registry !== registry) return false;
  return failure.status !== null && failure.status < 500;
}

function mostAttempts(
  { code, cause }: RegistryError,
  { pace, most = retryBounds.attempts, isOptional }: Attempts,
): number {
  if (pace.isDown) return 1;
  if (isOptional === true) return retryBounds.attemptsAtOptional;
  // A registry that was there before may be starting again; one that was not is misspelt or switched off.
  if (pace.successes > 0) return most;
  if (cause instanceof StallError) return Math.min(most, retryBounds.attemptsAtSilence);
  return code === 'unreachable' ? Math.min(most, retryBounds.attemptsAtStranger) : most;
}

async function pause(delay: number, { registry, pace, signal }: Attempts): Promise<void> {
  try {
    await pace.rest(delay, signal);
  } catch (cause) {
    throw new RegistryError('interrupted', 'the run was stopped', { registry, cause });
  }
}

function withRetryTime(error: RegistryError, time: number): RegistryError {
  const { code, registry, repository, detail } = error;
  const retryAt = new Date(time);
  return new RegistryError(code, `the registry asks to wait until ${retryAt.toISOString()}`, {
    registry,
    repository,
    status: error.status ?? undefined,
    detail: detail ?? undefined,
    retryAt,
  });
}
