import { describe, expect, it } from 'vitest';
import { type CopyEvent, copyImages } from '../../src/copy/index.ts';
import { RegistryError } from '../../src/registry/index.ts';
import { buildFamily, buildImage, buildIndex, buildMultiArch, seededBlob } from '../support/images.ts';
import { MemoryRegistries } from './memory-registry.ts';
import { lockOf, optionsFor, short, stepOf } from './steps.ts';

const upstream = 'ghcr.io';
const backup = 'backup.example';

async function oneImage(): Promise<{ all: MemoryRegistries; digest: string }> {
  const all = new MemoryRegistries();
  const digest = await all.add(upstream, 'acme/web', '1.0', await buildMultiArch('web'));
  return { all, digest };
}
const web = stepOf('ghcr.io/acme/web:1.0', backup);
const stable = stepOf('ghcr.io/acme/web:stable', backup);
const webThere = (all: MemoryRegistries) => all.at(backup, 'ghcr.io/acme/web');

describe('copyImages', () => {
  it('copies children before parents, the anchor before the plain tag, and every byte as it was', async () => {
    const { all, digest } = await oneImage();
    const [outcome] = await copyImages([web], optionsFor(all));
    expect(outcome).toMatchObject({
      status: 'copied',
      digest,
      tag: '1.0',
      platforms: ['linux/amd64', 'linux/arm64'],
      warnings: [],
    });
    const puts = all.select({ registry: backup, method: 'PUT' }).map((call) => call.what);
    expect(puts).toHaveLength(6);
    expect(puts.slice(4)).toEqual([`1.0-${short(digest)}`, '1.0']);
    expect(webThere(all).manifests).toEqual(all.at(upstream, 'acme/web').manifests);
    expect(webThere(all).blobs).toEqual(all.at(upstream, 'acme/web').blobs);
  });

  it('asks for no blob of a new repository before it sends it', async () => {
    const { all } = await oneImage();
    await copyImages([web], optionsFor(all));
    expect(all.count({ method: 'HEAD blob' })).toBe(0);
  });

  it('needs one HEAD on each side for an image that is there, and one in all for a pinned one', async () => {
    const { all, digest } = await oneImage();
    await copyImages([web], optionsFor(all));
    all.calls.length = 0;
    const [tagged] = await copyImages([web], optionsFor(all));
    expect(tagged).toMatchObject({ status: 'present', digest, tag: '1.0' });
    expect(all.calls.map((call) => `${call.registry} ${call.method}`).toSorted()).toEqual([
      `${backup} HEAD`,
      `${upstream} HEAD`,
    ]);

    all.calls.length = 0;
    const [pinned] = await copyImages([stepOf(`ghcr.io/acme/web:1.0@${digest}`, backup)], optionsFor(all));
    expect(pinned).toMatchObject({ status: 'present', digest, tag: '1.0' });
    expect(all.calls.map((call) => `${call.registry} ${call.method}`)).toEqual([`${backup} HEAD`]);
  });

  it('gives an image that is named by digest alone its anchor', async () => {
    const { all, digest } = await oneImage();
    const step = stepOf(`ghcr.io/acme/web@${digest}`, backup);
    expect(await copyImages([step], optionsFor(all))).toMatchObject([
      { status: 'copied', tag: `digest-${short(digest)}` },
    ]);
    all.calls.length = 0;
    expect(await copyImages([step], optionsFor(all))).toMatchObject([{ status: 'present' }]);
    expect(all.calls).toHaveLength(1);
  });

  it('never moves a backup tag: a later digest lives under its anchor', async () => {
    const { all, digest } = await oneImage();
    await copyImages([web], optionsFor(all));
    const later = await all.add(upstream, 'acme/web', '1.0', await buildMultiArch('web, later'));
    expect(await copyImages([web], optionsFor(all))).toMatchObject([
      { status: 'copied', digest: later, tag: `1.0-${short(later)}` },
    ]);
    expect(webThere(all).tags.get('1.0')).toBe(digest);
    all.calls.length = 0;
    expect(await copyImages([web], optionsFor(all))).toMatchObject([
      { status: 'present', digest: later, tag: `1.0-${short(later)}` },
    ]);
    expect(all.count({ method: 'GET' }) + all.count({ method: 'PUT' })).toBe(0);
  });

  it('writes the plain tag once when a tag and a digest of one run both want it', async () => {
    const { all, digest } = await oneImage();
    const later = await all.add(upstream, 'acme/web', '1.0', await buildMultiArch('web, later'));
    const outcomes = await copyImages(
      [web, stepOf(`ghcr.io/acme/web:1.0@${digest}`, backup)],
      optionsFor(all),
    );
    expect(outcomes).toMatchObject([
      { digest: later, tag: '1.0' },
      { digest, tag: `1.0-${short(digest)}` },
    ]);
  });

  it('finishes what an earlier run left between the anchor and the plain tag, without a look at the source', async () => {
    const { all, digest } = await oneImage();
    await copyImages([web], optionsFor(all));
    webThere(all).tags.delete('1.0');
    all.calls.length = 0;
    expect(await copyImages([web], optionsFor(all))).toMatchObject([
      { status: 'copied', tag: '1.0', bytes: 0 },
    ]);
    expect(webThere(all).tags.get('1.0')).toBe(digest);
    expect(all.select({ registry: upstream }).map((call) => call.method)).toEqual(['HEAD']);
    expect(all.select({ method: 'PUT' }).map((call) => call.what)).toEqual(['1.0']);
  });
});

