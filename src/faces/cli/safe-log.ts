import { defuse } from '../../report/index.ts';
import type { Io } from './io.ts';

/** Whether a runner of GitHub reads what is written. */
export function runsInActions(env: Io['env']): boolean {
  return env['GITHUB_ACTIONS'] === 'true';
}

/** With a log that gives the runner no commands, where one reads it. */
export function withSafeLog(io: Io): Io {
  if (!runsInActions(io.env)) return io;
  const { stderr } = io;
  return {
    ...io,
    stderr: {
      write: (text) => stderr.write(defuse(text)),
      isTTY: stderr.isTTY,
      columns: stderr.columns,
    },
  };
}
