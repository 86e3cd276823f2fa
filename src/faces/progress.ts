import type { CopyEvent } from '../copy/index.ts';
import { formatBytes, type Paint, printable, type Tone } from '../report/index.ts';

/** Shows a run as it goes; `end` leaves the screen as a person would want to find it. */
export interface Progress {
  readonly onEvent: (event: CopyEvent) => void;
  readonly end: () => void;
}

/** For `--quiet`. */
export const noProgress: Progress = { onEvent() {}, end() {} };

type Outcome = Extract<CopyEvent, { kind: 'finished' }>['outcome'];

const tones: Readonly<Record<Outcome['status'], Tone>> = {
  copied: 'good',
  present: 'dim',
  planned: 'strong',
  private: 'warning',
  failed: 'bad',
};

/** One line for an image that is done; why it failed is said at the end. */
export function formatFinished(outcome: Outcome, paint: Paint): string {
  const size = outcome.status === 'copied' ? `  ${formatBytes(outcome.bytes)}` : '';
  const status = paint(tones[outcome.status], outcome.status.padEnd(7));
  return `${status}  ${printable(outcome.step.canonical)}${size}`;
}

/** When and why a registry makes us wait. */
export function formatWaiting(event: Extract<CopyEvent, { kind: 'waiting' }>): string {
  const until = event.until.toISOString().slice(11, 19);
  return `waiting  ${printable(event.registry)} until ${until} UTC: ${printable(event.why)}`;
}

/** For a pipe or a log: a line for each image when it is done, without escape codes. */
export function showLines(sink: { write(text: string): unknown }, paint: Paint): Progress {
  return {
    onEvent(event) {
      if (event.kind === 'finished') sink.write(`${formatFinished(event.outcome, paint)}\n`);
      else if (event.kind === 'waiting') sink.write(`${formatWaiting(event)}\n`);
    },
    end() {},
  };
}