describe('an image that is in the backup under another name', () => {
  it.each([
    [
      'a digest',
      (digest: string) => [stepOf(`ghcr.io/acme/web@${digest}`, backup)],
      (digest: string) => [`digest-${short(digest)}`],
    ],
    [
      'another tag, where the lock file says that something is there',
      (digest: string) => [{ ...stable, locked: lockOf(stable, digest, 'stable') }],
      (digest: string) => [`stable-${short(digest)}`, 'stable'],
    ],
    [
      'another tag, where the source says that it has several platforms',
      () => [stable],
      (digest: string) => [`stable-${short(digest)}`, 'stable'],
    ],
    [
      'another tag, where this run has seen that something is there',
      () => [stable, web],
      (digest: string) => [`stable-${short(digest)}`, 'stable'],
    ],
  ])('gets its tags, and no byte of it moves: by %s', async (_, steps, tags) => {
    const { all, digest } = await oneImage();
    all.at(upstream, 'acme/web').tags.set('stable', digest as never);
    await copyImages([web], optionsFor(all));
    all.calls.length = 0;
    const [outcome] = await copyImages(steps(digest), optionsFor(all));
    expect(outcome).toMatchObject({
      status: 'copied',
      digest,
      tag: tags(digest).at(-1),
      bytes: 0,
      platforms: ['linux/amd64', 'linux/arm64'],
    });
    expect(all.count({ registry: upstream, method: 'GET' }) + all.count({ method: 'GET blob' })).toBe(0);
    expect(all.count({ method: 'PUT blob' }) + all.count({ method: 'mount' })).toBe(0);
    expect(all.select({ method: 'PUT' }).map(({ what }) => what)).toEqual(tags(digest));
  });

  it('is copied anew where a repair is asked for', async () => {
    const { all, digest } = await oneImage();
    await copyImages([web], optionsFor(all));
    all.calls.length = 0;
    const step = stepOf(`ghcr.io/acme/web@${digest}`, backup);
    await copyImages([step], optionsFor(all, { repair: true }));
    expect(all.count({ registry: upstream, method: 'GET' })).toBe(5);
  });
});

