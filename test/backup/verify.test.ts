import { afterEach, expect, test } from 'vitest';
import { rewrite, verify } from '../../src/backup/index.ts';
import type { CopyEvent } from '../../src/copy/index.ts';
import { createWorld, deployment, type World } from './world.ts';

let world: World;
afterEach(() => world.close());

const repository = 'mirror/docker.io/library/nginx';
const quick = { deep: false, repair: false };

async function backedUp(): Promise<{ readonly layer: string }> {
  world = await createWorld({
    'web.yaml': deployment('web', 'nginx:1.25'),
    'cache.yaml': deployment('cache', 'redis:7'),
  });
  await rewrite(world.work());
  world.upstream.forgetRequests();
  const shared = new Set(world.backup.snapshot()['mirror/docker.io/library/redis']?.blobs ?? []);
  const layer = world.backup.snapshot()[repository]?.blobs.find((blob) => !shared.has(blob));
  if (layer === undefined) throw new Error('nginx has no blob of its own');
  return { layer };
}

test('finds every backup whole without a request to its source, and tells how far it is', async () => {
  await backedUp();
  const events: CopyEvent[] = [];
  const report = await verify({ ...world.work(), onEvent: (event) => events.push(event) }, quick);
  expect(report.attention).toBe(false);
  expect(report.backups.map(({ source, status, manifests }) => [source, status, manifests])).toEqual([
    ['docker.io/library/nginx:1.25', 'whole', 3],
    ['docker.io/library/redis:7', 'whole', 3],
  ]);
  expect(world.upstream.requests).toEqual([]);
  expect(events.map((event) => event.kind === 'verified' && `${event.done} of ${event.total}`)).toEqual([
    '1 of 2',
    '2 of 2',
  ]);
});

test('a blob that vanished needs a person, is brought back by --repair, and then all is whole', async () => {
  const { layer } = await backedUp();
  await world.backup.damageBlob(layer, null);
  const broken = await verify(world.work(), quick);
  expect(broken.attention).toBe(true);
  expect(broken.backups).toMatchObject([
    { status: 'broken', damages: [{ kind: 'missing', digest: layer }] },
    { status: 'whole' },
  ]);
  const repaired = await verify(world.work(), { deep: false, repair: true });
  expect(repaired).toMatchObject({
    attention: false,
    backups: [{ status: 'repaired' }, { status: 'whole' }],
  });
  expect((await verify(world.work(), { deep: true, repair: false })).attention).toBe(false);
});

test('wrong bytes of the right size are seen by --deep, and sent again by --repair', async () => {
  const { layer } = await backedUp();
  await world.backup.damageBlob(layer, Buffer.alloc(await sizeOf(layer), 'x'));
  expect((await verify(world.work(), quick)).attention).toBe(false);
  const deep = await verify(world.work(), { deep: true, repair: false });
  expect(deep.backups[0]).toMatchObject({ status: 'broken', damages: [{ kind: 'wrong-bytes' }] });
  const repaired = await verify(world.work(), { deep: true, repair: true });
  expect(repaired.backups[0]).toMatchObject({ status: 'repaired', error: null });
});

test('what upstream no longer has stays broken, with the reason', async () => {
  const { layer } = await backedUp();
  await world.backup.damageBlob(layer, null);
  world.upstream.setFaults([{ match: { method: 'GET' }, fault: { kind: 'status', status: 404 } }]);
  const report = await verify(world.work(), { deep: false, repair: true });
  expect(report.attention).toBe(true);
  expect(report.backups[0]).toMatchObject({ status: 'broken', error: { code: 'not-found' } });
});

test('a tag that was moved in the backup is told with the name that its image still has, and is not moved back', async () => {
  world = await createWorld({ 'web.yaml': deployment('web', 'nginx:1.25') });
  await rewrite(world.work({ pin: 'tag' }));
  const ours = world.backup.manifest(repository, '1.25')?.digest ?? '';
  const other = world.upstream.manifest('library/redis', '7');
  if (other === null) throw new Error('no redis');
  world.backup.addManifest(repository, '1.25', other.mediaType, other.bytes);
  const report = await verify(world.work({ pin: 'tag' }), quick);
  const anchor = `1.25-${ours.slice('sha256:'.length).slice(0, 12)}`;
  expect(report.attention).toBe(true);
  expect(report.backups).toMatchObject([
    {
      status: 'broken',
      damages: [
        {
          kind: 'moved',
          digest: other.digest,
          message:
            `somebody moved this tag: it names ${other.digest} now, which Pods that start get; holdfast.lock.yaml has ${ours} ` +
            `for it, and that image is still there: name it backup.test/${repository}:${anchor} in the manifests`,
        },
      ],
    },
  ]);
  expect(report.backups[0]?.damages).toHaveLength(1);
  const repaired = await verify(world.work({ pin: 'tag' }), { deep: false, repair: true });
  expect(repaired.backups[0]).toMatchObject({ status: 'broken', error: { code: 'moved' } });
  expect(world.backup.manifest(repository, '1.25')?.digest).toBe(other.digest);
});

test('a moved tag whose image is gone is told, and --repair brings the image back under its anchor', async () => {
  world = await createWorld({ 'web.yaml': deployment('web', 'nginx:1.25') });
  await rewrite(world.work({ pin: 'tag' }));
  const ours = world.backup.manifest(repository, '1.25')?.digest ?? '';
  const other = world.upstream.manifest('library/redis', '7');
  if (other === null) throw new Error('no redis');
  await fetch(`${world.backup.url}/v2/${repository}/manifests/${ours}`, { method: 'DELETE' });
  world.backup.addManifest(repository, '1.25', other.mediaType, other.bytes);
  const [before] = (await verify(world.work({ pin: 'tag' }), quick)).backups;
  expect(before?.damages[0]?.message).toContain('not there any more: --repair brings it back');
  const [after] = (await verify(world.work({ pin: 'tag' }), { deep: false, repair: true })).backups;
  expect(after?.damages[0]?.message).toContain('still there: name it');
  expect(after?.error?.message).toContain('not even back');
});

test('a registry that does not answer is not known, and needs a person', async () => {
  await backedUp();
  world.backup.setFaults([{ match: {}, fault: { kind: 'status', status: 401 } }]);
  const report = await verify(world.work(), quick);
  expect(report.attention).toBe(true);
  expect(report.backups[0]).toMatchObject({ status: 'failed', error: { code: 'unauthorized' } });
});

test('says that nothing was looked at where no manifest names a backup', async () => {
  await backedUp();
  const { notes, backups } = await verify(world.work({ backup: 'backup.test/miror' }), quick);
  expect([backups, notes]).toEqual([
    [],
    ['No manifest names a backup below backup.test/miror: nothing was looked at.'],
  ]);
});

test('parts look at each backup once between them', async () => {
  await backedUp();
  const parts = await Promise.all(
    [0, 1, 2].map((index) => verify({ ...world.work(), shard: { index, count: 3 } }, quick)),
  );
  const seen = parts.flatMap(({ backups }) => backups.map(({ source }) => source ?? ''));
  expect(seen.toSorted((a, b) => (a < b ? -1 : 1))).toEqual([
    'docker.io/library/nginx:1.25',
    'docker.io/library/redis:7',
  ]);
});

async function sizeOf(digest: string): Promise<number> {
  const answer = await fetch(`${world.backup.url}/v2/${repository}/blobs/${digest}`);
  return (await answer.arrayBuffer()).byteLength;
}
