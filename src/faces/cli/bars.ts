import cliProgress from 'cli-progress';
import { formatBytes, formatCount, type Paint, printable } from '../../report/index.ts';
import { formatProgress, formatWaiting, lookedWords, type Progress } from '../progress.ts';
import type { Sink } from './io.ts';

/** What one bar shows beside its bytes. */
interface Payload {
  readonly name: string;
  /** The line of totals has no bar. */
  readonly isTotal?: true;
}

/** For a terminal: a line of totals, and a bar for each image under way with bytes, rate and what is left. */
export function showBars(sink: Sink, paint: Paint): Progress {
  const running = new Map<string, cliProgress.SingleBar>();
  let finished = 0;
  let failed = 0;
  let screen: { readonly bars: cliProgress.MultiBar; readonly totals: cliProgress.SingleBar } | null = null;
  // Nothing is drawn by a command that copies nothing.
  const draw = () => {
    if (screen) return screen;
    const bars = createBars(sink);
    screen = { bars, totals: bars.create(0, 0, { name: '', isTotal: true } satisfies Payload) };
    return screen;
  };
  return {
    onEvent(event) {
      const { bars, totals } = draw();
      if ('until' in event) {
        bars.log(`${formatWaiting(event)}\n`);
        return;
      }
      if (event.kind === 'verified' || event.kind === 'pruned') {
        totals.update({ name: `${lookedWords[event.kind]} ${event.done} of ${event.total}` });
        return;
      }
      const key = (event.kind === 'finished' ? event.outcome.step : event.step).canonical;
      const bar = running.get(key);
      if (event.kind === 'started') {
        running.set(key, bars.create(0, 0, { name: key.replace(/@.*/, '') } satisfies Payload));
      } else if (event.kind === 'sized' && bar) {
        totals.setTotal(totals.getTotal() + event.bytes - bar.getTotal());
        bar.setTotal(event.bytes);
      } else if (event.kind === 'moved' && bar) {
        bar.increment(event.bytes);
        totals.increment(event.bytes);
      } else if (event.kind === 'finished') {
        finished += 1;
        if (bar) bars.remove(bar);
        running.delete(key);
        if ('error' in event.outcome) failed += 1;
        const line = formatProgress(event.outcome, paint);
        if (line !== null) bars.log(`${line}\n`);
      }
      const without = failed > 0 ? `, ${failed} of them not copied` : '';
      totals.update({ name: `${formatCount(finished, 'image')} done${without}, ${running.size} under way` });
    },
    end: () => screen?.bars.stop(),
  };
}

/** Cursor and line wrap stay as they are: nobody puts them back after a kill. */
function createBars(sink: Sink): cliProgress.MultiBar {
  return new cliProgress.MultiBar({
    stream: sink as unknown as NodeJS.WritableStream,
    format: (_options, params, payload: Payload) => formatLine(params, payload, sink.columns || 80),
    clearOnComplete: true,
    hideCursor: false,
    linewrap: true,
    gracefulExit: false,
    fps: 8,
    emptyOnZero: true,
  });
}

function formatLine(params: cliProgress.Params, { name, isTotal }: Payload, columns: number): string {
  const { value, total } = params;
  const seconds = Math.max((Date.now() - params.startTime) / 1000, 0.001);
  const rate = value / seconds;
  const facts = [
    total > 0 ? `${formatBytes(value)} of ${formatBytes(total)}` : '',
    value > 0 ? `${formatBytes(rate)}/s` : '',
    value > 0 && total > value ? `${formatTime((total - value) / rate)} left` : '',
  ];
  // The facts come first: the name and then the bar make room for them.
  const told = facts.filter((fact) => fact !== '').join('  ').length;
  const room = columns - told - 5;
  const bar = room >= barWidth + 14 ? [formatBar(params)] : [];
  const nameRoom = Math.min(40, room - (bar.length > 0 ? barWidth + 2 : 0));
  const parts = isTotal ? [name, ...facts] : [fit(printable(name), nameRoom), ...bar, ...facts];
  // A line that wraps would be drawn twice.
  return parts
    .filter((part) => part !== '')
    .join('  ')
    .slice(0, columns - 1);
}

const barWidth = 16;

function formatBar({ value, total }: cliProgress.Params): string {
  const done = total > 0 ? Math.max(0, Math.min(barWidth, Math.floor((value / total) * barWidth))) : 0;
  return `${'█'.repeat(done)}${'░'.repeat(barWidth - done)}`;
}

/** The end of a name tells images apart. */
function fit(name: string, width: number): string {
  const room = Math.max(12, width);
  return name.length > room ? `…${name.slice(1 - room)}` : name.padEnd(room);
}

function formatTime(seconds: number): string {
  if (seconds < 60) return `${Math.ceil(seconds)} s`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ${Math.floor(seconds % 60)} s`;
  return `${(seconds / 3600).toFixed(1)} h`;
}