describe('many images in one run', () => {
  it('moves each blob once, and mounts it everywhere else', async () => {
    const all = new MemoryRegistries();
    const family = await buildFamily({ seed: 'svc', count: 12, shared: [5000, 4000], own: 300 });
    for (const [index, image] of family.entries()) await all.add(upstream, `svc/${index}`, '1', image);
    const steps = family.map((_, index) => stepOf(`ghcr.io/svc/${index}:1`, backup));
    for (const concurrency of [1, 8]) {
      const target = `${concurrency}.example`;
      const outcomes = await copyImages(
        steps.map((step) => ({ ...step, backup: { ...step.backup, registry: target } })),
        optionsFor(all, { concurrency }),
      );
      expect(new Set(outcomes.map((one) => one.status))).toEqual(new Set(['copied']));
      const gets = all.select({ registry: upstream, method: 'GET blob' }).map((call) => call.what);
      expect(gets).toHaveLength(2 + 12 * 2);
      expect(new Set(gets).size).toBe(gets.length);
      expect(all.count({ registry: target, method: 'mount' })).toBe(11 * 2);
      expect(all.count({ registry: target, method: 'HEAD blob' })).toBe(0);
      expect(outcomes.reduce((sum, one) => sum + ('bytes' in one ? one.bytes : 0), 0)).toBe(
        [...new Map(family.flatMap((one) => one.blobs).map((one) => [one.digest, one.size])).values()].reduce(
          (a, b) => a + b,
        ),
      );
      all.calls.length = 0;
    }
  });

  it('takes the bytes from the backup itself where it does not mount', async () => {
    const all = new MemoryRegistries();
    all.withoutMounts.add(backup);
    const family = await buildFamily({ seed: 'svc', count: 4, shared: [5000], own: 300 });
    for (const [index, image] of family.entries()) await all.add(upstream, `svc/${index}`, '1', image);
    const outcomes = await copyImages(
      family.map((_, index) => stepOf(`ghcr.io/svc/${index}:1`, backup)),
      optionsFor(all),
    );
    expect(outcomes.map((one) => one.status)).toEqual(['copied', 'copied', 'copied', 'copied']);
    expect(all.count({ registry: upstream, method: 'GET blob' })).toBe(1 + 4 * 2);
    expect(all.count({ registry: backup, method: 'GET blob' })).toBe(3);
  });

  it('fetches an image with two tags once', async () => {
    const { all, digest } = await oneImage();
    all.at(upstream, 'acme/web').tags.set('1', digest as never);
    const outcomes = await copyImages([stepOf('ghcr.io/acme/web:1', backup), web], optionsFor(all));
    expect(outcomes).toMatchObject([
      { status: 'copied', tag: '1' },
      { status: 'copied', tag: '1.0' },
    ]);
    expect(all.count({ registry: upstream, method: 'GET' })).toBe(5);
  });

  it.each([
    ['one that counts no pulls', null, 2],
    ['one that counts them', 100, 1],
  ])(
    'looks into what was there for blobs to mount, but not where that is a pull: %s',
    async (_, left, gets) => {
      const all = new MemoryRegistries();
      const shared = await seededBlob('shared', 4_200_000);
      const names = ['acme/a', 'acme/b'];
      for (const name of names)
        await all.add(upstream, name, '1', await buildImage({ seed: name, layers: [shared] }));
      const [first, second] = names.map((name) => stepOf(`${upstream}/${name}:1`, backup));
      if (first === undefined || second === undefined) throw new Error('no steps');
      await copyImages([first], optionsFor(all));
      if (left !== null) all.pullsLeft.set(backup, left);
      all.calls.length = 0;
      expect(await copyImages([first, second], optionsFor(all))).toMatchObject([
        { status: 'present' },
        { status: 'copied', blobs: { mounted: left === null ? 1 : 0 } },
      ]);
      // One is the proof.
      expect(all.count({ registry: backup, method: 'GET' })).toBe(gets);
    },
  );

  it('goes on when one image fails, and leaves that one without a tag', async () => {
    const { all } = await oneImage();
    const broken = await buildImage({ seed: 'broken', layers: [100, 200, 300] });
    await all.add(upstream, 'acme/broken', '1', broken);
    all.at(upstream, 'acme/broken').blobs.delete(broken.blobs[2]?.digest ?? '');
    const outcomes = await copyImages([stepOf('ghcr.io/acme/broken:1', backup), web], optionsFor(all));
    expect(outcomes).toMatchObject([
      { status: 'failed', error: { code: 'not-found' } },
      { status: 'copied' },
    ]);
    expect(all.at(backup, 'ghcr.io/acme/broken').tags.size).toBe(0);
    expect(all.at(backup, 'ghcr.io/acme/broken').manifests.size).toBe(0);
  });

  it('lets another source deliver a blob that the first could not', async () => {
    const all = new MemoryRegistries();
    const shared = await seededBlob('shared', 500);
    await all.add(upstream, 'a/a', '1', await buildImage({ seed: 'a', layers: [shared] }));
    await all.add('quay.io', 'b/b', '1', await buildImage({ seed: 'b', layers: [shared] }));
    all.at(upstream, 'a/a').blobs.delete(shared.digest);
    const outcomes = await copyImages(
      [stepOf('ghcr.io/a/a:1', backup), stepOf('quay.io/b/b:1', backup)],
      optionsFor(all),
    );
    expect(outcomes.map((one) => one.status)).toEqual(['failed', 'copied']);
  });

  it('begins no further image of a registry that gives no more pulls', async () => {
    const { all } = await oneImage();
    all.before = (call) => {
      if (call.method === 'GET' && call.registry === upstream)
        throw new RegistryError('rate-limited', 'no pulls are left until 12:00', { registry: upstream });
    };
    const other = stepOf('ghcr.io/acme/web:1.0', 'other.example');
    const outcomes = await copyImages([web, other], optionsFor(all, { concurrency: 1 }));
    expect(outcomes).toMatchObject([
      { status: 'failed', error: { code: 'rate-limited' } },
      { status: 'failed', error: { code: 'rate-limited', message: expect.stringContaining('until 12:00') } },
    ]);
    expect(all.count({ registry: upstream, method: 'GET' })).toBe(1);
  });

  it('goes on with what needs no pull of a registry that gives no more', async () => {
    const { all, digest } = await oneImage();
    await copyImages([web], optionsFor(all));
    await all.add(upstream, 'acme/new', '1', await buildImage({ seed: 'new' }));
    all.before = (call) => {
      if (call.method === 'GET' && call.registry === upstream)
        throw new RegistryError('rate-limited', 'no pulls are left', { registry: upstream });
    };
    const steps = [stepOf('ghcr.io/acme/new:1', backup), stepOf(`ghcr.io/acme/web@${digest}`, backup)];
    expect(await copyImages(steps, optionsFor(all, { concurrency: 1 }))).toMatchObject([
      { status: 'failed', error: { code: 'rate-limited' } },
      { status: 'copied', digest },
    ]);
  });
});

