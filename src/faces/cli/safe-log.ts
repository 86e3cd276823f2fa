import { defuse } from '../../report/index.ts';
import type { Io } from './io.ts';

/** With a log that gives the runner of a job no commands. */
export function withSafeLog(io: Io): Io {
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
