import { describe, expect, it } from 'vitest';
import { copyImages } from '../../src/copy/index.ts';
import { RegistryError } from '../../src/registry/index.ts';
import { type BuiltManifest, buildImage, buildMultiArch, cosignTag } from '../support/images.ts';
import { digestOf, MemoryRegistries } from './memory-registry.ts';
import { optionsFor, stepOf } from './steps.ts';

const upstream = 'ghcr.io';
const backup = 'backup.example';
const web = stepOf('ghcr.io/acme/web:1.0', backup);
const on = { referrers: true };

interface Signed {
  readonly all: MemoryRegistries;
  readonly root: BuiltManifest;
  readonly child: BuiltManifest;
  /** An SBOM of the image, and a signature of its first platform. */
  readonly referrers: readonly string[];
  /** cosign's tag for the image. */
  readonly signature: { readonly tag: string; readonly digest: string };
}

async function signedImage(): Promise<Signed> {
  const all = new MemoryRegistries();
  const image = await buildMultiArch('web');
  await all.add(upstream, 'acme/web', '1.0', image);
  const [child] = image.manifests;
  if (child === undefined) throw new Error('no child');
  const referrers: string[] = [];
  for (const [subject, artifactType] of [
    [image.root, 'application/spdx+json'],
    [child, 'application/vnd.dev.cosign.artifact.sig.v1+json'],
  ] as const) {
    const artifact = await buildImage({ seed: artifactType, subject, artifactType, layers: [200] });
    referrers.push(await all.add(upstream, 'acme/web', null, artifact));
  }
  const tag = cosignTag(image.root.digest, 'sig');
  const digest = await all.add(upstream, 'acme/web', tag, await buildImage({ seed: 'sig', layers: [150] }));
  return { all, root: image.root, child, referrers, signature: { tag, digest } };
}