describe('the digest that was resolved', () => {
  it('wins over a tag that moves while it is copied', async () => {
    const { all, digest } = await oneImage();
    const later = await buildMultiArch('web, later');
    all.before = async (call) => {
      if (call.method === 'GET' && call.registry === upstream)
        await all.add(upstream, 'acme/web', '1.0', later);
    };
    expect(await copyImages([web], optionsFor(all))).toMatchObject([{ status: 'copied', digest }]);
    expect(webThere(all).tags.get('1.0')).toBe(digest);
  });

  it('is the locked one, wherever the tag went', async () => {
    const { all, digest } = await oneImage();
    const later = await all.add(upstream, 'acme/web', '1.0', await buildMultiArch('web, later'));
    const step = stepOf('ghcr.io/acme/web:1.0', backup, lockOf(web, digest, '1.0'));
    expect(await copyImages([step], optionsFor(all))).toMatchObject([
      { status: 'copied', digest, tag: '1.0', moved: later },
    ]);
    expect(await copyImages([step], optionsFor(all))).toMatchObject([
      { status: 'present', digest, moved: later, platforms: ['linux/amd64'] },
    ]);
    all.calls.length = 0;
    expect(await copyImages([step], optionsFor(all, { updates: 'ignore' }))).toMatchObject([
      { status: 'present', digest, moved: null },
    ]);
    expect(all.count({ registry: upstream })).toBe(0);
  });

  it('is the new one when updates are proposed', async () => {
    const { all, digest } = await oneImage();
    await copyImages([web], optionsFor(all));
    const later = await all.add(upstream, 'acme/web', '1.0', await buildMultiArch('web, later'));
    const step = stepOf('ghcr.io/acme/web:1.0', backup, lockOf(web, digest, '1.0'));
    expect(await copyImages([step], optionsFor(all, { updates: 'propose' }))).toMatchObject([
      { status: 'copied', digest: later, tag: `1.0-${short(later)}`, moved: later },
    ]);
  });

  it('is looked for under the locked anchor first', async () => {
    const { all } = await oneImage();
    await copyImages([web], optionsFor(all));
    const later = await all.add(upstream, 'acme/web', '1.0', await buildMultiArch('web, later'));
    await copyImages([web], optionsFor(all));
    all.calls.length = 0;
    const step = stepOf('ghcr.io/acme/web:1.0', backup, lockOf(web, later, `1.0-${short(later)}`));
    expect(await copyImages([step], optionsFor(all))).toMatchObject([{ status: 'present', digest: later }]);
    expect(all.calls).toHaveLength(2);
  });
});

