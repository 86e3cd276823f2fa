import { describe, expect, it } from 'vitest';
import {
  findMentions,
  findSourceMentions,
  indexCopies,
  listRecordedCopies,
  parseLock,
  planPrune,
  type RecordedCopy,
} from '../../src/plan/index.ts';

const backup = { registry: 'ghcr.io', repository: 'acme/backup' };
const hex = (letter: string): string => `sha256:${letter.repeat(64)}`;

function recorded(entries: string, committed = 100, isRecent = true): readonly RecordedCopy[] {
  const lock = parseLock(`version: 1\nimages:\n${entries}`);
  if (!lock.ok) throw new Error(lock.problem);
  return listRecordedCopies([{ lock: lock.value, committed, lastCommitted: committed, isRecent }], backup);
}

const entry = (source: string, letter: string, name: string): string =>
  `  ${source}:\n    { digest: ${hex(letter)}, backup: ghcr.io/acme/backup/${name}, platforms: [] }\n`;

const copies = recorded(
  entry('docker.io/library/nginx:1.25', 'a', 'docker.io/library/nginx:1.25') +
    entry('docker.io/library/nginx:1.26', 'b', 'docker.io/library/nginx:1.26') +
    entry('docker.io/library/redis:7', 'c', 'docker.io/library/redis:7'),
);
const index = indexCopies(copies, backup);
const named = (text: string): readonly string[] =>
  [...findMentions(index, text).copies].map(
    ({ sources }) => sources[0]?.replace('docker.io/library/', '') ?? '',
  );