describe('referrers', () => {
  it('follow the image and each of its children, and so do the tags of cosign', async () => {
    const { all, referrers, signature } = await signedImage();
    expect(await copyImages([web], optionsFor(all, on))).toMatchObject([{ status: 'copied', warnings: [] }]);
    const there = all.at(backup, web.backup.repository);
    for (const digest of referrers) expect(there.manifests.has(digest)).toBe(true);
    expect(there.tags.get(signature.tag)).toBe(signature.digest);
    expect([...there.tags.keys()].filter((tag) => /^sha256-[0-9a-f]+$/.test(tag))).toEqual([]);
  });

  it('come after the image itself and before its tags', async () => {
    const { all, root } = await signedImage();
    await copyImages([web], optionsFor(all, on));
    const puts = all.select({ registry: backup, method: 'PUT' }).map((call) => call.what);
    expect(puts.slice(4, 5)).toEqual([root.digest]);
    expect(puts.at(-1)).toBe('1.0');
    expect(puts).toHaveLength(4 + 1 + 2 + 1 + 2);
  });

  it('are listed under a fallback tag where the backup has no referrers API', async () => {
    const { all, root, child, referrers } = await signedImage();
    all.withoutReferrers.add(backup);
    await copyImages([web], optionsFor(all, on));
    const there = all.at(backup, web.backup.repository);
    for (const [index, subject] of [root, child].entries()) {
      const list = there.manifests.get(there.tags.get(subject.digest.replace(':', '-')) ?? '');
      const { manifests } = JSON.parse(list?.bytes.toString() ?? '{}');
      expect(manifests.map((one: { digest: string }) => one.digest)).toEqual([referrers[index]]);
    }
  });

  it('are added to a fallback tag that lists others already', async () => {
    const { all, root, referrers } = await signedImage();
    all.withoutReferrers.add(backup);
    await copyImages([web], optionsFor(all, on));
    const later = await buildImage({ seed: 'later', subject: root, artifactType: 'x/y', layers: [50] });
    const digest = await all.add(upstream, 'acme/web', null, later);
    await copyImages([web], optionsFor(all, { ...on, refresh: true }));
    const there = all.at(backup, web.backup.repository);
    const list = there.manifests.get(there.tags.get(root.digest.replace(':', '-')) ?? '');
    const { manifests } = JSON.parse(list?.bytes.toString() ?? '{}');
    const listed = new Set(manifests.map((one: { digest: string }) => one.digest));
    expect(listed).toEqual(new Set([referrers[0], digest]));
  });

  it('of an index that was made here are not asked for, those of its platforms are', async () => {
    const { all, root, child, referrers } = await signedImage();
    const options = optionsFor(all, { ...on, platforms: ['linux/amd64'] });
    const [outcome] = await copyImages([web], options);
    expect(outcome).toMatchObject({ status: 'copied', origin: root.digest, problems: [], warnings: [] });
    await copyImages([web], { ...options, refresh: true });
    const asked = all.select({ method: 'referrers', registry: upstream }).map(({ what }) => what);
    expect(asked).toEqual([child.digest, child.digest]);
    expect(all.at(backup, web.backup.repository).manifests.has(referrers[1] ?? '')).toBe(true);
  });

  it('are not looked for when the image is there, unless that is asked for', async () => {
    const { all, root } = await signedImage();
    await copyImages([web], optionsFor(all, on));
    const later = await buildImage({ seed: 'later', subject: root, artifactType: 'x/y', layers: [50] });
    const digest = await all.add(upstream, 'acme/web', null, later);
    all.calls.length = 0;
    expect(await copyImages([web], optionsFor(all, on))).toMatchObject([{ status: 'present' }]);
    expect(all.calls).toHaveLength(2);
    const there = all.at(backup, web.backup.repository);
    expect(there.manifests.has(digest)).toBe(false);
    const [outcome] = await copyImages([web], optionsFor(all, { ...on, refresh: true }));
    expect(outcome).toMatchObject({
      status: 'present',
      platforms: ['linux/amd64', 'linux/arm64'],
      problems: [],
      warnings: ['1 signature or attestation was brought.'],
    });
    expect(there.manifests.has(digest)).toBe(true);
  });

  it.each([
    ['a referrer', 0],
    ['the tag of cosign', 2],
  ])(
    'that exist and cannot be copied need a person, and the image is there without: %s',
    async (_, which) => {
      const { all, referrers, signature } = await signedImage();
      const lost = [...referrers, signature.digest][which];
      all.before = (call) => {
        if (call.registry === upstream && call.method === 'GET' && call.what === lost)
          throw new RegistryError('unavailable', 'down', { registry: upstream });
      };
      const [outcome] = await copyImages([web], optionsFor(all, on));
      expect(outcome).toMatchObject({
        status: 'copied',
        tag: '1.0',
        warnings: [],
        problems: [expect.stringMatching(/exists, and was not copied: ghcr\.io: down.*--refresh/)],
      });
      const { manifests } = all.at(backup, web.backup.repository);
      expect(manifests.has(lost ?? '')).toBe(false);
      expect(manifests.has(referrers[1] ?? '')).toBe(true);

      all.before = () => undefined;
      expect(await copyImages([web], optionsFor(all, { ...on, refresh: true }))).toMatchObject([
        { status: 'present', problems: [], warnings: ['1 signature or attestation was brought.'] },
      ]);
      expect(manifests.has(lost ?? '')).toBe(true);
      expect(await copyImages([web], optionsFor(all, { ...on, refresh: true }))).toMatchObject([
        { status: 'present', problems: [], warnings: [] },
      ]);
    },
  );

  it('that nobody may ask for are one warning, not a problem: most images have none', async () => {
    const { all, signature } = await signedImage();
    const forbidden = (call: { method: string; what: string }) =>
      ['tags', 'referrers'].includes(call.method) || call.what === signature.tag;
    all.before = (call) => {
      if (call.registry === upstream && forbidden(call))
        throw new RegistryError('denied', 'no', { registry: upstream });
    };
    const [outcome] = await copyImages([web], optionsFor(all, on));
    expect(outcome).toMatchObject({
      status: 'copied',
      problems: [],
      warnings: [expect.stringMatching(/^Whether .* has signatures .* ghcr\.io: no.*--refresh/)],
    });
  });

  it('that cannot be listed in the backup need a person', async () => {
    const { all, root } = await signedImage();
    all.withoutReferrers.add(backup);
    all.before = (call) => {
      if (call.registry === backup && call.method === 'PUT' && call.what === root.digest.replace(':', '-'))
        throw new RegistryError('denied', 'no', { registry: backup });
    };
    expect(await copyImages([web], optionsFor(all, on))).toMatchObject([
      { status: 'copied', problems: [expect.stringContaining(root.digest)] },
    ]);
  });

  it('stay behind when they are not wanted', async () => {
    const { all, referrers } = await signedImage();
    await copyImages([web], optionsFor(all, { referrers: false }));
    expect(all.at(backup, web.backup.repository).manifests.has(referrers[0] ?? '')).toBe(false);
    expect(all.count({ method: 'referrers' }) + all.count({ method: 'tags' })).toBe(0);
  });

  it('are asked for tag by tag where the source does not list its tags', async () => {
    const { all, signature } = await signedImage();
    all.before = (call) => {
      if (call.method === 'tags') throw new RegistryError('denied', 'no', { registry: upstream });
    };
    expect(await copyImages([web], optionsFor(all, on))).toMatchObject([{ status: 'copied', warnings: [] }]);
    expect(all.at(backup, web.backup.repository).tags.get(signature.tag)).toBe(digestOf(signature.digest));
  });
});

describe('layers that are not for others to distribute', () => {
  const foreignUrl = 'https://publisher.example/layer';

  it('are left out, and that is said', async () => {
    const all = new MemoryRegistries();
    const digest = await all.add(upstream, 'acme/web', '1.0', await buildImage({ seed: 'win', foreignUrl }));
    const [outcome] = await copyImages([web], optionsFor(all));
    expect(outcome).toMatchObject({ status: 'copied', digest });
    expect(outcome).toHaveProperty(
      'warnings.0',
      expect.stringMatching(/^The foreign layer sha256:\w{64} .*--foreign-layers/),
    );
  });

  it('are copied when that is asked for, or the image fails', async () => {
    const all = new MemoryRegistries();
    await all.add(upstream, 'acme/web', '1.0', await buildImage({ seed: 'win', foreignUrl }));
    const options = optionsFor(all, { foreignLayers: true });
    expect(await copyImages([web], options)).toMatchObject([
      { status: 'failed', error: { code: 'not-found' } },
    ]);
  });
});
