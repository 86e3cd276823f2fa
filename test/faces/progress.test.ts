import { describe, expect, it } from 'vitest';
import type { CopyEvent } from '../../src/copy/index.ts';
import { showBars } from '../../src/faces/cli/bars.ts';
import { showLines } from '../../src/faces/progress.ts';
import { unpainted } from '../../src/report/index.ts';

const step = { canonical: 'docker.io/library/nginx:1.25\u001b[31m' };
const events = [
  { kind: 'started', step },
  { kind: 'sized', step, bytes: 4_000_000 },
  { kind: 'moved', step, bytes: 1_000_000 },
  { kind: 'waiting', registry: 'docker.io', until: new Date(0), why: 'the pull limit is used up' },
  { kind: 'passed-over', registry: 'mirror.corp', until: new Date(0), why: 'the connection stalled' },
  { kind: 'finished', outcome: { status: 'copied', step, bytes: 4_000_000 } },
] as unknown as readonly CopyEvent[];

function createSink() {
  const written: string[] = [];
  return { written, columns: 100, isTTY: true, write: (text: string) => written.push(text) };
}

describe('progress in a pipe', () => {
  it('is one plain line for each image that is done, and for each wait', () => {
    const sink = createSink();
    for (const event of events) showLines(sink, unpainted).onEvent(event);
    expect(sink.written.join('')).toBe(
      'waiting  docker.io until 00:00:00 UTC: the pull limit is used up\n' +
        'passed over  mirror.corp until 00:00:00 UTC: the connection stalled\n' +
        'copied   docker.io/library/nginx:1.25\\u{1b}[31m  4.0 MB\n',
    );
  });

  it('leaves what failed to the answer, which has the reason', () => {
    const sink = createSink();
    const error = { code: 'not-found', message: 'gone' };
    for (const event of [
      { kind: 'finished', outcome: { status: 'failed', step, error } },
      { kind: 'finished', outcome: { status: 'private', step, error } },
      { kind: 'verified', outcome: { status: 'broken' }, done: 1, total: 2000 },
      { kind: 'pruned', outcome: { status: 'failed', error }, done: 1000, total: 2000 },
    ] as unknown as readonly CopyEvent[])
      showLines(sink, unpainted).onEvent(event);
    expect(sink.written.join('')).toBe('done with 1000 of 2000\n');
  });
});

describe('progress on a terminal', () => {
  it('shows bytes, rate and what is left of each image, and keeps a line when it is done', async () => {
    const sink = createSink();
    const bars = showBars(sink, unpainted);
    for (const event of events.slice(0, 3)) bars.onEvent(event);
    const shown = () => sink.written.join('');
    await expect
      .poll(shown)
      .toMatch(/nginx:1\.25\S* +█{4}░{12} {2}1\.0 MB of 4\.0 MB {2}[\d.]+ MB\/s {2}\d+ s left/);
    for (const event of events.slice(3)) bars.onEvent(event);
    await expect.poll(shown).toContain('copied   docker.io/library/nginx:1.25\\u{1b}[31m  4.0 MB\n');
    await expect.poll(shown).toContain('1 image done, 0 under way');
    bars.end();
    // Neither the cursor nor line wrapping is switched off.
    expect(shown()).not.toMatch(/\[\?(?:25|7)l/);
  });

  it('draws nothing for a command that copies nothing', () => {
    const sink = createSink();
    showBars(sink, unpainted).end();
    expect(sink.written).toEqual([]);
  });
});
