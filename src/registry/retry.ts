import type { Clock } from './clock.ts';
import type { Pace } from './pace.ts';
import { RegistryError } from './registry-error.ts';
import { backOff, retryBounds } from './retry-policy.ts';

/** A failure that another attempt may not meet; `error` is thrown when there is no other attempt. */
export class PassingFailure extends Error {
  readonly error: RegistryError;
  /** Milliseconds that the registry asked us to wait. */
  readonly retryAfter: number | null;
  /**
   * Why the next attempt comes at once: `stale`, a kept connection was closed under us; `refreshed`, the token was
   * renewed. Each at most once: a second `refreshed` is final, a second `stale` is a failure like any other.
   */
  readonly free: 'stale' | 'refreshed' | null;

  constructor(
    error: RegistryError,
    next: { retryAfter?: number | null; free?: 'stale' | 'refreshed' | null } = {},
  ) {
    super(error.message);
    this.error = error;
    this.retryAfter = next.retryAfter ?? null;
    this.free = next.free ?? null;
  }
}

/** The circumstances of attempts at one registry. */
export interface Attempts {
  readonly registry: string;
  readonly clock: Clock;
  readonly pace: Pace;
  readonly signal: AbortSignal | undefined;
  /** At most this many; default `retryBounds.attempts`. */
  readonly most?: number | undefined;
}

/** Runs until it succeeds, fails for good or has used its attempts; bounded in number and time (`retryBounds`). */
export async function withRetries<T>(run: () => Promise<T>, attempts: Attempts): Promise<T> {
  const { registry, clock, pace, signal } = attempts;
  const start = clock.now();
  const most = attempts.most ?? retryBounds.attempts;
  const freed = new Set<string>();
  let attempt = 1;
  for (;;) {
    try {
      await pace.turn(signal);
      const result = await run();
      pace.isDown = false;
      return result;
    } catch (failure) {
      if (signal?.aborted) throw new RegistryError('interrupted', 'the run was stopped', { registry });
      if (!(failure instanceof PassingFailure)) throw failure;
      const { error, retryAfter, free } = failure;
      if (free !== null && !freed.has(free)) {
        freed.add(free);
        continue;
      }
      const delay = Math.max(retryAfter ?? 0, backOff(attempt, clock));
      const isOver =
        free === 'refreshed' ||
        attempt >= (pace.isDown ? 1 : most) ||
        delay > retryBounds.longestRetryAfter ||
        clock.now() + delay - start > retryBounds.total;
      if (isOver) {
        // Others need not learn again, each in all its attempts, that nobody listens there.
        if (error.code === 'unreachable') pace.isDown = true;
        throw retryAfter === null ? error : withRetryTime(error, clock.now() + delay);
      }
      attempt += 1;
      if (retryAfter !== null || error.code === 'rate-limited') pace.slowDown(delay, error.message);
      else await pause(delay, attempts);
    }
  }
}

async function pause(delay: number, { registry, clock, signal }: Attempts): Promise<void> {
  try {
    await clock.sleep(delay, signal);
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
