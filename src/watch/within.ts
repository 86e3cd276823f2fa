import { setMaxListeners } from 'node:events';

/** Milliseconds that stopped work has to clean up before it is left behind. */
const grace = 2000;

/**
 * Work with a limit in real time, whatever the clock of a test says: it guards connections and child processes. The
 * work's signal is aborted after it; work that does not even end then is waited for no longer.
 */
export async function within<T>(
  milliseconds: number,
  signal: AbortSignal,
  work: (signal: AbortSignal) => Promise<T>,
  late: () => Error,
): Promise<T> {
  const limit = new AbortController();
  const timer = setTimeout(() => limit.abort(), milliseconds);
  const stop = AbortSignal.any([signal, limit.signal]);
  // Every child process and request listens to it.
  setMaxListeners(0, stop);
  let last: NodeJS.Timeout | undefined;
  const left = new Promise<never>((_, reject) => {
    stop.addEventListener('abort', () => {
      last = setTimeout(() => reject(late()), grace);
    });
  });
  try {
    return await Promise.race([work(stop), left]);
  } catch (error) {
    throw limit.signal.aborted ? late() : error;
  } finally {
    clearTimeout(timer);
    clearTimeout(last);
  }
}
