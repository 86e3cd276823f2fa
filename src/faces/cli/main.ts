import type { Io } from './io.ts';
import { parseArguments } from './program.ts';

/** Runs one command line; `argv` is without the program's own name. Returns the exit code of the contract. */
export async function main(argv: readonly string[], io: Io): Promise<number> {
  const parsed = parseArguments(argv, io);
  if ('exitCode' in parsed) return parsed.exitCode;
  // Loaded only now, so that help and usage errors cost nothing.
  const { run } = await import('./run.ts');
  return run(parsed.invocation, io);
}