describe('what a text names', () => {
  it.each([
    ['by tag', 'image: ghcr.io/acme/backup/docker.io/library/nginx:1.25\n', ['nginx:1.25']],
    ['by digest, whatever the tag says', `nginx:1.26@${hex('a')}`, ['nginx:1.25']],
    [
      'by tag and digest: the digest decides',
      `image: ghcr.io/acme/backup/docker.io/library/nginx:1.26@${hex('a')}`,
      ['nginx:1.25'],
    ],
    [
      'in Helm values, by parts: another file may have another tag, so all of that repository',
      'image:\n  registry: ghcr.io\n  repository: acme/backup/docker.io/library/nginx\n  tag: "1.26"\n',
      ['nginx:1.25', 'nginx:1.26'],
    ],
    [
      'by an anchor tag',
      `image: ghcr.io/acme/backup/docker.io/library/nginx:1.25-${hex('a').slice(7, 19)}`,
      ['nginx:1.25'],
    ],
    [
      'whole by digest, and apart without one',
      `image: ghcr.io/acme/backup/docker.io/library/nginx:1.26@${hex('b')}\nrepository: ghcr.io/acme/backup/docker.io/library/nginx\n`,
      ['nginx:1.25', 'nginx:1.26'],
    ],
    [
      'in a kustomization, by new name and digest',
      `images:\n  - name: nginx\n    newName: ghcr.io/acme/backup/docker.io/library/nginx\n    digest: ${hex('b')}\n`,
      ['nginx:1.26'],
    ],
    [
      'without a tag that is known: all of that repository',
      'repository: ghcr.io/acme/backup/docker.io/library/nginx\n',
      ['nginx:1.25', 'nginx:1.26'],
    ],
    [
      'with a tag that a template makes: all of that repository',
      'image: ghcr.io/acme/backup/docker.io/library/nginx:{{ .Values.tag }}\n',
      ['nginx:1.25', 'nginx:1.26'],
    ],
    [
      'below a registry that a template makes',
      'image: "{{ .registry }}/docker.io/library/redis:7"',
      ['redis:7'],
    ],
    [
      'twice, once by digest and once without',
      `a: ghcr.io/acme/backup/docker.io/library/nginx\nb: ghcr.io/acme/backup/docker.io/library/nginx\nd: ${hex('a')}\ntag: "1.26"`,
      ['nginx:1.25', 'nginx:1.26'],
    ],
    ['in JSON', `{"image":"ghcr.io/acme/backup/docker.io/library/redis:7"}`, ['redis:7']],
    ['a longer tag is another', 'image: ghcr.io/acme/backup/docker.io/library/nginx:1.25-alpine', []],
    ['a longer name is another', 'image: ghcr.io/acme/backup/docker.io/library/nginx-exporter:1.25', []],
    ['by its source, in any file', 'image = "redis:7"\n', ['redis:7']],
    ['by its source, with the registry', 'FROM docker.io/library/redis:7 AS cache\n', ['redis:7']],
    [
      'below a mirror with a path of its own',
      'image: proxy.corp/hub/ghcr.io/acme/backup/docker.io/library/redis:7',
      ['redis:7'],
    ],
    ['beside another, after a slash', '# redis:6/redis:7, or redis:7/6', ['redis:7']],
    ['the name of a source without a tag is a word', 'cache: redis\n', []],
    ['a source that only ends so is another', 'image: quay.io/acme/redis:7\nb: myredis:7\n', []],
    ['the word alone', 'app: nginx\nversion: "1.25"\n', []],
    ['the prefix alone', 'registryAliases: { ghcr.io/acme/backup/docker.io: docker.io }', []],
  ])('%s', (_how, text, expected) => {
    expect(named(text).toSorted((a, b) => (a < b ? -1 : 1))).toEqual(expected);
  });

  it.each([
    ['in Terraform', 'image = "127.0.0.1:5711/pr/tf3:1"', '127.0.0.1:5711/pr/tf3:1'],
    ['in a Dockerfile', 'FROM --platform=$BUILDPLATFORM localhost:5000/app:2 AS x', 'localhost:5000/app:2'],
    [
      'in a shell script',
      'IMAGE=registry.corp:8443/a/b:v1; docker pull "$IMAGE"',
      'registry.corp:8443/a/b:v1',
    ],
    ['as what a shell falls back to', '${IMAGE:-registry.corp:8443/a/b:v1}', 'registry.corp:8443/a/b:v1'],
    ['after a scheme', 'docker://registry.corp:8443/a/b:v1', 'registry.corp:8443/a/b:v1'],
    ['at an address of IPv6', 'image = "[::1]:5000/pr/app:1"', '[::1]:5000/pr/app:1'],
    ['at an address of IPv6 without a port', 'FROM [2001:db8::1]/pr/app:1\n', '[2001:db8::1]/pr/app:1'],
  ])('names a source whose registry has a port, %s', (_where, text, source) => {
    const all = recorded(entry(`'${source}'`, 'a', 'ported:1'));
    expect(all).toHaveLength(1);
    expect([...findMentions(indexCopies(all, backup), text).copies]).toEqual(all);
    // Another port is another registry.
    const other = text.replace(/:(\d+)(?=\/)/, ':1$1').replace('db8::1', 'db8::2');
    expect([...findMentions(indexCopies(all, backup), other).copies]).toEqual([]);
  });

  it('names a backup whose registry has a port, by each of its tags', () => {
    const text = 'FROM 127.0.0.1:5000/acme/backup/docker.io/library/nginx:1.25\n';
    expect(named(text)).toEqual(['nginx:1.25']);
  });

  it('tells digests that no lock file records, with the repository that they stand with', () => {
    const place = 'ghcr.io/acme/backup/docker.io/library/redis';
    const at = { registry: 'ghcr.io', repository: 'acme/backup/docker.io/library/redis' };
    const digest = hex('f');
    expect(findMentions(index, `image: ${place}:9@${digest}\n`).digests).toEqual([{ at, digest }]);
    expect(findMentions(index, `repository: ${place}\ndigest: ${digest}\n`).digests).toEqual([
      { at, digest },
    ]);
    expect(findMentions(index, `quay.io/x/y@${digest}\n--hash=${hex('e')}`).digests).toEqual([]);
  });

  it('is read in the time that a large file may take', () => {
    const text =
      'ghcr.io/acme/backup/docker.io/library/nginx\n'.repeat(50_000) +
      ['a/', 'a-', 'a', ' [', '[::', '[1]/'].map((part) => part.repeat(250_000)).join('');
    const start = performance.now();
    expect(named(text)).toHaveLength(2);
    expect(performance.now() - start).toBeLessThan(25_000);
  });
});

