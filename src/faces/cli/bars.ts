import cliProgress from 'cli-progress';
import { formatBytes, formatCount, type Paint, printable } from '../../report/index.ts';
import type { Sink } from './io.ts';
import { formatFinished, formatWaiting, type Progress } from './progress.ts';

/** What one bar shows; `name` is empty for the line of totals. */
interface Payload {
  readonly name: string;
  readonly note?: string;
}

/** For a terminal: a bar for each image under way, with bytes, rate and what is left, and a line of totals below. */
export function showBars(sink: Sink, paint: Paint): Progress {
  const bars = new cliProgress.MultiBar({
    stream: sink as unknown as NodeJS.WritableStream,
    format: (_options, params, payload: Payload) => formatBar(params, payload, sink.columns ?? 80),
    clearOnComplete: true,
    hideCursor: false,
    gracefulExit: false,
    linewrap: null,
    fps: 8,
    emptyOnZero: true,
  });
  const totals = bars.create(0, 0, { name: '' } satisfies Payload);
  const running = new Map<string, cliProgress.SingleBar>();
  let finished = 0;
  const describe = () => ({
    name: '',
    note: `${formatCount(finished, 'image')} done, ${running.size} under way`,
  });
  return {
    onEvent(event) {
      if (event.kind === 'waiting') {
        bars.log(`${formatWaiting(event)}\n`);
        return;
      }
      const step = event.kind === 'finished' ? event.outcome.step : event.step;
      const bar = running.get(step.canonical);
      if (event.kind === 'started')
        running.set(step.canonical, bars.create(0, 0, { name: step.canonical } satisfies Payload));
      else if (event.kind === 'sized' && bar) {
        totals.setTotal(totals.getTotal() + event.bytes - bar.getTotal());
        bar.setTotal(event.bytes);
      } else if (event.kind === 'moved' && bar) {
        bar.increment(event.bytes);
        totals.increment(event.bytes);
      } else if (event.kind === 'finished') {
        finished += 1;
        if (bar) bars.remove(bar);
        running.delete(step.canonical);
        bars.log(`${formatFinished(event.outcome, paint)}\n`);
      }
      totals.update(describe());
    },
    end() {
      bars.stop();
    },
  };
}

/** The totals are placed below by their missing name; a name that is too long loses its beginning. */
function formatBar(params: cliProgress.Params, payload: Payload, columns: number): string {
  const { value, total, startTime } = params;
  const seconds = Math.max((Date.now() - startTime) / 1000, 0.001);
  const rate = value / seconds;
  const left = rate > 0 && total > value ? `  ${formatTime((total - value) / rate)} left` : '';
  const bytes = total > 0 ? `${formatBytes(value)} of ${formatBytes(total)}` : 'looking';
  const speed = value > 0 ? `  ${formatBytes(rate)}/s` : '';
  if (payload.name === '')
    return total > 0 ? `${payload.note ?? ''}  ${bytes}${speed}${left}` : (payload.note ?? '');
  const width = 16;
  const done = total > 0 ? Math.min(width, Math.floor((value / total) * width)) : 0;
  const facts = `${'█'.repeat(done)}${'░'.repeat(width - done)}  ${bytes}${speed}${left}`;
  const room = Math.max(12, Math.min(48, columns - 62));
  const name = printable(payload.name);
  return `${(name.length > room ? `…${name.slice(1 - room)}` : name).padEnd(room)}  ${facts}`;
}

function formatTime(seconds: number): string {
  if (seconds < 60) return `${Math.ceil(seconds)} s`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ${Math.round(seconds % 60)} s`;
  return `${(seconds / 3600).toFixed(1)} h`;
}
