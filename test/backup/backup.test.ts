import { afterEach, expect, onTestFinished, test } from 'vitest';
import { check, copy, plan, restore, rewrite, scan } from '../../src/backup/index.ts';
import { startRegistry } from '../../src/embedded/index.ts';
import { formatLock } from '../../src/plan/index.ts';
import type { Digest } from '../../src/reference/index.ts';
import { openRegistries } from '../../src/registry/index.ts';
import { createWorld, deployment, type World } from './world.ts';

let world: World;
afterEach(() => world.close());

const web = deployment('web', 'nginx:1.25');
const cache = deployment('cache', 'redis:7');

const digestOf = (repository: string, tag: string): string =>
  world.upstream.manifest(repository, tag)?.digest ?? 'absent';

test('rewrite copies, proves, points the manifests at the backup, and locks what it did', async () => {
  world = await createWorld({ 'web.yaml': web, 'cache.yaml': cache });
  const report = await rewrite(world.work());
  const nginx = digestOf('library/nginx', '1.25');
  expect(await world.read('web.yaml')).toBe(
    web.replace('nginx:1.25', `backup.test/mirror/docker.io/library/nginx:1.25@${nginx}`),
  );
  expect(report.copies.map(({ source, status, digest }) => [source, status, digest])).toEqual([
    ['docker.io/library/nginx:1.25', 'copied', nginx],
    ['docker.io/library/redis:7', 'copied', digestOf('library/redis', '7')],
  ]);
  expect(report.edits.map(({ file, line }) => [file, line])).toEqual([
    ['cache.yaml', 11],
    ['web.yaml', 11],
  ]);
  expect(report.attention).toBe(false);
  expect(world.backup.manifest('mirror/docker.io/library/nginx', '1.25')?.digest).toBe(nginx);
  expect(await world.read('holdfast.lock.yaml')).toContain(
    `docker.io/library/nginx:1.25:\n    { digest: ${nginx}, backup: backup.test/mirror/docker.io/library/nginx:1.25,`,
  );
});

test('a second rewrite changes nothing and moves nothing', async () => {
  world = await createWorld({ 'web.yaml': web });
  await rewrite(world.work());
  const [manifest, lock] = [await world.read('web.yaml'), await world.read('holdfast.lock.yaml')];
  world.upstream.forgetRequests();
  world.backup.forgetRequests();
  const report = await rewrite(world.work());
  expect(report).toMatchObject({ changes: [], edits: [], attention: false });
  expect([await world.read('web.yaml'), await world.read('holdfast.lock.yaml')]).toEqual([manifest, lock]);
  expect(world.upstream.requests.map(({ method }) => method)).toEqual(['HEAD']);
  expect(world.backup.requests.map(({ method }) => method)).toEqual(['HEAD']);
});

test('an image that fails leaves its own references alone, and only those', async () => {
  world = await createWorld({ 'web.yaml': web, 'gone.yaml': deployment('gone', 'nobody/has-this:1') });
  const report = await rewrite(world.work());
  expect(await world.read('gone.yaml')).toBe(deployment('gone', 'nobody/has-this:1'));
  expect(await world.read('web.yaml')).toContain('backup.test/mirror');
  expect(report.attention).toBe(true);
  expect(report.copies.map(({ status }) => status)).toEqual(['copied', 'failed']);
});

test('a backup that refuses everything leaves every manifest as it was, and no lock file', async () => {
  world = await createWorld({ 'web.yaml': web });
  world.backup.setFaults([{ match: { method: 'PUT' }, fault: { kind: 'status', status: 403 } }]);
  const report = await rewrite(world.work());
  expect(report.copies[0]).toMatchObject({ status: 'failed', error: { code: 'denied' } });
  expect(await world.read('web.yaml')).toBe(web);
  await expect(world.read('holdfast.lock.yaml')).rejects.toThrow('ENOENT');
});

test('a backup that cannot be reached at all ends the run', async () => {
  world = await createWorld({ 'web.yaml': web });
  world.backup.setFaults([{ match: {}, fault: { kind: 'status', status: 401 } }]);
  await expect(rewrite(world.work())).rejects.toMatchObject({
    code: 'access',
    message: expect.stringContaining('The backup registry cannot be used. backup.test'),
  });
  expect(await world.read('web.yaml')).toBe(web);
});

test('a lock file that changes while we work keeps both what it says and what we proved', async () => {
  world = await createWorld({ 'web.yaml': web, 'holdfast.lock.yaml': 'version: 1\nimages: {}\n' });
  const other = formatLock({
    entries: [
      {
        source: 'docker.io/library/redis:7',
        digest: digestOf('library/redis', '7') as Digest,
        backup: 'backup.test/mirror/docker.io/library/redis:7',
        platforms: [],
      },
    ],
  });
  await rewrite({
    ...world.work(),
    onEvent: ({ kind }) => {
      if (kind === 'finished') void world.write('holdfast.lock.yaml', other);
    },
  });
  const lock = await world.read('holdfast.lock.yaml');
  expect(lock).toContain('docker.io/library/redis:7:');
  expect(lock).toContain('docker.io/library/nginx:1.25:');
});

