import { formatJson, printable, type Report } from '../../report/index.ts';
import { describeFailure, formatDetails } from '../failure.ts';
import type { Io } from './io.ts';
import { perform, show } from './present.ts';
import type { Invocation } from './program.ts';
import { openSession, type Session } from './session.ts';

/** Does what was asked, and returns the exit code of the contract. */
export async function run(invocation: Invocation, io: Io): Promise<0 | 1 | 2> {
  const session = openSession(invocation, io);
  const onAbort = () => io.stderr.write('holdfast: stopping; once more to quit at once\n');
  // The daemon says so in its log, which is JSON alone.
  if (invocation.command !== 'watch') io.signal.addEventListener('abort', onAbort, { once: true });
  try {
    if (invocation.command === 'demo') {
      const { runDemo } = await import('./demo.ts');
      return await runDemo(invocation, session, io);
    }
    if (invocation.command === 'secret') {
      const { runSecret } = await import('./secret.ts');
      return await runSecret(invocation, io);
    }
    if (invocation.command === 'watch') {
      const { watch } = await import('./watch.ts');
      await watch(invocation, io);
      return 0;
    }
    const report = await perform(invocation, session, io);
    show(report, session, io);
    // What prune reads are lock files and histories, wherever they are.
    if (invocation.command !== 'prune' && isEmpty(report)) {
      const where = invocation.paths.join(', ') || 'this folder';
      io.stderr.write(
        report.live === true
          ? 'holdfast: the cluster shows no object that holds an image: check its context, and what its account may list\n'
          : `holdfast: no manifest with an image found in ${where}; name the folder that holds them\n`,
      );
      return 2;
    }
    return report.attention ? 1 : 0;
  } catch (error) {
    showFailure(error, session, io);
    return 2;
  } finally {
    io.signal.removeEventListener('abort', onAbort);
  }
}

/** Nothing was read at all: most likely the wrong folder, and a gate must not pass for that. */
function isEmpty({ files, images, skipped }: Report): boolean {
  return files === 0 && images.length === 0 && skipped.length === 0;
}

function showFailure(error: unknown, session: Session, io: Io): void {
  const { code, message } = describeFailure(error);
  io.stderr.write(`holdfast: ${message.split('\n').map(printable).join('\n')}\n`);
  if (session.verbose) io.stderr.write(`${formatDetails(error)}\n`);
  // A program that reads JSON gets JSON, also of a failure.
  if (session.format === 'json') io.stdout.write(formatJson({ error: { code, message } }));
}
