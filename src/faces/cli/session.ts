import type { Paint } from '../../report/index.ts';
import { unpainted } from '../../report/index.ts';
import { noProgress, type Progress, showLines } from '../progress.ts';
import type { Io } from './io.ts';
import { choosePaint } from './paint.ts';
import type { Invocation } from './program.ts';

/** How this call talks to its user. */
export interface Session {
  readonly format: 'text' | 'json' | 'sarif' | 'github' | 'markdown' | 'html';
  readonly quiet: boolean;
  readonly verbose: boolean;
  readonly dryRun: boolean;
  /** For stdout and for stderr; each looks at its own stream. */
  readonly paint: Paint;
  readonly remarkPaint: Paint;
}

/** Reads the options that concern the call alone. */
export function openSession({ values, command }: Invocation, io: Io): Session {
  const noColor = 'no-color' in values;
  const format = (values['output'] ?? 'text') as Session['format'];
  return {
    format,
    quiet: values['quiet'] === true,
    verbose: values['verbose'] === true,
    dryRun: values['dry-run'] === true || command === 'plan',
    paint: format === 'text' ? choosePaint(io.stdout, io, noColor) : unpainted,
    remarkPaint: choosePaint(io.stderr, io, noColor),
  };
}

/** Bars on a terminal, lines in a pipe, nothing for `--quiet`. */
export async function openProgress(session: Session, io: Io): Promise<Progress> {
  if (session.quiet) return noProgress;
  if (!io.stderr.isTTY || io.env['TERM'] === 'dumb') return showLines(io.stderr, session.remarkPaint);
  // Loaded only where there is a terminal to draw on.
  const { showBars } = await import('./bars.ts');
  return showBars(io.stderr, session.remarkPaint);
}
