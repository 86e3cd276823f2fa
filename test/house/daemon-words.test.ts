import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { createMetrics } from '../../src/faces/daemon/metrics.ts';
import type { Proposal } from '../../src/forge/index.ts';
import { type PageStatus, renderPage } from '../../src/report/index.ts';
import type { RunningKind, UpstreamStatus } from '../../src/watch/index.ts';
import { samplePage } from '../support/page-sample.ts';

/** Whole by their types: a word that is added there has to be added here, and so to the document. */
const statuses: Readonly<Record<PageStatus, string>> = {
  safe: 'backed up',
  waiting: 'waiting',
  failed: 'failed',
  private: 'private',
  missing: 'not backed up',
  'left-alone': 'left alone',
};
const upstreams: Readonly<Record<UpstreamStatus, true>> = {
  unknown: true,
  available: true,
  moved: true,
  gone: true,
  private: true,
  'rate-limited': true,
  unreachable: true,
};
const kinds: Readonly<Record<RunningKind, true>> = {
  index: true,
  image: true,
  platform: true,
  config: true,
  gone: true,
};
const operations: Readonly<Record<Exclude<Proposal['operation'], 'none'>, true>> = {
  created: true,
  updated: true,
  unchanged: true,
  closed: true,
  held: true,
  pushed: true,
};
/** Of the reasons to leave a use alone those that a live object can have, see `createJudge` and `drawPicture`. */
const reasons = ['ignored', 'excluded-image', 'own-image', 'invalid', 'backup-name', 'shared-name'];

const document = readFileSync(join(import.meta.dirname, '../../docs/daemon.md'), 'utf8');

/** The words in the first column of a table, by the heading of that column. */
function findWords(heading: string): readonly string[] {
  const from = document.indexOf(`| ${heading} |`);
  const [table = ''] = document.slice(from).split('\n\n', 1);
  const rows = from < 0 ? [] : table.split('\n').slice(2);
  return rows.flatMap((row) =>
    [...(row.split('|')[1] ?? '').matchAll(/`([^`]+)`/g)].map(([, word = '']) => word),
  );
}

it.each([
  ['`status`', Object.keys(statuses)],
  ['`reason` of what is left alone', reasons],
  ['`upstream.state`', Object.keys(upstreams)],
  ['`running[].kind`: what a node says it runs', Object.keys(kinds)],
  ['`requests[].state`', [...Object.keys(operations), 'failed']],
])('docs/daemon.md explains each word of %s', (heading, words) => {
  expect(findWords(heading).toSorted()).toEqual(words.toSorted());
});

it('docs/daemon.md has the words of the page beside those of the JSON', () => {
  const page = renderPage(samplePage(1, 0));
  for (const [status, words] of Object.entries(statuses)) {
    expect(document).toContain(`| \`${status}\` | ${words} |`);
    expect(page).toMatch(new RegExp(`'?${status}'?: '${words}'`));
  }
});

it('docs/daemon.md lists each metric', async () => {
  const text = await createMetrics().render(null);
  const names = [...text.matchAll(/^# TYPE (holdfast_\S+)/gm)].map(([, name = '']) => name);
  expect(findWords('Name').toSorted()).toEqual(names.toSorted());
});
