import { describe, expect, it } from 'vitest';
import { copyImages } from '../../src/copy/index.ts';
import { buildImage, buildMultiArch } from '../support/images.ts';
import { digestOf, MemoryRegistries } from './memory-registry.ts';
import { lockOf, optionsFor, short, stepOf } from './steps.ts';

const upstream = 'ghcr.io';
const backup = 'backup.example';
const web = stepOf('ghcr.io/acme/web:1.0', backup);
const arm = { platforms: ['linux/arm64'] };

async function world(): Promise<{ all: MemoryRegistries; digest: string }> {
  const all = new MemoryRegistries();
  const digest = await all.add(upstream, 'acme/web', '1.0', await buildMultiArch('web'));
  return { all, digest };
}

function rootOf(all: MemoryRegistries, tag: string): { digest: string; text: any } {
  const { tags, manifests } = all.at(backup, 'ghcr.io/acme/web');
  const raw = manifests.get(tags.get(tag) ?? '');
  if (raw === undefined) throw new Error(`no ${tag}`);
  return { digest: raw.digest, text: JSON.parse(raw.bytes.toString()) };
}

describe('chosen platforms', () => {
  it('make a new index with their attestations, which names its origin', async () => {
    const { all, digest } = await world();
    const [outcome] = await copyImages([web], optionsFor(all, arm));
    const { digest: filtered, text } = rootOf(all, '1.0');
    expect(outcome).toMatchObject({
      status: 'copied',
      digest: filtered,
      tag: '1.0',
      platforms: ['linux/arm64'],
    });
    expect(filtered).not.toBe(digest);
    expect(rootOf(all, `1.0-${short(filtered)}`).digest).toBe(filtered);
    expect(text.annotations).toEqual({
      'dev.holdfast.source.digest': digest,
      'dev.holdfast.platforms': 'linux/arm64',
    });
    expect(text.manifests.map((one: any) => one.platform.architecture)).toEqual(['arm64', 'unknown']);
    expect(text.manifests[1].annotations['vnd.docker.reference.digest']).toBe(text.manifests[0].digest);
    expect(all.at(backup, 'ghcr.io/acme/web').manifests.size).toBe(3);
  });

  it('are known to be there by a HEAD at the source, and by what the backup says of their origin', async () => {
    const { all } = await world();
    const [first] = await copyImages([web], optionsFor(all, arm));
    all.calls.length = 0;
    const [again] = await copyImages([web], optionsFor(all, arm));
    expect(again).toMatchObject({
      status: 'present',
      digest: first && 'digest' in first ? first.digest : '',
    });
    expect(all.calls.map((call) => `${call.registry} ${call.method}`).toSorted()).toEqual([
      `${backup} GET`,
      `${backup} HEAD`,
      `${upstream} HEAD`,
    ]);
  });

  it('are known to be there by one HEAD where the lock says their digest and updates are ignored', async () => {
    const { all } = await world();
    await copyImages([web], optionsFor(all, arm));
    const entry = { ...lockOf(web, rootOf(all, '1.0').digest, '1.0'), ...arm };
    const locked = stepOf('ghcr.io/acme/web:1.0', backup, entry);
    const options = optionsFor(all, { ...arm, updates: 'ignore' });
    all.calls.length = 0;
    expect(await copyImages([locked], options)).toMatchObject([{ status: 'present' }]);
    expect(all.calls.map((call) => `${call.registry} ${call.method}`)).toEqual([`${backup} HEAD`]);
  });

  it.each(['ignore', 'report', 'propose'] as const)(
    'are known to be there by HEADs alone where the lock says what they were made from, with updates: %s',
    async (updates) => {
      const { all, digest } = await world();
      const [first] = await copyImages([web], optionsFor(all, arm));
      expect(first).toMatchObject({ status: 'copied', origin: digest });
      const entry = { ...lockOf(web, rootOf(all, '1.0').digest, '1.0'), ...arm };
      const old = { ...web, locked: entry };
      const [again] = await copyImages([old], optionsFor(all, { ...arm, updates: 'report' }));
      expect(again).toMatchObject({ status: 'present', origin: digest });
      all.calls.length = 0;
      const locked = { ...web, locked: { ...entry, origin: digestOf(digest) } };
      expect(await copyImages([locked], optionsFor(all, { ...arm, updates }))).toMatchObject([
        { status: 'present', digest: entry.digest, origin: digest, moved: null },
      ]);
      const asked = all.calls.map((call) => `${call.registry} ${call.method}`).toSorted();
      expect(asked).toEqual([`${backup} HEAD`, ...(updates === 'ignore' ? [] : [`${upstream} HEAD`])]);

      const later = await all.add(upstream, 'acme/web', '1.0', await buildMultiArch('later'));
      all.calls.length = 0;
      const [moved] = await copyImages([locked], optionsFor(all, { ...arm, updates }));
      expect(moved).toMatchObject(
        updates === 'propose'
          ? { status: 'copied', moved: later, origin: later }
          : { status: 'present', moved: updates === 'report' ? later : null, digest: entry.digest },
      );
      expect(all.count({ method: 'GET', registry: backup })).toBe(updates === 'propose' ? 1 : 0);
    },
  );

  it('are made again from what the lock names when the backup lost them, wherever the tag is by now', async () => {
    const { all, digest } = await world();
    await copyImages([web], optionsFor(all, arm));
    const made = rootOf(all, '1.0').digest;
    const locked = { ...lockOf(web, made, '1.0'), origin: digestOf(digest) };
    await all.add(upstream, 'acme/web', '1.0', await buildMultiArch('later'));
    const there = all.at(backup, 'ghcr.io/acme/web');
    for (const part of [there.tags, there.manifests, there.blobs]) part.clear();
    expect(await copyImages([{ ...web, locked }], optionsFor(all, arm))).toMatchObject([
      { status: 'copied', digest: made, origin: digest },
    ]);
    const blob = [...there.blobs.keys()][0] ?? '';
    there.blobs.delete(blob);
    await copyImages([{ ...web, locked }], optionsFor(all, { ...arm, repair: true }));
    expect(there.blobs.has(blob)).toBe(true);
  });

  it('that the locked copy does not have are asked for, and taken with updates: propose', async () => {
    const { all, digest } = await world();
    const [first] = await copyImages([web], optionsFor(all, { platforms: ['linux/amd64'] }));
    if (first?.status !== 'copied') throw new Error('not copied');
    const entry = { ...lockOf(web, first.digest, '1.0'), origin: digestOf(digest) };
    const locked = { ...web, locked: entry };
    for (const updates of ['ignore', 'report'] as const) {
      for (const platforms of [['linux/arm64'], ['linux/amd64', 'linux/arm64']])
        expect(await copyImages([locked], optionsFor(all, { platforms, updates }))).toMatchObject([
          {
            status: 'failed',
            error: { code: 'platform-missing', message: expect.stringContaining('updates: propose') },
          },
        ]);
    }
    const [taken] = await copyImages([locked], optionsFor(all, { ...arm, updates: 'propose' }));
    if (taken?.status !== 'copied') throw new Error('not copied');
    expect(taken).toMatchObject({ platforms: ['linux/arm64'], origin: digest, moved: null });
    expect(rootOf(all, taken.tag).digest).toBe(taken.digest);
    const again = { ...lockOf(web, taken.digest, taken.tag), ...arm, origin: digestOf(digest) };
    expect(
      await copyImages([{ ...web, locked: again }], optionsFor(all, { ...arm, updates: 'propose' })),
    ).toMatchObject([{ status: 'present', digest: taken.digest }]);
    all.at(upstream, 'acme/web').tags.clear();
    const lost = optionsFor(all, { platforms: ['linux/arm64'], updates: 'propose' });
    expect(await copyImages([locked], lost)).toMatchObject([
      { status: 'failed', error: { code: 'platform-missing' } },
    ]);
  });

  it.each([
    ['all by then', ['linux/arm64'], 'all'],
    ['others by then, which upstream does not have', ['linux/arm64'], ['linux/ppc64le']],
    ['all by then, and locked by their whole names', ['linux/arm64/v8'], 'all'],
  ] as const)('are repaired as the lock has them: %s', async (_, named, chosen) => {
    const { all, digest } = await world();
    await copyImages([web], optionsFor(all, arm));
    const made = rootOf(all, '1.0').digest;
    const locked = { ...lockOf(web, made, '1.0'), platforms: named, origin: digestOf(digest) };
    const there = all.at(backup, 'ghcr.io/acme/web');
    const before = [...there.blobs.keys(), ...there.manifests.keys()].toSorted();
    const repair = { repair: true, updates: 'ignore', platforms: chosen } as const;
    there.blobs.clear();
    expect(await copyImages([{ ...web, locked }], optionsFor(all, repair))).toMatchObject([
      { status: 'copied', digest: made },
    ]);
    expect([...there.blobs.keys(), ...there.manifests.keys()].toSorted()).toEqual(before);
    for (const part of [there.tags, there.manifests, there.blobs]) part.clear();
    expect(await copyImages([{ ...web, locked }], optionsFor(all, repair))).toMatchObject([
      { status: 'copied', digest: made },
    ]);
    expect([...there.blobs.keys(), ...there.manifests.keys()].toSorted()).toEqual(before);
  });

  it('that leave nothing out are known by HEADs alone where the lock says what the backup has', async () => {
    const { all, digest } = await world();
    const both = { platforms: ['linux/arm64', 'linux/amd64'] };
    await copyImages([web], optionsFor(all, both));
    const locked = { ...lockOf(web, digest, '1.0'), platforms: both.platforms };
    all.calls.length = 0;
    expect(await copyImages([{ ...web, locked }], optionsFor(all, both))).toMatchObject([
      { status: 'present', digest },
    ]);
    expect(all.calls.map((call) => `${call.registry} ${call.method}`).toSorted()).toEqual([
      `${backup} HEAD`,
      `${upstream} HEAD`,
    ]);
  });

  it('that an image does not have fail whatever the backup has of it by now', async () => {
    const missing = { platforms: ['linux/s390x'] };
    const all = new MemoryRegistries();
    await all.add(upstream, 'acme/one', '1', await buildImage({ seed: 'x' }));
    const digest = await all.add(upstream, 'acme/web', '1.0', await buildMultiArch('web'));
    const one = stepOf('ghcr.io/acme/one:1', backup);
    const pinned = stepOf(`ghcr.io/acme/web:1.0@${digest}`, backup);
    const locked = {
      ...web,
      locked: { ...lockOf(web, digest, '1.0'), platforms: ['linux/amd64', 'linux/arm64'] },
    };
    await copyImages([one, web], optionsFor(all));
    for (const steps of [[one], [web], [pinned], [locked]])
      for (const updates of ['report', 'ignore'] as const)
        expect(await copyImages(steps, optionsFor(all, { ...missing, updates }))).toMatchObject([
          {
            status: 'failed',
            error: { code: 'platform-missing', message: expect.stringContaining('linux/s390x') },
          },
        ]);
    expect(await copyImages([one, web], optionsFor(all))).toMatchObject([
      { status: 'present' },
      { status: 'present' },
    ]);
  });

  it('make the same bytes every time, whatever order they are asked in', async () => {
    const platforms = ['linux/arm64', 'linux/amd64'];
    const digests = [];
    for (const wanted of [platforms, platforms.toReversed()]) {
      const { all } = await world();
      const [child] = JSON.parse(
        [...all.at(upstream, 'acme/web').manifests.values()].at(-1)?.bytes.toString() ?? '{}',
      ).manifests;
      expect(child.platform.architecture).toBe('amd64');
      const outcomes = await copyImages([web], optionsFor(all, { platforms: [...wanted] }));
      digests.push(outcomes.map((one) => 'digest' in one && one.digest));
    }
    expect(digests[0]).toEqual(digests[1]);
  });

  it('that leave nothing out leave the digest as it is', async () => {
    const { all, digest } = await world();
    expect(
      await copyImages([web], optionsFor(all, { platforms: ['linux/arm64', 'linux/amd64'] })),
    ).toMatchObject([{ status: 'copied', digest }]);
  });

  it('are refused for a source that is pinned by digest', async () => {
    const { all, digest } = await world();
    expect(
      await copyImages([stepOf(`ghcr.io/acme/web@${digest}`, backup)], optionsFor(all, arm)),
    ).toMatchObject([
      {
        status: 'failed',
        error: { code: 'unsupported', message: expect.stringContaining('pinned by a digest') },
      },
    ]);
    expect(all.at(backup, 'ghcr.io/acme/web').tags.size).toBe(0);
  });

  it('that an image does not have fail, and name those that it has', async () => {
    const { all } = await world();
    expect(await copyImages([web], optionsFor(all, { platforms: ['linux/s390x'] }))).toMatchObject([
      {
        status: 'failed',
        error: { code: 'platform-missing', message: expect.stringContaining('linux/amd64, linux/arm64') },
      },
    ]);
  });

  it('are looked up in the config of an image without an index', async () => {
    const all = new MemoryRegistries();
    const digest = await all.add(upstream, 'acme/web', '1.0', await buildImage({ seed: 'x' }));
    expect(await copyImages([web], optionsFor(all, arm))).toMatchObject([
      {
        status: 'failed',
        error: { code: 'platform-missing', message: expect.stringContaining('linux/amd64') },
      },
    ]);
    expect(await copyImages([web], optionsFor(all, { platforms: ['linux/amd64'] }))).toMatchObject([
      { status: 'copied', digest, platforms: ['linux/amd64'] },
    ]);
  });

  it('stay at the locked digest when the tag moves, and say so', async () => {
    const { all } = await world();
    await copyImages([web], optionsFor(all, arm));
    const { digest } = rootOf(all, '1.0');
    const step = { ...web, locked: lockOf(web, digest, '1.0') };
    expect(await copyImages([step], optionsFor(all, arm))).toMatchObject([
      { status: 'present', digest, moved: null },
    ]);
    const later = await all.add(upstream, 'acme/web', '1.0', await buildMultiArch('later'));
    expect(await copyImages([step], optionsFor(all, arm))).toMatchObject([
      { status: 'present', digest, moved: later },
    ]);
    const [proposed] = await copyImages([step], optionsFor(all, { ...arm, updates: 'propose' }));
    expect(proposed).toMatchObject({ status: 'copied', moved: later });
    expect(rootOf(all, '1.0').digest).toBe(digest);
  });

  it('are made again as the lock has them when the backup lost them, or not at all', async () => {
    const { all } = await world();
    await copyImages([web], optionsFor(all, arm));
    const { digest } = rootOf(all, '1.0');
    const step = { ...web, locked: lockOf(web, digest, '1.0') };
    const there = all.at(backup, 'ghcr.io/acme/web');
    const lose = (): void => {
      for (const part of [there.tags, there.manifests, there.blobs]) part.clear();
    };
    lose();
    expect(await copyImages([step], optionsFor(all, arm))).toMatchObject([{ status: 'copied', digest }]);
    lose();
    await all.add(upstream, 'acme/web', '1.0', await buildMultiArch('later'));
    expect(await copyImages([step], optionsFor(all, arm))).toMatchObject([
      { status: 'failed', error: { code: 'not-found', message: expect.stringContaining(digest) } },
    ]);
    expect(there.tags.size).toBe(0);
  });

  it('are planned with the digest that they will have', async () => {
    const { all } = await world();
    const planned = await copyImages([web], optionsFor(all, { ...arm, dryRun: true }));
    expect(all.count({ method: 'PUT' })).toBe(0);
    await copyImages([web], optionsFor(all, arm));
    expect(planned).toMatchObject([{ status: 'planned', digest: rootOf(all, '1.0').digest, tag: '1.0' }]);
  });
});
