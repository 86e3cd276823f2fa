import { isDeepStrictEqual } from 'node:util';
import type { Config } from '../../config/index.ts';

/** Milliseconds between two looks. A ConfigMap reaches its volume within a minute anyway. */
const pause = 2000;

/**
 * Reads the configuration again and again until the signal, and tells when it says something else. Looking beats
 * waiting for events here: Kubernetes swaps a link two levels up.
 */
export async function followConfig(
  load: () => Promise<Config>,
  first: Config,
  signal: AbortSignal,
  hear: {
    /** Throws when nothing can start with it; then the old one still counts, and it is tried again. */
    readonly onChange: (config: Config) => Promise<void>;
    readonly onProblem: (error: unknown) => void;
  },
): Promise<void> {
  let current = first;
  let problem: string | null = null;
  while (!signal.aborted) {
    await sleep(signal);
    if (signal.aborted) return;
    try {
      const next = await load();
      if (!isDeepStrictEqual(next, current)) await hear.onChange(next);
      current = next;
      problem = null;
    } catch (error) {
      // Told once, not every few seconds.
      const message = error instanceof Error ? error.message : String(error);
      if (message !== problem) hear.onProblem(error);
      problem = message;
    }
  }
}

function sleep(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const end = (): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', end);
      resolve();
    };
    const timer = setTimeout(end, pause);
    signal.addEventListener('abort', end, { once: true });
  });
}