describe('what a manifest names by its source', () => {
  it('counts in any spelling', () => {
    for (const written of ['nginx:1.25', 'docker.io/nginx:1.25', 'index.docker.io/library/nginx:1.25'])
      expect(findSourceMentions(index, written).map(({ digest }) => digest)).toEqual([hex('a')]);
    expect(findSourceMentions(index, 'nginx:9')).toEqual([]);
    expect(findSourceMentions(index, '{{ .image }}')).toEqual([]);
  });

  const dated = (letter: string, committed: number, isRecent: boolean) => {
    const lock = parseLock(
      `version: 1\nimages:\n${entry('docker.io/library/nginx:1.25', letter, 'docker.io/library/nginx:1.25')}`,
    );
    if (!lock.ok) throw new Error(lock.problem);
    return { lock: lock.value, committed, lastCommitted: committed, isRecent };
  };
  const standsFor = (...versions: ReturnType<typeof dated>[]) =>
    findSourceMentions(indexCopies(listRecordedCopies(versions, backup), backup), 'nginx:1.25').map(
      ({ digest }) => digest,
    );

  it('stands for what lock files say now, not for what they said once', () => {
    expect(standsFor(dated('d', 1, false), dated('e', 2, true))).toEqual([hex('e')]);
  });

  it('stands for the last copy that was recorded, where the entry was taken out since', () => {
    expect(standsFor(dated('d', 1, false), dated('e', 2, false))).toEqual([hex('e')]);
  });
});

describe('the copies that lock files record', () => {
  it('are one for each digest and place, with all that was ever said of it', () => {
    const lock = (text: string) => {
      const parsed = parseLock(`version: 1\nimages:\n${text}`);
      if (!parsed.ok) throw new Error(parsed.problem);
      return parsed.value;
    };
    const all = listRecordedCopies(
      [
        {
          lock: lock(entry('docker.io/a/b:1', 'a', 'a/b:1')),
          committed: 50,
          lastCommitted: 50,
          isRecent: true,
        },
        {
          lock: lock(entry('docker.io/a/b:1.0', 'a', 'a/b:1.0')),
          committed: 20,
          lastCommitted: 20,
          isRecent: false,
        },
        {
          lock: lock(entry('docker.io/a/b:2', 'b', 'a/b:2')),
          committed: 70,
          lastCommitted: 70,
          isRecent: true,
        },
      ],
      backup,
    );
    expect(all).toEqual([
      {
        at: { registry: 'ghcr.io', repository: 'acme/backup/a/b' },
        digest: hex('a'),
        tags: ['1', '1.0'],
        sources: ['docker.io/a/b:1', 'docker.io/a/b:1.0'],
        liveSources: ['docker.io/a/b:1', 'docker.io/a/b:1.0'],
        recordedAt: 20,
      },
      expect.objectContaining({ digest: hex('b'), recordedAt: 70 }),
    ]);
  });

  it('are only those below the backup that is asked for', () => {
    const elsewhere = { registry: 'ghcr.io', repository: 'acme/other' };
    const lock = parseLock(`version: 1\nimages:\n${entry('docker.io/a/b:1', 'a', 'a/b:1')}`);
    if (!lock.ok) throw new Error(lock.problem);
    const version = { lock: lock.value, committed: 1, lastCommitted: 1, isRecent: true };
    expect(listRecordedCopies([version], elsewhere)).toEqual([]);
  });

  it('stay when they are used, asked for, or young, and go otherwise', () => {
    const decide = (used: readonly RecordedCopy[], keep: readonly string[], youngest: number) =>
      planPrune(copies, new Set(used), { keep, youngest }).map(({ reason }) => reason);
    expect(decide(copies.slice(0, 1), [], 100)).toEqual(['used', null, null]);
    expect(decide([], ['nginx:*'], 100)).toEqual(['asked', 'asked', null]);
    expect(decide([], ['ghcr.io/**/redis'], 100)).toEqual([null, null, 'asked']);
    expect(decide([], [], 99)).toEqual(['young', 'young', 'young']);
  });
});
