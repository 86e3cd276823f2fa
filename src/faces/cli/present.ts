import { relative, sep } from 'node:path';
import {
  defuse,
  pageOfReport,
  prefixPaths,
  type Report,
  renderJson,
  renderMarkdown,
  renderPage,
  renderRemarks,
  renderResult,
  renderSarif,
  renderWorkflowCommands,
} from '../../report/index.ts';
import { execute } from './execute.ts';
import { type Io, runsInActions } from './io.ts';
import type { Invocation } from './program.ts';
import { openProgress, type Session } from './session.ts';

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
  // Of a pull request the root is a folder that is gone by now.
  const prefix = report.command === 'pr' ? '' : relative(io.cwd, report.root).replaceAll(sep, '/');
  const here = prefixPaths(report, prefix === '' ? '' : `${prefix}/`);
  io.stdout.write(render(report, here, session, io));
  if (!session.quiet) io.stderr.write(renderRemarks(here, session.remarkPaint, session.dryRun));
}

/** JSON has paths from the root, as the contract says; people and GitHub stand in `cwd`. */
function render(report: Report, here: Report, session: Session, io: Io): string {
  const safe = (text: string): string => (runsInActions(io.env) ? defuse(text) : text);
  switch (session.format) {
    case 'json':
      return renderJson(report);
    case 'sarif':
      return renderSarif(here);
    case 'github':
      return renderWorkflowCommands(here);
    case 'markdown':
      return safe(renderMarkdown(here));
    case 'html':
      return renderPage(pageOfReport(here, null));
    case 'text': {
      const { paint, dryRun } = session;
      return safe(renderResult(here, { paint, dryRun, terminal: io.stdout.isTTY === true }));
    }
  }
}