test('what cannot be read, and what may not be edited here, fails a check', async () => {
  const held = deployment('held', 'nginx:1.25').replace(
    '# as upstream says',
    `# {"$imagepolicy": "flux-system:web"}`,
  );
  world = await createWorld({ 'held.yaml': held });
  expect((await check(world.work())).attention).toBe(true);
  await world.write('held.yaml', 'apiVersion: v1\nkind: Pod\nspec:\n  containers:\n  - image: "nginx\n');
  const report = await check(world.work());
  expect(report.skipped.map(({ file }) => file)).toContain('held.yaml');
  expect(report.attention).toBe(true);
});

test('a check does not believe a mirror of the backup that still serves what is gone', async () => {
  world = await createWorld({ 'web.yaml': web });
  await rewrite(world.work());
  const gone = await startRegistry();
  const registries = openRegistries({
    settings: { 'backup.test': { endpoint: gone.url, mirrors: [world.backup.url] } },
  });
  onTestFinished(async () => {
    registries.close();
    await gone.close();
  });
  const report = await check({ ...world.work(), registries });
  expect(report.copies).toMatchObject([{ status: 'failed', error: { code: 'not-found' } }]);
});

test('plan shows the edits of rewrite, and writes nothing anywhere', async () => {
  world = await createWorld({ 'web.yaml': web });
  const planned = await plan(world.work());
  expect(await world.read('web.yaml')).toBe(web);
  expect(world.backup.requests.every(({ method }) => method === 'HEAD' || method === 'GET')).toBe(true);
  const done = await rewrite(world.work());
  expect(planned.changes).toEqual(done.changes);
  expect(planned.copies.map(({ status }) => status)).toEqual(['planned']);
});

test('plan names the tag that rewrite will write when tags are pinned', async () => {
  world = await createWorld({ 'web.yaml': web });
  const planned = await plan(world.work({ pin: 'tag' }));
  expect(planned.changes[0]?.after).toContain('image: backup.test/mirror/docker.io/library/nginx:1.25 #');
});

test('restore puts the sources back, byte for byte', async () => {
  world = await createWorld({ 'web.yaml': web, 'cache.yaml': cache });
  await rewrite(world.work());
  const report = await restore(world.work({ backup: null }));
  expect([await world.read('web.yaml'), await world.read('cache.yaml')]).toEqual([web, cache]);
  expect(report.attention).toBe(false);
});

