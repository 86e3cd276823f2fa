import type { Io } from '../../src/faces/cli/io.ts';
import { main } from '../../src/faces/cli/main.ts';

export interface CliRun {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** The command line in this process, with streams that are kept; a pipe unless `terminal` is said. */
export async function runCli(
  argv: readonly string[],
  options: {
    readonly cwd?: string;
    readonly env?: Readonly<Record<string, string>>;
    readonly terminal?: boolean;
    readonly signal?: AbortSignal;
  } = {},
): Promise<CliRun> {
  const written = { stdout: '', stderr: '' };
  const sink = (name: 'stdout' | 'stderr') => ({
    write(text: string) {
      written[name] += text;
    },
    isTTY: options.terminal ?? false,
    columns: 100,
  });
  const io: Io = {
    stdout: sink('stdout'),
    stderr: sink('stderr'),
    env: options.env ?? {},
    cwd: options.cwd ?? import.meta.dirname,
    signal: options.signal ?? new AbortController().signal,
  };
  const exitCode = await main(argv, io);
  return { exitCode, ...written };
}
