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

/** When and why a registry makes us wait, or is passed over. */
export function formatWaiting(event: Extract<CopyEvent, { until: Date }>): string {
  const until = event.until.toISOString().slice(11, 19);
  const what = event.kind === 'waiting' ? 'waiting  ' : 'passed over  ';
  return `${what}${printable(event.registry)} until ${until} UTC: ${printable(event.why)}`;
}

type Looked = Extract<CopyEvent, { kind: 'verified' | 'pruned' }>;

/** Every thousandth, so that a large run shows that it lives. */
const interval = 1000;

/** Of a prune that only lists nothing is pruned. */
export const lookedWords: Readonly<Record<Looked['kind'], string>> = {
  verified: 'verified',
  pruned: 'done with',
};

/** How far it is. What is broken or could not be done is said at the end, with its reason, and not twice. */
export function formatLooked({ kind, done, total }: Looked): string | null {
  return done % interval === 0 ? `${lookedWords[kind]} ${done} of ${total}` : null;
}

/** The line of an image that is done; null where the answer has one for it, with the reason. */
export function formatProgress(outcome: Outcome, paint: Paint): string | null {
  return 'error' in outcome ? null : formatFinished(outcome, paint);
}

/** For a pipe or a log: a line for each image when it is copied, without escape codes. */
export function showLines(sink: { write(text: string): unknown }, paint: Paint): Progress {
  return {
    onEvent(event) {
      const line = formatLine(event, paint);
      if (line !== null) sink.write(`${line}\n`);
    },
    end() {},
  };
}

function formatLine(event: CopyEvent, paint: Paint): string | null {
  switch (event.kind) {
    case 'finished':
      return formatProgress(event.outcome, paint);
    case 'verified':
    case 'pruned':
      return formatLooked(event);
    case 'waiting':
    case 'passed-over':
      return formatWaiting(event);
    case 'started':
    case 'sized':
    case 'moved':
      return null;
  }
}
