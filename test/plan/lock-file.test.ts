import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  emptyLock,
  formatLock,
  type LockFile,
  mergeLock,
  parseLock,
  planCopies,
} from '../../src/plan/index.ts';
import { digestOf, entryOf, must, policyOf, prove, useOf } from './uses.ts';

const a = digestOf('a');
const b = digestOf('b');
const nginx = entryOf('docker.io/library/nginx:1.25', a, 'ghcr.io/acme/backup/docker.io/library/nginx:1.25');

function problemOf(text: string): string {
  const parsed = parseLock(text);
  return parsed.ok ? 'was read' : parsed.problem;
}

describe('the lock file', () => {
  it('is sorted, two lines an entry, without dates', () => {
    const lock: LockFile = {
      entries: [
        nginx,
        {
          ...entryOf('[::1]:5000/x:1', b, '[::1]:5000/backup/x:1'),
          platforms: ['linux/amd64', 'linux/arm/v7'],
        },
        { ...entryOf('quay.io/a/chosen:1', a, 'ghcr.io/acme/backup/a/chosen:1'), origin: b },
      ],
    };
    const [, , ...lines] = formatLock(lock).split('\n');
    expect(must(parseLock(lines.join('\n'))).entries).toEqual([
      lock.entries[1],
      lock.entries[0],
      lock.entries[2],
    ]);
    expect(lines).toEqual([
      'version: 1',
      'images:',
      '  "[::1]:5000/x:1":',
      `    { digest: ${b}, backup: "[::1]:5000/backup/x:1", platforms: [linux/amd64, linux/arm/v7] }`,
      '  docker.io/library/nginx:1.25:',
      `    { digest: ${a}, backup: ghcr.io/acme/backup/docker.io/library/nginx:1.25, platforms: [linux/amd64] }`,
      '  quay.io/a/chosen:1:',
      `    { digest: ${a}, backup: ghcr.io/acme/backup/a/chosen:1, platforms: [linux/amd64], origin: ${b} }`,
      '',
    ]);
  });

  it('comes back as it was', () => {
    const part = fc.stringMatching(/^[a-z0-9]{1,8}$/);
    const entry = fc
      .record({
        host: part,
        path: part,
        tag: part,
        hex: fc.stringMatching(/^[a-f0-9]$/),
        platforms: fc.subarray(['linux/amd64', 'linux/arm/v7', 'windows/amd64:10.0.17763.1']),
        made: fc.subarray([{ origin: b }]),
      })
      .map(({ host, path, tag, hex, platforms, made }) => ({
        ...entryOf(`${host}.io/${path}:${tag}`, digestOf(hex), `localhost:5000/${path}:${tag}`),
        platforms,
        ...made[0],
      }));
    fc.assert(
      fc.property(fc.uniqueArray(entry, { selector: ({ source }) => source }), (entries) => {
        const text = formatLock({ entries });
        const again = must(parseLock(text));
        expect(again.entries).toHaveLength(entries.length);
        expect(new Set(again.entries)).toEqual(new Set(entries));
        expect(formatLock(again)).toBe(text);
      }),
    );
  });

  it('respects edits by hand: short names, comments, and entries that nothing uses', () => {
    const lock = must(
      parseLock(`version: 1
images:
  # pinned for the audit
  # until March
  nginx:1.25: { backup: "ghcr.io/acme/backup/n:1.25", digest: "${a}" }

  # gone upstream
  redis:
    digest: ${b}
    backup: ghcr.io/acme/backup/r:latest
    platforms:
      - linux/arm64
      - linux/amd64
`),
    );
    expect(lock.entries).toEqual([
      {
        source: 'docker.io/library/nginx:1.25',
        backup: 'ghcr.io/acme/backup/n:1.25',
        digest: a,
        platforms: [],
        comment: ' pinned for the audit\n until March',
      },
      {
        source: 'docker.io/library/redis:latest',
        backup: 'ghcr.io/acme/backup/r:latest',
        digest: b,
        platforms: ['linux/amd64', 'linux/arm64'],
        comment: ' gone upstream',
      },
    ]);
    expect(formatLock(lock)).toContain(
      '  # pinned for the audit\n  # until March\n  docker.io/library/nginx:1.25:\n',
    );
    expect(formatLock(must(parseLock(formatLock(lock))))).toBe(formatLock(lock));
  });

  it('may be empty', () => {
    for (const text of ['', '# nothing\n', 'version: 1\n', 'version: 1\nimages:\n', formatLock(emptyLock)])
      expect(parseLock(text)).toEqual({ ok: true, value: emptyLock });
  });

  const entryWith = (fields: string) => `version: 1\nimages:\n  nginx:1.25:\n    { ${fields} }\n`;
  const bad: readonly (readonly [string, RegExp])[] = [
    ['- a', /^line 1: it must be a map/],
    ['images: {}', /^line 1: "version: 1" is missing/],
    ['version: 2', /^line 1: it has version 2, .* use the holdfast that wrote it/],
    ['version: 1\nimage: {}', /^line 2: the key "image" is not known: did you mean images\?/],
    ['version: 1\nimages: [a]', /^line 2: images must be a map/],
    ['version: 1\nimages:\n  Nginx: {}', /^line 3: .* upper-case letters/],
    ['version: 1\nimages:\n  nginx: sha256', /^line 3: nginx must have \{ digest/],
    [entryWith(`digest: ${a}`), /^line 3: nginx:1.25 has no backup/],
    [entryWith(`digset: ${a}, backup: x`), /^line 4: the key "digset" is not known: did you mean digest\?/],
    [entryWith('digest: sha256:1, backup: x'), /^line 4: the digest "sha256:1" has 1 characters/],
    [entryWith(`digest: ${a}, backup: a.io/b:1, origin: here`), /^line 4: the digest "here"/],
    [entryWith(`digest: ${a}, backup: ghcr.io/a/b`), /^line 4: the backup ghcr.io\/a\/b must have a tag/],
    [entryWith(`digest: ${a}, backup: ghcr.io/a/b:1, platforms: linux`), /^line 4: platforms must be a list/],
    [
      `version: 1\nimages:\n  nginx: { digest: ${a}, backup: g.io/a:1 }\n  nginx:latest: { digest: ${a}, backup: g.io/a:1 }`,
      /^line 4: docker.io\/library\/nginx:latest is there twice/,
    ],
    ['version: 1\nversion: 1', /^line 2: Map keys must be unique/],
    ['version: 1\nimages: {', /^line \d: /],
    ['version: 1\nimages:\n<<<<<<< HEAD\n', /^line 3: a merge left its conflict markers/],
  ];

  it.each(bad)('%s says what is wrong and where', (text, problem) => {
    expect(problemOf(text)).toMatch(problem);
  });
});

describe('merging a run into the lock', () => {
  it('replaces what was proven now, keeps the rest, and keeps comments', () => {
    const old: LockFile = {
      entries: [
        { ...nginx, comment: ' mine' },
        entryOf('quay.io/old/one:1', b, 'ghcr.io/acme/backup/quay.io/old/one:1'),
      ],
    };
    const { steps } = planCopies([useOf('nginx:1.25'), useOf('redis')], policyOf(), old);
    const merged = mergeLock(old, [prove(steps[0], b, '1.25-bbbbbbbbbbbb'), prove(steps[1], a, 'latest')]);
    expect(
      merged.entries.map(({ source, digest, backup, comment }) => [source, digest, backup, comment]),
    ).toEqual([
      [
        'docker.io/library/nginx:1.25',
        b,
        'ghcr.io/acme/backup/docker.io/library/nginx:1.25-bbbbbbbbbbbb',
        ' mine',
      ],
      ['docker.io/library/redis:latest', a, 'ghcr.io/acme/backup/docker.io/library/redis:latest', undefined],
      ['quay.io/old/one:1', b, 'ghcr.io/acme/backup/quay.io/old/one:1', undefined],
    ]);
    expect(merged.entries[0]?.platforms).toEqual(['linux/amd64', 'linux/arm64']);
  });

  it('says what a copy was made from, and forgets it with the digest', () => {
    const { steps } = planCopies([useOf('nginx:1.25')], policyOf(), emptyLock);
    const made = mergeLock(emptyLock, [{ ...prove(steps[0], a, '1.25'), origin: b }]);
    expect(made.entries).toMatchObject([{ digest: a, origin: b }]);
    expect(mergeLock(made, [prove(steps[0], b, '1.25')]).entries[0]).not.toHaveProperty('origin');
  });
});
