import { describe, expect, it } from 'vitest';
import { copyImages } from '../../src/copy/index.ts';
import type { Fault, FaultRule } from '../../src/embedded/index.ts';
import { buildImage } from '../support/images.ts';
import { optionsFor, stepOf } from './steps.ts';
import { backup, upstream, withWorld } from './two-registries.ts';

const status = (code: number, headers: Readonly<Record<string, string>> = {}): Fault => ({
  kind: 'status',
  status: code,
  headers,
});
const blob = /\/blobs\/sha256/;
const manifest = /\/manifests\//;
const upload = /\/blobs\/uploads\//;

/** Nobody of skopeo, crane, regctl and oras survives them all: a silent stall stops every one. */
const faults: readonly (readonly [string, 'source' | 'target', FaultRule])[] = [
  ['429 with Retry-After on a blob', 'source', rule('GET', blob, status(429, { 'retry-after': '0' }), 2)],
  ['429 without a header on a manifest', 'source', rule('GET', manifest, status(429), 2)],
  ['503 on a blob', 'source', rule('GET', blob, status(503), 2)],
  ['500 on a manifest', 'source', rule('GET', manifest, status(500), 2)],
  ['a download that is cut once', 'source', rule('GET', blob, { kind: 'cut', afterBytes: 90_000 }, 1)],
  ['a download that is cut three times', 'source', rule('GET', blob, { kind: 'cut', afterBytes: 50_000 }, 3)],
  ['a download that stands still', 'source', rule('GET', blob, { kind: 'stall', afterBytes: 90_000 }, 1)],
  ['an upload that is reset', 'target', rule('PUT', upload, { kind: 'cut-upload', afterBytes: 90_000 }, 1)],
  [
    'an upload that stands still',
    'target',
    rule('PUT', upload, { kind: 'stall-upload', afterBytes: 90_000 }, 1),
  ],
  ['503 on the start of an upload', 'target', rule('POST', upload, status(503), 2)],
  ['503 on the body of an upload', 'target', rule('PUT', upload, status(503), 1)],
  [
    '429 with Retry-After on a manifest',
    'target',
    rule('PUT', manifest, status(429, { 'retry-after': '0' }), 2),
  ],
  ['503 on a manifest', 'target', rule('PUT', manifest, status(503), 2)],
  ['500 on the HEAD of a blob', 'target', rule('HEAD', blob, status(500), 2)],
  ['403 on every HEAD of a manifest', 'target', rule('HEAD', manifest, status(403), 99)],
  ['an answer that is lost', 'target', rule('PUT', manifest, { kind: 'lost-answer' }, 1)],
];

function rule(method: string, path: RegExp, fault: Fault, times: number): FaultRule {
  return { match: { method, path, times }, fault };
}

/** Waits cost nothing, so that only the number of attempts counts. */
const clock = { now: () => Date.now(), random: () => 0.5, sleep: async () => undefined };

describe('a copy survives', () => {
  it.each(faults)('%s at the %s', (_, side, fault) =>
    withWorld({ client: { clock, idleTimeout: 300 } }, async (world) => {
      const image = await buildImage({ seed: 'big', layers: [200_000, 150_000] });
      const digest = await world.push('acme/web', '1', image);
      const step = stepOf(`${upstream}/acme/web:1`, backup);
      // Something else has the tag already, so that the blobs are asked for.
      world.target.addManifest(
        step.backup.repository,
        '1',
        'application/vnd.oci.image.index.v1+json',
        emptyIndex,
      );
      world[side].setFaults([fault]);
      expect(await copyImages([step], optionsFor(world.registries))).toMatchObject([
        { status: 'copied', digest },
      ]);
      expect(world[side].requests.some((one) => one.fault === fault.fault.kind)).toBe(true);
      for (const { digest } of image.blobs)
        expect(world.target.hasBlob(step.backup.repository, digest)).toBe(true);
    }),
  );

  it('a token that dies in the middle', () =>
    withWorld(
      {
        target: { auth: { kind: 'bearer', users: [{ name: 'me', password: 'secret' }], tokenUses: 3 } },
        client: { settings: { [backup]: { username: 'me', password: 'secret' } } },
      },
      async (world) => {
        await world.push('acme/web', '1', await buildImage({ seed: 'x', layers: [900, 800, 700, 600] }));
        const outcomes = await copyImages(
          [stepOf(`${upstream}/acme/web:1`, backup)],
          optionsFor(world.registries, { concurrency: 1 }),
        );
        expect(outcomes).toMatchObject([{ status: 'copied' }]);
        expect(world.target.count({ path: /\/token/ })).toBeGreaterThan(2);
      },
    ));
});

const emptyIndex = Buffer.from('{"schemaVersion":2,"manifests":[]}');

describe('wrong bytes for good', () => {
  it.each<readonly [string, Fault]>([
    ['a byte that is changed', { kind: 'wrong-bytes' }],
    ['a body that never ends', { kind: 'endless' }],
    ['a redirect loop', { kind: 'redirect-loop' }],
  ])('%s ends in a coded error, and nothing is tagged', (_, fault) =>
    withWorld({ client: { clock, idleTimeout: 300 } }, async (world) => {
      await world.push('acme/web', '1', await buildImage({ seed: 'x' }));
      world.source.setFaults([{ match: { method: 'GET', path: blob }, fault }]);
      const step = stepOf(`${upstream}/acme/web:1`, backup);
      const [outcome] = await copyImages([step], optionsFor(world.registries));
      expect(outcome).toMatchObject({ status: 'failed', error: { code: 'invalid' } });
      expect(world.target.snapshot()[step.backup.repository]?.tags ?? {}).toEqual({});
    }),
  );
});
