import { Buffer } from 'node:buffer';
import { describe, expect, it } from 'vitest';
import { pruneBackups, verifyBackups } from '../../src/copy/index.ts';
import type { Digest } from '../../src/reference/index.ts';
import {
  digestOf as hash,
  type RawManifest,
  type Registries,
  type Registry,
} from '../../src/registry/index.ts';

const count = 10_000;
const host = 'backup.example';
const type = 'application/vnd.oci.image.manifest.v1+json';

interface Fake {
  readonly registries: Registries;
  readonly requests: Map<string, number>;
  readonly images: readonly { readonly repository: string; readonly digest: Digest }[];
  readonly busiest: () => number;
}

/** A registry of ten thousand images in a thousand repositories, which share five layers; no network, no bytes. */
function fakeRegistry(): Fake {
  const requests = new Map<string, number>();
  const manifests = new Map<string, RawManifest>();
  const tags = new Map<string, Map<string, Digest>>();
  const blob = (name: string) => ({
    mediaType: 'application/vnd.oci.image.layer.v1.tar+gzip',
    digest: hash(Buffer.from(name)),
    size: 1000,
  });
  const shared = ['a', 'b', 'c', 'd', 'e'].map(blob);
  const images = Array.from({ length: count }, (_, index) => {
    const repository = `mirror/svc/${index % 1000}`;
    const layers = [...shared, blob(`own ${index}`)];
    const bytes = Buffer.from(
      JSON.stringify({ schemaVersion: 2, mediaType: type, config: blob(`config ${index}`), layers }),
    );
    const digest = hash(bytes);
    manifests.set(digest, { mediaType: type, digest, bytes });
    const there = tags.get(repository) ?? new Map<string, Digest>();
    tags.set(repository, there.set(`v${index}`, digest));
    return { repository, digest };
  });
  let underWay = 0;
  let most = 0;
  const answer = async <T>(method: string, work: () => T): Promise<T> => {
    requests.set(method, (requests.get(method) ?? 0) + 1);
    underWay += 1;
    most = Math.max(most, underWay);
    await new Promise((resolve) => {
      setImmediate(resolve);
    });
    underWay -= 1;
    return work();
  };
  const find = (repository: string, name: string): RawManifest | null =>
    manifests.get(tags.get(repository)?.get(name) ?? name) ?? null;
  const registry: Partial<Registry> = {
    host,
    getManifest: (repository, name) => answer('GET', () => find(repository, name)),
    headManifest: (repository, name) =>
      answer('HEAD', () => {
        const found = find(repository, name);
        return found && { mediaType: type, digest: found.digest, size: found.bytes.length };
      }),
    headBlob: () => answer('HEAD blob', () => true),
    listTags: (repository) => answer('tags', () => [...(tags.get(repository)?.keys() ?? [])]),
    listReferrers: () => answer('referrers', () => []),
    deleteManifest: (_, digest) => answer('DELETE', () => void manifests.delete(digest)),
  };
  return {
    requests,
    images,
    busiest: () => most,
    registries: { open: () => registry as Registry, connections: 16, close: () => undefined },
  };
}

describe('ten thousand images', () => {
  it('are verified by one GET each, and each blob of a repository by one HEAD', async () => {
    const { registries, requests, images, busiest } = fakeRegistry();
    let told = 0;
    const outcomes = await verifyBackups(
      images.map(({ repository, digest }) => ({ registry: host, repository, tag: null, digest })),
      { registries, concurrency: 8, deep: false, onEvent: () => (told += 1) },
    );
    expect(outcomes.every(({ status }) => status === 'whole')).toBe(true);
    expect(told).toBe(count);
    expect(Object.fromEntries(requests)).toEqual({ GET: count, 'HEAD blob': 2 * count + 5 * 1000 });
    expect(busiest()).toBeLessThanOrEqual(8 + 16);
  });

  it('are pruned repository by repository, those that stay looked at only beside one that goes', async () => {
    const { registries, requests, images, busiest } = fakeRegistry();
    const repositories = Array.from({ length: 500 }, (_, index) => {
      const repository = `mirror/svc/${index}`;
      const there = images.filter((image) => image.repository === repository);
      const at = { registry: host, repository };
      const [first] = there;
      if (first === undefined) throw new Error('no image');
      const tag = `v${images.indexOf(first)}`;
      return {
        at,
        unused: [{ at, digest: first.digest, tags: [tag] }],
        kept: there.slice(1).map(({ digest }) => digest),
      };
    });
    const outcomes = await pruneBackups(repositories, {
      registries,
      concurrency: 8,
      mentioned: new Set(),
      dryRun: false,
    });
    expect(outcomes.map(({ status }) => status)).toEqual(Array.from({ length: 500 }, () => 'deleted'));
    expect(Object.fromEntries(requests)).toEqual({
      tags: 500,
      HEAD: 500 * 10 + 500,
      GET: 500 * 10,
      referrers: 500,
      DELETE: 500,
    });
    expect(busiest()).toBeLessThanOrEqual(8 + 16);
  });
});