describe('a source that is gone', () => {
  it('keeps its backup, and says so', async () => {
    const { all, digest } = await oneImage();
    await copyImages([web], optionsFor(all));
    all.before = (call) => {
      if (call.registry === upstream) throw new RegistryError('unauthorized', 'no', { registry: upstream });
    };
    const [outcome] = await copyImages([web], optionsFor(all));
    expect(outcome).toMatchObject({ status: 'present', digest });
    expect(outcome).toHaveProperty('warnings.0', expect.stringContaining('not publicly pullable any more'));
  });

  it('is private or deleted when it asks for credentials', async () => {
    const { all } = await oneImage();
    all.before = (call) => {
      if (call.use === 'anonymous') throw new RegistryError('unauthorized', 'no', { registry: upstream });
    };
    expect(await copyImages([web], optionsFor(all))).toMatchObject([
      { status: 'private', error: { message: expect.stringContaining('deleted, or private') } },
    ]);
    expect(await copyImages([web], optionsFor(all, { includePrivate: true }))).toMatchObject([
      { status: 'copied' },
    ]);
  });

  it('is asked without credentials before a digest of it is copied', async () => {
    const { all, digest } = await oneImage();
    all.before = (call) => {
      if (call.use === 'anonymous') throw new RegistryError('unauthorized', 'no', { registry: upstream });
    };
    expect(await copyImages([stepOf(`ghcr.io/acme/web@${digest}`, backup)], optionsFor(all))).toMatchObject([
      { status: 'private' },
    ]);
  });

  it('is private where the registry hides from strangers what they may not see', async () => {
    const { all, digest } = await oneImage();
    all.hiding.add(upstream);
    const pinned = stepOf(`ghcr.io/acme/web@${digest}`, backup);
    const locked = stepOf('ghcr.io/acme/web:1.0', backup, lockOf(web, digest, '1.0'));
    for (const [step, updates] of [
      [pinned, 'report'],
      [locked, 'ignore'],
      [locked, 'report'],
    ] as const)
      for (const dryRun of [true, false])
        expect(await copyImages([step], optionsFor(all, { updates, dryRun }))).toMatchObject([
          { status: 'private', error: { message: expect.stringContaining('deleted, or private') } },
        ]);
    expect(webThere(all).manifests.size).toBe(0);
    expect(await copyImages([pinned], optionsFor(all, { includePrivate: true }))).toMatchObject([
      { status: 'copied' },
    ]);
  });

  it('is not found where not even credentials find a digest', async () => {
    const { digest } = await oneImage();
    const step = stepOf(`ghcr.io/acme/web@${digest}`, backup);
    expect(await copyImages([step], optionsFor(new MemoryRegistries()))).toMatchObject([
      { status: 'failed', error: { code: 'not-found' } },
    ]);
  });

  it('fails with the code of a registry that is down, even where an older backup has the tag', async () => {
    const { all } = await oneImage();
    await copyImages([web], optionsFor(all));
    all.before = (call) => {
      if (call.registry === upstream) throw new RegistryError('unavailable', 'down', { registry: upstream });
    };
    expect(await copyImages([web], optionsFor(all))).toMatchObject([
      { status: 'failed', error: { code: 'unavailable' } },
    ]);
  });

  it('that never was ends in not-found', async () => {
    const step = stepOf('ghcr.io/acme/nothing:1', backup);
    expect(await copyImages([step], optionsFor(new MemoryRegistries()))).toMatchObject([
      { status: 'failed', error: { code: 'not-found' } },
    ]);
  });
});

