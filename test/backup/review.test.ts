import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type Reviewed, review, rewrite, type Work } from '../../src/backup/index.ts';
import { startRegistry } from '../../src/embedded/index.ts';
import { openRegistries } from '../../src/registry/index.ts';
import { findProblems } from '../../src/report/index.ts';
import { createWorld, deployment, type World } from './world.ts';

let world: World;
let base: string;
let goneUrl: string;

/** A base with one image on the backup and in the lock file, and a change that adds a source and a backup. */
beforeEach(async () => {
  world = await createWorld({ 'web.yaml': deployment('web', 'nginx:1.25') });
  await rewrite(world.work());
  base = await mkdtemp(join(tmpdir(), 'holdfast-review-'));
  await cp(world.folder, base, { recursive: true });
  await world.write('more.yaml', deployment('more', 'backup.test/mirror/docker.io/library/redis:8'));
  await world.write('web.yaml', `${await world.read('web.yaml')}---\n${deployment('cache', 'redis:7')}`);
  const gone = await startRegistry({});
  goneUrl = gone.url;
  await gone.close();
});
afterEach(async () => {
  await world.close();
  await rm(base, { recursive: true });
});

const call = { changed: null, reach: 'look' } as const;

/** With a backup at another address, and no waiting between the attempts. */
async function withBackupAt<T>(endpoint: string, use: (work: Work) => Promise<T>): Promise<T> {
  const registries = openRegistries({
    settings: { 'docker.io': { endpoint: world.upstream.url }, 'backup.test': { endpoint } },
    clock: { now: Date.now, random: () => 0, sleep: () => Promise.resolve() },
  });
  try {
    return await use({ ...world.work(), registries });
  } finally {
    registries.close();
  }
}

const found = ({ report }: Reviewed) =>
  findProblems(report).map(({ rule, level, file }) => [rule, level, file]);

test('a backup that is not there, and a source whose copy is not, are errors', async () => {
  const reviewed = await review(world.work(), { ...call, base });
  expect(found(reviewed)).toEqual([
    ['backup-missing', 'error', 'more.yaml'],
    ['not-backed-up', 'error', 'web.yaml'],
  ]);
  expect(reviewed).toMatchObject({ silence: null, isWhole: true });
});

test.each([
  { where: 'where backups are named', changed: null, problems: ['backup-unknown', 'not-backed-up'] },
  { where: 'where none is', changed: ['new.yaml'], problems: ['not-backed-up'] },
])('a backup registry without an answer leaves a change to be judged by names: $where', async (expected) => {
  await world.write('new.yaml', deployment('new', 'redis:7'));
  await rm(join(world.folder, 'web.yaml'));
  const reviewed = await withBackupAt(goneUrl, (work) =>
    review(work, { ...call, base, changed: expected.changed }),
  );
  expect(found(reviewed).map(([rule]) => rule)).toEqual(expected.problems);
  expect(reviewed.silence).toMatch(/^backup\.test/);
  expect(reviewed.isWhole).toBe(false);
});

test('a backup that the base has in its lock file is taken as there when nobody answers', async () => {
  const reviewed = await withBackupAt(goneUrl, (work) => review(work, { ...call, base }));
  expect(found(reviewed)).toEqual([
    ['backup-unknown', 'warning', 'more.yaml'],
    ['not-backed-up', 'error', 'web.yaml'],
  ]);
});

test('an answer that refuses is one, and stays an error', async () => {
  world.backup.setFaults([{ match: {}, fault: { kind: 'status', status: 403 } }]);
  const reviewed = await review(world.work(), { ...call, base });
  expect(found(reviewed)).toContainEqual(['backup-missing', 'error', 'more.yaml']);
  expect(reviewed.silence).toBeNull();
});

test('a registry that answers 403 for what is not there does not keep a check from copying it', async () => {
  const name = 'backup.test/mirror/docker.io/library/redis:7';
  await world.write('more.yaml', deployment('more', name));
  // Until the copy is pushed, as GitLab and Harbor do.
  const path = /\/redis\/manifests\/7$/;
  world.backup.setFaults(
    ['HEAD', 'GET'].map((method) => ({
      match: { method, path, nth: 1 },
      fault: { kind: 'status', status: 403 },
    })),
  );
  const looked = await review(world.work(), { ...call, base });
  expect(findProblems(looked.report).find(({ file }) => file === 'more.yaml')?.message).toMatch(
    /is not in the backup registry, or these credentials may not see it/,
  );
  world.backup.setFaults(
    ['HEAD', 'GET'].map((method) => ({
      match: { method, path, nth: 1 },
      fault: { kind: 'status', status: 403 },
    })),
  );
  const copied = await review(world.work(), { ...call, base, reach: 'copy' });
  expect(found(copied)).not.toContainEqual(['backup-missing', 'error', 'more.yaml']);
  expect(copied.report.copies).toContainEqual(
    expect.objectContaining({ source: 'docker.io/library/redis:7', status: 'copied' }),
  );
});

test('without a base there is nothing to judge names by, and the run stops', async () => {
  await rm(join(world.folder, 'more.yaml'));
  const started = withBackupAt(goneUrl, (work) => review(work, { ...call, base: null }));
  await expect(started).rejects.toThrow('The backup registry cannot be used');
});

test('an image that the change itself says to leave alone is told, one that was left alone before is not', async () => {
  const ignored = (name: string, image: string) =>
    `${deployment(name, image).trimEnd()} # holdfast: ignore\n`;
  await world.write('old.yaml', ignored('old', 'busybox:1'));
  await cp(world.folder, base, { recursive: true });
  await world.write('new.yaml', ignored('new', 'alpine:3'));
  const sentence = expect.stringMatching(
    /^new\.yaml:\d+ alpine:3 is not looked at, because this change says/,
  );
  const reviewed = await review(world.work(), { ...call, base });
  expect(reviewed.excused).toEqual([sentence]);
  expect(reviewed.report.notes).toEqual([sentence]);
  expect((await review(world.work(), { ...call, base: null })).excused).toEqual([]);
});

test('what a change names and the check copies is told once', async () => {
  await world.write('more.yaml', deployment('more', 'backup.test/mirror/docker.io/library/redis:7'));
  const { report } = await review(world.work(), { ...call, base, reach: 'copy' });
  const named = report.copies.filter(({ backup }) =>
    backup.startsWith('backup.test/mirror/docker.io/library/redis'),
  );
  expect(named.map(({ status }) => status)).toEqual(['copied']);
  expect(findProblems(report).map(({ subject }) => subject)).toEqual(['redis:7']);
});

test('a pull secret that Pods of another file need is told, although that file is not of the change', async () => {
  await rm(join(world.folder, 'more.yaml'));
  await world.write('apps/web.yaml', deployment('web', 'redis'));
  await world.write(
    'apps/kustomization.yaml',
    'resources: [web.yaml]\nimages: [{name: redis, newTag: "7"}]\n',
  );
  await review(world.work(), { ...call, base, reach: 'copy' });
  const changed = ['apps/kustomization.yaml'];
  const look = (name: string | null) =>
    review(world.work(name === null ? {} : { pullSecret: { name, attach: 'pod' } }), {
      ...call,
      base,
      changed,
    });
  const reviewed = await look('backup-pull');
  expect(reviewed.report.edits.map(({ file, pullSecret }) => [file, pullSecret])).toEqual(
    reviewed.report.edits.map(() => ['apps/kustomization.yaml', undefined]),
  );
  expect(reviewed.report.edits).not.toEqual([]);
  expect(reviewed.needsSecret).toBe(true);
  expect((await look(null)).needsSecret).toBe(false);
});
