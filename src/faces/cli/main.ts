import { type Io, runsInActions } from './io.ts';
import { parseArguments } from './program.ts';
import { findSeedFlag } from './seed-flags.ts';

/** Runs one command line; `argv` is without the program's own name. Returns the exit code of the contract. */
export async function main(argv: readonly string[], given: Io): Promise<number> {
  const io = runsInActions(given.env) ? (await import('./safe-log.ts')).withSafeLog(given) : given;
  const slip = argv[0] === 'watch' ? findSeedFlag(argv) : null;
  if (slip !== null) {
    io.stderr.write(`holdfast: ${slip}\n`);
    return 2;
  }
  const parsed = parseArguments(argv, io);
  if ('exitCode' in parsed) return parsed.exitCode;
  // Loaded only now, so that help and usage errors cost nothing.
  const { run } = await import('./run.ts');
  return run(parsed.invocation, io);
}
