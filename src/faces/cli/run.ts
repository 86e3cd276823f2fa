import type { Io } from './io.ts';
import type { Invocation } from './program.ts';

/** Does what was asked, and returns the exit code of the contract. */
export async function run(invocation: Invocation, io: Io): Promise<number> {
  io.stderr.write(`holdfast: ${invocation.command} is not there yet\n`);
  return 2;
}