describe('the backup', () => {
  it('is not believed: what reads back otherwise is no proof', async () => {
    const { all } = await oneImage();
    all.before = (call) => {
      if (call.method === 'GET' && call.registry === backup) webThere(all).manifests.delete(call.what);
    };
    expect(await copyImages([web], optionsFor(all))).toMatchObject([
      { status: 'failed', error: { code: 'unproven' } },
    ]);
  });

  it('is asked again where one replica does not know yet what another one took', async () => {
    const { all, digest } = await oneImage();
    let hidden = 2;
    all.before = (call) => {
      const isProof = call.method === 'GET' && call.registry === backup;
      const { manifests } = webThere(all);
      const raw = manifests.get(call.what);
      if (!isProof || raw === undefined || hidden === 0) return;
      hidden -= 1;
      manifests.delete(call.what);
      setTimeout(() => manifests.set(call.what, raw), 20);
    };
    expect(await copyImages([web], optionsFor(all))).toMatchObject([{ status: 'copied', digest }]);
    expect(hidden).toBe(0);
  });

  it.each(['refused', 'denied'] as const)(
    'may answer %s to a tag that another process has just written',
    async (code) => {
      const { all, digest } = await oneImage();
      const root = all.at(upstream, 'acme/web').manifests.get(digest);
      if (root === undefined) throw new Error('no root');
      all.before = (call) => {
        if (call.method !== 'PUT' || call.what.startsWith('sha256:')) return;
        webThere(all).manifests.set(digest, root);
        webThere(all).tags.set(call.what, root.digest);
        throw new RegistryError(code, 'tag is immutable', { registry: backup });
      };
      expect(await copyImages([web], optionsFor(all))).toMatchObject([{ status: 'copied', tag: '1.0' }]);
    },
  );

  it('may answer 403 for what is not there, platforms in a repository with other images included', async () => {
    const all = new MemoryRegistries();
    await all.add(backup, 'ghcr.io/acme/web', '1.0', await buildImage({ seed: 'an older one' }));
    const digest = await all.add(upstream, 'acme/web', '1.0', await buildMultiArch('newer'));
    all.before = (call) => {
      const isAbsent = ![...webThere(all).manifests.keys(), ...webThere(all).tags.keys()].includes(call.what);
      if (call.registry === backup && isAbsent && (call.method === 'HEAD' || call.method === 'GET'))
        throw new RegistryError('denied', 'not in this virtual repository', { registry: backup });
    };
    expect(await copyImages([web], optionsFor(all))).toMatchObject([{ status: 'copied', digest }]);
  });

  it('with an anchor tag that names something else is a conflict', async () => {
    const { all, digest } = await oneImage();
    const other = await all.add(
      backup,
      'ghcr.io/acme/web',
      `1.0-${short(digest)}`,
      await buildImage({ seed: 'x' }),
    );
    expect(await copyImages([web], optionsFor(all))).toMatchObject([
      { status: 'failed', error: { code: 'conflict', message: expect.stringContaining(other) } },
    ]);
  });
});

describe('a dry run', () => {
  it('plans from HEADs alone, and writes nothing', async () => {
    const { all, digest } = await oneImage();
    expect(await copyImages([web], optionsFor(all, { dryRun: true }))).toMatchObject([
      { status: 'planned', digest },
    ]);
    expect(new Set(all.calls.map((call) => call.method))).toEqual(new Set(['HEAD']));
    expect(webThere(all).tags.size).toBe(0);
  });
});

describe('a run that is stopped', () => {
  it('ends every image as interrupted, and tags nothing after', async () => {
    const { all } = await oneImage();
    const controller = new AbortController();
    all.before = (call) => {
      if (call.method === 'PUT blob') controller.abort();
    };
    const outcomes = await copyImages(
      [web, stepOf('ghcr.io/acme/web:1.0', 'other.example')],
      optionsFor(all, { signal: controller.signal, concurrency: 1 }),
    );
    expect(outcomes).toMatchObject([
      { status: 'failed', error: { code: 'interrupted' } },
      { status: 'failed', error: { code: 'interrupted' } },
    ]);
    expect(webThere(all).tags.size).toBe(0);
  });
});

describe('progress', () => {
  it('adds up to the bytes that were moved', async () => {
    const { all } = await oneImage();
    const events: CopyEvent[] = [];
    const [outcome] = await copyImages([web], optionsFor(all, { onEvent: (event) => events.push(event) }));
    const moved = events.reduce((sum, event) => sum + (event.kind === 'moved' ? event.bytes : 0), 0);
    const sized = events.findLast((event) => event.kind === 'sized');
    expect(outcome).toHaveProperty('bytes', moved);
    expect(sized).toHaveProperty('bytes', moved);
    expect(moved).toBeGreaterThan(6000);
    expect(
      events.map((event) => event.kind).filter((kind) => kind === 'started' || kind === 'finished'),
    ).toEqual(['started', 'finished']);
  });
});

describe('nested indexes', () => {
  it('are copied whole', async () => {
    const all = new MemoryRegistries();
    const inner = await buildMultiArch('inner');
    const digest = await all.add(
      upstream,
      'acme/nested',
      '1',
      buildIndex([inner, await buildImage({ seed: 'x' })]),
    );
    expect(await copyImages([stepOf('ghcr.io/acme/nested:1', backup)], optionsFor(all))).toMatchObject([
      { status: 'copied', digest },
    ]);
    expect(all.at(backup, 'ghcr.io/acme/nested').manifests.size).toBe(7);
  });
});
