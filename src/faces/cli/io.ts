import type { Environment } from '../../config/index.ts';

/** Where a face writes. `isTTY` and `columns` are those of the stream, so that a pipe is never mistaken for a terminal. */
export interface Sink {
  write(text: string): unknown;
  readonly isTTY?: boolean | undefined;
  readonly columns?: number | undefined;
}

/** All that the command line knows of its process; tests hand in their own. */
export interface Io {
  readonly stdout: Sink;
  readonly stderr: Sink;
  readonly env: Environment;
  readonly cwd: string;
  /** Aborted when the user asks to stop. */
  readonly signal: AbortSignal;
}

/** Whether a runner of GitHub reads what is written. */
export function runsInActions(env: Io['env']): boolean {
  return env['GITHUB_ACTIONS'] === 'true';
}
