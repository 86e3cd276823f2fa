import { relative, sep } from 'node:path';
import {
  prefixPaths,
  type Report,
  renderJson,
  renderMarkdown,
  renderRemarks,
  renderResult,
  renderSarif,
  renderWorkflowCommands,
} from '../../report/index.ts';
import { execute } from './execute.ts';
import { describeFailure, formatDetails } from './failure.ts';
import type { Io } from './io.ts';
import type { Invocation } from './program.ts';
import { openProgress, openSession, type Session } from './session.ts';

/** Does what was asked, and returns the exit code of the contract. */
export async function run(invocation: Invocation, io: Io): Promise<0 | 1 | 2> {
  const session = openSession(invocation, io);
  const onAbort = () => io.stderr.write('holdfast: stopping; once more to quit at once\n');
  io.signal.addEventListener('abort', onAbort, { once: true });
  try {
    if (invocation.command === 'demo') {
      const { runDemo } = await import('./demo.ts');
      return await runDemo(invocation, session, io);
    }
    const report = await perform(invocation, session, io);
    show(report, session, io);
    if (isEmpty(report)) {
      const where = invocation.paths.join(', ') || 'this folder';
      io.stderr.write(
        `holdfast: no manifest with an image found in ${where}; name the folder that holds them\n`,
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

/** Runs a use case with its progress on stderr. */
export async function perform(invocation: Invocation, session: Session, io: Io): Promise<Report> {
  const progress = await openProgress(session, io);
  try {
    return await execute(invocation, io, progress.onEvent);
  } finally {
    progress.end();
  }
}

/** The answer on stdout, what to know of it on stderr. */
export function show(report: Report, session: Session, io: Io): void {
  const prefix = relative(io.cwd, report.root).replaceAll(sep, '/');
  const here = prefixPaths(report, prefix === '' ? '' : `${prefix}/`);
  io.stdout.write(render(report, here, session, io));
  if (!session.quiet) io.stderr.write(renderRemarks(here, session.remarkPaint, session.dryRun));
}

/** Nothing was read at all: most likely the wrong folder, and a gate must not pass for that. */
function isEmpty({ files, images, skipped }: Report): boolean {
  return files === 0 && images.length === 0 && skipped.length === 0;
}

/** JSON has paths from the root, as the contract says; people and GitHub stand in `cwd`. */
function render(report: Report, here: Report, session: Session, io: Io): string {
  switch (session.format) {
    case 'json':
      return renderJson(report);
    case 'sarif':
      return renderSarif(here);
    case 'github':
      return renderWorkflowCommands(here);
    case 'markdown':
      return renderMarkdown(here);
    case 'text': {
      const { paint, dryRun } = session;
      return renderResult(here, { paint, dryRun, terminal: io.stdout.isTTY === true });
    }
  }
}

function showFailure(error: unknown, session: Session, io: Io): void {
  const { code, message } = describeFailure(error);
  io.stderr.write(`holdfast: ${message}\n`);
  if (session.verbose) io.stderr.write(`${formatDetails(error)}\n`);
  // A program that reads JSON gets JSON, also of a failure.
  if (session.format === 'json')
    io.stdout.write(`${JSON.stringify({ error: { code, message } }, null, 2)}\n`);
}
