import fc from 'fast-check';
import { expect, test } from 'vitest';
import { formatLock, type LockEntry, parseLock } from '../../src/plan/index.ts';
import { readPlainLock } from '../../src/plan/read-plain-lock.ts';
import { type Digest, parseImageReference } from '../../src/reference/index.ts';
import { runCount } from '../support/run-count.ts';

const name = fc.stringMatching(/^[a-z0-9]{1,8}$/);
const tag = fc.stringMatching(/^\w[\w.-]{0,8}$/);
const entry = fc
  .record({
    source: fc.tuple(name, name, tag).map(([a, b, c]) => `docker.io/${a}/${b}:${c}`),
    digest: fc.stringMatching(/^[0-9a-f]{64}$/).map((hex) => `sha256:${hex}` as Digest),
    backup: fc.tuple(name, tag).map(([a, c]) => `backup.test/${a}:${c}`),
    platforms: fc.uniqueArray(fc.constantFrom('linux/amd64', 'linux/arm64', 'linux/arm/v7'), {
      comparator: 'IsStrictlyEqual',
    }),
    made: fc.subarray([{ origin: `sha256:${'1'.repeat(64)}` as Digest }]),
  })
  .map(
    ({ made, ...value }): LockEntry => ({
      ...value,
      ...made[0],
      platforms: value.platforms.toSorted((a, b) => (a < b ? -1 : 1)),
    }),
  );
const entries = fc
  .uniqueArray(entry, { minLength: 1, maxLength: 8, selector: ({ source }) => source })
  .map((list) => list.toSorted((a, b) => (a.source < b.source ? -1 : 1)));

test('reads what is written, without the YAML package', () => {
  fc.assert(
    fc.property(entries, (list) => {
      expect(readPlainLock(formatLock({ entries: list }))).toEqual(list);
    }),
  );
});

test('reads the same as YAML does, whatever is changed in the text', () => {
  fc.assert(
    fc.property(
      entries,
      fc.nat(),
      fc.constantFrom(' ', '\n', '#', '"', '  # a comment\n', ',', '{', ':', '&a ', 'x', '@', '\r'),
      (list, where, what) => {
        const text = formatLock({ entries: list });
        const at = where % text.length;
        const changed = text.slice(0, at) + what + text.slice(at);
        const quick = readPlainLock(changed);
        if (quick === null) return;
        // A line end that no plain lock has makes the slow reader read it.
        const slow = parseLock(`${changed}# \n`);
        expect(slow).toEqual({ ok: true, value: { entries: quick } });
      },
    ),
    { numRuns: runCount(200) },
  );
});

test.each([
  ['a comment', (text: string) => text.replace('  docker.io', '  # why\n  docker.io')],
  ['quotes', (text: string) => text.replace('docker.io/a/b:1:', '"docker.io/a/b:1":')],
  ['other keys', (text: string) => text.replace('digest:', 'digst:')],
  ['an entry that is there twice', (text: string) => text + text.slice(text.indexOf('  docker.io'))],
  ['a digest that is none', (text: string) => text.replace('sha256:0', 'sha256:g')],
  ['an origin that is none', (text: string) => text.replace('] }', '], origin: sha256:1 }')],
  ['conflict markers', (text: string) => `${text}<<<<<<< ours\n`],
])('leaves %s to the YAML package', (_what, change) => {
  const parsed = parseImageReference('docker.io/a/b:1');
  if (!parsed.ok) throw new Error(parsed.problem);
  const text = formatLock({
    entries: [
      {
        source: 'docker.io/a/b:1',
        digest: `sha256:${'0'.repeat(64)}` as Digest,
        backup: 'backup.test/a/b:1',
        platforms: ['linux/amd64'],
      },
    ],
  });
  expect(readPlainLock(text)).toHaveLength(1);
  expect(readPlainLock(change(text))).toBeNull();
});
