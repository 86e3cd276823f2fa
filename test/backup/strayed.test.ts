import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { check, copy, plan, rewrite, verify } from '../../src/backup/index.ts';
import type { Config } from '../../src/config/index.ts';
import { createWorld, deployment, type World } from './world.ts';

const repository = 'mirror/docker.io/library/nginx';
const lockName = 'holdfast.lock.yaml';

let world: World;
beforeEach(async () => {
  world = await createWorld({ 'web.yaml': deployment('web', 'nginx:1.25') });
});
afterEach(() => world.close());

/** Backs nginx up, then lets somebody put redis under its tag. Answers the anchor that still names nginx. */
async function moveTag(pin: Config['pin']): Promise<string> {
  await rewrite(world.work({ pin }));
  const ours = world.backup.manifest(repository, '1.25')?.digest ?? '';
  const other = world.upstream.manifest('library/redis', '7');
  if (other === null) throw new Error('no redis');
  world.backup.addManifest(repository, '1.25', other.mediaType, other.bytes);
  return `1.25-${ours.slice('sha256:'.length).slice(0, 12)}`;
}

describe('a tag of the backup that somebody moved', () => {
  test('is told, and a manifest that names it alone is pointed at the anchor', async () => {
    const anchor = await moveTag('tag');
    const said = `Somebody moved backup.test/${repository}:1.25: it no longer names the image that was proven, which is kept as backup.test/${repository}:${anchor}.`;
    const preview = await plan(world.work({ pin: 'tag' }));
    expect(preview.attention).toBe(true);
    expect(preview.changes.map(({ path }) => path)).toEqual(['web.yaml']);

    const report = await rewrite(world.work({ pin: 'tag' }));
    expect(report.attention).toBe(true);
    expect(report.copies).toMatchObject([{ status: 'present', problems: [said], warnings: [] }]);
    expect(await world.read('web.yaml')).toContain(`image: backup.test/${repository}:${anchor} #`);
    expect(await world.read(lockName)).toContain(`backup: backup.test/${repository}:${anchor},`);

    const again = await rewrite(world.work({ pin: 'tag' }));
    expect(again).toMatchObject({ attention: false, changes: [], copies: [{ problems: [] }] });
    expect((await check(world.work({ pin: 'tag' }))).attention).toBe(false);
    expect((await verify(world.work({ pin: 'tag' }), { deep: false, repair: false })).attention).toBe(false);
  });

  test('is told by every copy while a manifest names it, and the lock file keeps the name', async () => {
    await moveTag('tag');
    const [text, lock] = [await world.read('web.yaml'), await world.read(lockName)];
    for (let times = 0; times < 2; times += 1) {
      const report = await copy(world.work({ pin: 'tag' }));
      expect(report.attention).toBe(true);
      expect(report.copies[0]?.problems).toHaveLength(1);
    }
    expect([await world.read('web.yaml'), await world.read(lockName)]).toEqual([text, lock]);
  });

  test('fails a check, which says what is still there', async () => {
    const anchor = await moveTag('tag');
    const report = await check(world.work({ pin: 'tag' }));
    expect(report.attention).toBe(true);
    expect(report.copies).toMatchObject([
      { status: 'failed', error: { code: 'moved', message: expect.stringContaining(anchor) } },
    ]);
  });

  test('is a warning where the manifests name the digest', async () => {
    await moveTag('digest');
    const text = await world.read('web.yaml');
    const report = await rewrite(world.work());
    expect(report.attention).toBe(false);
    expect(report.copies).toMatchObject([
      { problems: [], warnings: [expect.stringContaining('no longer names the image')] },
    ]);
    expect(await world.read('web.yaml')).toBe(text);
    expect((await check(world.work())).attention).toBe(false);
  });

  test('is put back when it was deleted, and nothing is said', async () => {
    await rewrite(world.work({ pin: 'tag' }));
    const digest = world.backup.manifest(repository, '1.25')?.digest ?? '';
    await fetch(`${world.backup.url}/v2/${repository}/manifests/1.25`, { method: 'DELETE' });
    expect(world.backup.manifest(repository, '1.25')).toBeNull();
    expect(await plan(world.work({ pin: 'tag' }))).toMatchObject({ attention: false, changes: [] });
    expect(await rewrite(world.work({ pin: 'tag' }))).toMatchObject({ attention: false, changes: [] });
    expect(world.backup.manifest(repository, '1.25')?.digest).toBe(digest);
  });
});