test('restore empties the digest that a rewrite put beside the name, and says what it leaves', async () => {
  const values = 'image:\n  repository: nginx\n  tag: "1.25"\n  digest: ""\n';
  const chart = {
    'chart/Chart.yaml': 'apiVersion: v2\nname: web\nversion: 1.0.0\n',
    'chart/values.yaml': values,
  };
  world = await createWorld({ 'web.yaml': web, ...chart });
  const pullSecret = { name: 'backup-pull', attach: 'pod' } as const;
  await rewrite(world.work({ pullSecret }));
  expect(await world.read('chart/values.yaml')).toMatch(/digest: "sha256:/);
  const report = await restore(world.work({ pullSecret }));
  // With its host, as charts may put a registry of theirs before what has none.
  expect(await world.read('chart/values.yaml')).toBe(values.replace('nginx', 'docker.io/library/nginx'));
  expect(report.attention).toBe(false);
  expect(report.notes).toEqual([
    'web.yaml: the pull secret backup-pull stays, also where a rewrite added it; take it out by hand where nothing else needs it.',
  ]);
});

test('restore names every file that keeps what a rewrite may have added, however many they are', async () => {
  const names = ['a', 'b', 'c', 'd', 'e'];
  const files = names.map((name) => [`${name}/base/web.yaml`, deployment(name, 'nginx:1.25')] as const);
  const overlays = names.flatMap((name) => [
    [`${name}/base/kustomization.yaml`, 'resources: [web.yaml]\n'] as const,
    [`${name}/kustomization.yaml`, 'resources: [base]\nimages: [{ name: nginx, newTag: "1.25" }]\n'] as const,
  ]);
  world = await createWorld(Object.fromEntries([...files, ...overlays]));
  const pullSecret = { name: 'backup-pull', attach: 'pod' } as const;
  await rewrite(world.work({ pullSecret }));
  const { notes } = await restore(world.work({ pullSecret }));
  expect(notes).toEqual([
    expect.stringMatching(/^a\/kustomization.yaml, b\/.*, c\/.*, d\/.*, e\/kustomization.yaml: the entries/),
    expect.stringMatching(/^a\/base\/web.yaml, b\/.*, c\/.*, d\/.*, e\/base\/web.yaml: the pull secret/),
  ]);
});

test('restore without a lock file says that nothing tells the sources', async () => {
  world = await createWorld({ 'web.yaml': web });
  await expect(restore(world.work())).rejects.toThrow('There is no holdfast.lock.yaml in');
});

test('restore says which backups its lock file does not know, and leaves them', async () => {
  world = await createWorld({ 'web.yaml': web });
  await rewrite(world.work());
  const unknown = deployment('lost', 'backup.test/mirror/docker.io/library/redis:6');
  await world.write('lost.yaml', unknown);
  const report = await restore(world.work());
  expect(await world.read('web.yaml')).toBe(web);
  expect(await world.read('lost.yaml')).toBe(unknown);
  expect(report.attention).toBe(true);
  expect(report.notes.join()).toContain(
    'lost.yaml:11 backup.test/mirror/docker.io/library/redis:6: holdfast.lock.yaml',
  );
});

test('check fails for what is not backed up, and for a backup that is not there', async () => {
  world = await createWorld({ 'web.yaml': web });
  expect((await check(world.work())).attention).toBe(true);
  await rewrite(world.work());
  expect((await check(world.work())).attention).toBe(false);
  await world.write('lost.yaml', deployment('lost', 'backup.test/mirror/docker.io/library/redis:6'));
  const report = await check(world.work());
  expect(report.attention).toBe(true);
  expect(report.copies.find(({ error }) => error !== null)).toMatchObject({
    backup: 'backup.test/mirror/docker.io/library/redis:6',
    error: { code: 'not-found' },
  });
});

test('a locked source keeps its digest when its tag moves, and the move is told', async () => {
  world = await createWorld({ 'web.yaml': web });
  await rewrite(world.work());
  const [before, locked] = [await world.read('web.yaml'), digestOf('library/nginx', '1.25')];
  const other = world.upstream.manifest('library/redis', '7');
  if (other) world.upstream.addManifest('library/nginx', '1.25', other.mediaType, other.bytes);
  const report = await rewrite(world.work());
  expect(await world.read('web.yaml')).toBe(before);
  expect(report.copies[0]).toMatchObject({ status: 'present', digest: locked, moved: other?.digest });
});

test('a backup reference that the lock does not know is copied when it is missing', async () => {
  world = await createWorld({
    'cache.yaml': deployment('cache', 'backup.test/mirror/docker.io/library/redis:7'),
  });
  const report = await rewrite(world.work());
  expect(report.copies[0]).toMatchObject({ source: 'docker.io/library/redis:7', status: 'copied' });
  expect(await world.read('cache.yaml')).toBe(
    deployment('cache', 'backup.test/mirror/docker.io/library/redis:7'),
  );
});

test('pull secrets go to every Pod that uses a backup, once', async () => {
  world = await createWorld({ 'web.yaml': web });
  const pullSecret = { name: 'backup-pull', attach: 'pod' } as const;
  await rewrite(world.work());
  await rewrite(world.work({ pullSecret }));
  const text = await world.read('web.yaml');
  expect(text).toContain('      imagePullSecrets:\n        - name: backup-pull\n      containers:\n');
  await rewrite(world.work({ pullSecret }));
  expect(await world.read('web.yaml')).toBe(text);
});

test('a manifest that changes while we work is not overwritten', async () => {
  world = await createWorld({ 'web.yaml': web });
  const edited = web.replace('name: web', 'name: shop-window');
  const report = await rewrite({
    ...world.work(),
    onEvent: ({ kind }) => {
      if (kind === 'finished') void world.write('web.yaml', edited);
    },
  });
  expect(await world.read('web.yaml')).toBe(edited);
  expect(report.attention).toBe(true);
  expect(report.skipped).toMatchObject([{ file: 'web.yaml', reason: 'not-edited' }]);
});

test('a stop in the middle changes no manifest and says how to go on', async () => {
  world = await createWorld({ 'web.yaml': web });
  const stop = new AbortController();
  const stopped = rewrite({ ...world.work({}, stop.signal), onEvent: () => stop.abort() });
  await expect(stopped).rejects.toMatchObject({ code: 'interrupted' });
  expect(await world.read('web.yaml')).toBe(web);
});

test('copy leaves the manifests alone and keeps the lock', async () => {
  world = await createWorld({ 'web.yaml': web });
  const report = await copy(world.work());
  expect(report.copies[0]?.status).toBe('copied');
  expect(await world.read('web.yaml')).toBe(web);
  expect(await world.read('holdfast.lock.yaml')).toContain('docker.io/library/nginx:1.25');
});

test('scan needs no backup and no network', async () => {
  world = await createWorld({ 'web.yaml': web });
  const report = await scan(world.work({ backup: null }));
  expect(report.images).toMatchObject([
    { canonical: 'docker.io/library/nginx:1.25', state: 'candidate', editable: true },
  ]);
  expect(world.upstream.requests).toEqual([]);
});

test('without a backup, what needs one says what to write', async () => {
  world = await createWorld({ 'web.yaml': web });
  await expect(plan(world.work({ backup: null }))).rejects.toThrow('--backup REGISTRY/PREFIX');
});
