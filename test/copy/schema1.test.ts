import { createHash } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { copyImages } from '../../src/copy/index.ts';
import { bytesBlob } from '../support/images.ts';
import { digestOf, MemoryRegistries } from './memory-registry.ts';
import { lockOf, optionsFor, stepOf } from './steps.ts';

const upstream = 'ghcr.io';
const backup = 'backup.example';
const old = stepOf('ghcr.io/acme/old:1', backup);
const convert = { convertSchema1: true };
const schema1 = 'application/vnd.docker.distribution.manifest.v1+json';

function sha256(bytes: Buffer): string {
  return `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
}

/** Two layers and one that only sets a variable, newest first. */
async function oldImage(seed: string): Promise<{ all: MemoryRegistries; digest: string; content: Buffer[] }> {
  const all = new MemoryRegistries();
  const content = [Buffer.alloc(9000, `${seed}a`), Buffer.alloc(7000, `${seed}b`)];
  const [base, top] = content.map((bytes) => bytesBlob(gzipSync(bytes)));
  if (base === undefined || top === undefined) throw new Error('no layers');
  const history = [
    {
      id: '3',
      parent: '2',
      created: '2016-03-01T00:00:00Z',
      architecture: 'amd64',
      os: 'linux',
      config: { Cmd: ['sh'] },
    },
    {
      id: '2',
      parent: '1',
      created: '2016-02-01T00:00:00Z',
      throwaway: true,
      container_config: { Cmd: ['ENV', 'x'] },
    },
    { id: '1', created: '2016-01-01T00:00:00Z', container_config: { Cmd: ['ADD a'] } },
  ];
  const bytes = Buffer.from(
    JSON.stringify({
      schemaVersion: 1,
      fsLayers: [top, base, base].map((one) => ({ blobSum: one.digest })),
      history: history.map((one) => ({ v1Compatibility: JSON.stringify(one) })),
    }),
  );
  const root = { digest: sha256(bytes), mediaType: schema1, bytes, size: bytes.length };
  const digest = await all.add(upstream, 'acme/old', '1', { blobs: [base, top], manifests: [root], root });
  return { all, digest, content };
}

describe('an image of schema 1', () => {
  it('is refused with a cure', async () => {
    const { all } = await oldImage('x');
    expect(await copyImages([old], optionsFor(all))).toMatchObject([
      {
        status: 'failed',
        error: { code: 'unsupported', message: expect.stringContaining('--convert-schema1') },
      },
    ]);
    expect(all.at(backup, old.backup.repository).manifests.size).toBe(0);
  });

  it('becomes one of schema 2 with the same layers, which names its origin', async () => {
    const { all, digest, content } = await oldImage('x');
    expect(await copyImages([old], optionsFor(all, convert))).toMatchObject([
      { status: 'copied', tag: '1', platforms: ['linux/amd64'] },
    ]);
    const { tags, manifests, blobs } = all.at(backup, old.backup.repository);
    const manifest = JSON.parse(manifests.get(tags.get('1') ?? '')?.bytes.toString() ?? '{}');
    expect(manifest.annotations).toEqual({ 'dev.holdfast.source.digest': digest });
    expect(
      manifest.layers.map((one: { digest: string; size: number }) => blobs.get(one.digest)?.length),
    ).toEqual(manifest.layers.map((one: { size: number }) => one.size));
    const config = JSON.parse(blobs.get(manifest.config.digest)?.toString() ?? '{}');
    expect(config).toEqual({
      created: '2016-03-01T00:00:00Z',
      architecture: 'amd64',
      os: 'linux',
      config: { Cmd: ['sh'] },
      rootfs: { type: 'layers', diff_ids: content.map(sha256) },
      history: [
        { created: '2016-01-01T00:00:00Z', created_by: 'ADD a' },
        { created: '2016-02-01T00:00:00Z', created_by: 'ENV x', empty_layer: true },
        { created: '2016-03-01T00:00:00Z' },
      ],
    });
  });

  it('is known to be there by its origin, with the lock and without, and its moved tag is seen', async () => {
    const { all } = await oldImage('x');
    const [first] = await copyImages([old], optionsFor(all, convert));
    if (first?.status !== 'copied') throw new Error('not copied');
    all.calls.length = 0;
    expect(await copyImages([old], optionsFor(all, convert))).toMatchObject([
      { status: 'present', digest: first.digest },
    ]);
    expect(all.count({ method: 'PUT' }) + all.count({ registry: upstream, method: 'GET' })).toBe(0);
    const locked = { ...old, locked: lockOf(old, first.digest, '1') };
    expect(await copyImages([locked], optionsFor(all, convert))).toMatchObject([
      { status: 'present', digest: first.digest, moved: null },
    ]);
    const other = await oldImage('y');
    all.at(upstream, 'acme/old').tags.set('1', other.digest as never);
    const raw = other.all.at(upstream, 'acme/old').manifests.get(other.digest);
    if (raw !== undefined) all.at(upstream, 'acme/old').manifests.set(other.digest, raw);
    expect(await copyImages([locked], optionsFor(all, convert))).toMatchObject([
      { status: 'present', digest: first.digest, moved: other.digest },
    ]);
  });

  it('is repaired by the same conversion, as its lock says', async () => {
    const { all, digest } = await oldImage('x');
    const [first] = await copyImages([old], optionsFor(all, convert));
    if (first?.status !== 'copied') throw new Error('not copied');
    const locked = { ...old, locked: { ...lockOf(old, first.digest, '1'), origin: digestOf(digest) } };
    const there = all.at(backup, old.backup.repository);
    const before = [...there.blobs.keys()].toSorted();
    there.blobs.clear();
    const repair = { repair: true, updates: 'ignore' } as const;
    expect(await copyImages([locked], optionsFor(all, repair))).toMatchObject([
      { status: 'copied', digest: first.digest },
    ]);
    expect([...there.blobs.keys()].toSorted()).toEqual(before);
  });

  it('cannot be converted where it is pinned by digest', async () => {
    const { all, digest } = await oldImage('x');
    const pinned = stepOf(`ghcr.io/acme/old@${digest}`, backup);
    expect(await copyImages([pinned], optionsFor(all, convert))).toMatchObject([
      { status: 'failed', error: { code: 'unsupported' } },
    ]);
  });
});
