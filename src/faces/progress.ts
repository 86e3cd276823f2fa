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

type Looked = Extract<CopyEvent, { kind: 'verified' | 'pruned' }>;

/** Every thousandth, so that a large run shows that it lives. */
const interval = 1000;

/** A line where there is something to say of it: what is broken, what could not be done, or how far it is. */
export function formatLooked({ kind, outcome, done, total }: Looked, paint: Paint): string | null {
  if (outcome.status === 'broken' || outcome.status === 'failed') {
    const name =
      'reference' in outcome ? outcome.reference : { ...outcome.target.at, digest: outcome.target.digest };
    const image = `${name.registry}/${name.repository}${name.digest === null ? '' : `@${name.digest}`}`;
    return `${paint('bad', outcome.status.padEnd(7))}  ${printable(image)}`;
  }
  return done % interval === 0 ? `${kind} ${done} of ${total}` : null;
}

/** For a pipe or a log: a line for each image when it is done, without escape codes. */
export function showLines(sink: { write(text: string): unknown }, paint: Paint): Progress {
  return {
    onEvent(event) {
      if (event.kind === 'finished') sink.write(`${formatFinished(event.outcome, paint)}\n`);
      else if (event.kind === 'verified' || event.kind === 'pruned') {
        const line = formatLooked(event, paint);
        if (line !== null) sink.write(`${line}\n`);
      } else if (event.kind === 'waiting') sink.write(`${formatWaiting(event)}\n`);
    },
    end() {},
  };
}
