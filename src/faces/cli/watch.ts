import { runDaemon } from '../daemon/index.ts';
import { readSettings } from './execute.ts';
import type { Io } from './io.ts';
import type { Invocation } from './program.ts';

/** The daemon, from the command line: its flags are those of every command. */
export async function watch({ values }: Invocation, io: Io): Promise<void> {
  await runDaemon(
    {
      flags: readSettings(values),
      configFile: typeof values['config'] === 'string' ? values['config'] : null,
      context: typeof values['cluster'] === 'string' ? values['cluster'] : null,
      isVerbose: values['verbose'] === true,
    },
    { env: io.env, cwd: io.cwd, signal: io.signal, write: (line) => io.stdout.write(line) },
  );
}
