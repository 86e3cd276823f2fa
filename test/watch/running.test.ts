import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { addImage } from '../../src/embedded/index.ts';
import { ClusterError } from '../../src/source/cluster/index.ts';
import { parseImageId } from '../../src/watch/image-id.ts';
import { liveDeployment, livePod, paths } from '../support/fake-cluster.ts';
import { ociManifest } from '../support/images.ts';
import { createLiveWorld, type LiveWorld } from '../support/live-world.ts';

const nginx = 'docker.io/library/nginx:1.25';
const isDone = ({ images }: { images: readonly { backup: { state: string } }[] }) =>
  images.length > 0 && images.every(({ backup }) => backup.state === 'present' || backup.state === 'failed');

let world: LiveWorld;
beforeEach(async () => {
  world = await createLiveWorld();
});
afterEach(() => world.close());

/** What the tag named when the Pods were started, and what it names now. */
async function moveTag(): Promise<{ readonly old: string; readonly now: string }> {
  const old = world.upstream.manifest('library/nginx', '1.25')?.digest ?? '';
  const now = await addImage(world.upstream, 'library/nginx', '1.25', { layerBytes: 3000 });
  return { old, now };
}

describe('what really runs', () => {
  test.each([
    ['containerd and CRI-O', (digest: string) => `docker.io/library/nginx@${digest}`],
    ['dockershim', (digest: string) => `docker-pullable://nginx@${digest}`],
    ['a mirror of that name elsewhere', (digest: string) => `mirror.corp/hub/nginx@${digest}`],
  ])('is what is backed up and locked first, as %s says it', async (_, spell) => {
    const { old, now } = await moveTag();
    world.cluster.put(paths.deployments, liveDeployment('web', 'nginx:1.25'));
    world.cluster.put(
      paths.pods,
      livePod('web-5d4f-1', [{ image: 'nginx:1.25', imageID: spell(old) }], {
        kind: 'ReplicaSet',
        name: 'web-5d4f',
      }),
    );
    // What the tag names is known before what runs is; it does not take until the next look for the two to be compared.
    const slowly = { method: 'HEAD', path: /manifests\/sha256/ };
    world.upstream.setFaults([{ match: slowly, fault: { kind: 'delay', ms: 200 } }]);
    world.start();
    await world.until(isDone);
    await world.clock.advance(5000);
    await expect.poll(() => world.image(nginx).upstream.state, { timeout: 10_000 }).toBe('moved');
    const image = world.image(nginx);
    expect(image.running).toEqual([{ digest: old, count: 1, kind: 'index', isWhole: true }]);
    expect(image.locked).toBe(old);
    expect(image.backup).toMatchObject({
      digest: old,
      reference: 'backup.test/mirror/docker.io/library/nginx:1.25',
    });
    expect(image.upstream.digest).toBe(now);
    expect(world.backup.manifest('mirror/docker.io/library/nginx', '1.25')?.digest).toBe(old);
  });

  test('is kept and listed, but not locked, where it is one platform of an index', async () => {
    const index = JSON.parse(String(world.upstream.manifest('library/nginx', '1.25')?.bytes)) as {
      manifests: { digest: string }[];
    };
    const part = index.manifests[0]?.digest ?? '';
    world.cluster.put(paths.deployments, liveDeployment('web', 'nginx:1.25'));
    world.cluster.put(
      paths.pods,
      livePod('web-5d4f-1', [{ image: 'nginx:1.25', imageID: `docker.io/library/nginx@${part}` }], {
        kind: 'ReplicaSet',
        name: 'web-5d4f',
      }),
    );
    world.start();
    await world.until(isDone);
    const image = world.image(nginx);
    expect(image.running).toEqual([{ digest: part, count: 1, kind: 'platform', isWhole: false }]);
    expect(image.locked).toBeNull();
    const tags = world.backup.snapshot()['mirror/docker.io/library/nginx']?.tags ?? {};
    expect(tags['1.25']).toBe(world.upstream.manifest('library/nginx', '1.25')?.digest);
    expect(tags[`digest-${part.slice(7, 19)}`]).toBe(part);
  });

  test('is locked where it is an image for a single architecture', async () => {
    const digest = await addImage(world.upstream, 'team/tool', '1');
    const index = JSON.parse(String(world.upstream.manifest('team/tool', '1')?.bytes)) as {
      manifests: { digest: string }[];
    };
    const single = world.upstream.manifest('team/tool', index.manifests[0]?.digest ?? '');
    if (single === null) throw new Error(`no part of ${digest}`);
    world.upstream.addManifest('team/tool', '1', single.mediaType, single.bytes);
    world.cluster.put(paths.deployments, liveDeployment('tool', 'quay.io/team/tool:1'));
    world.cluster.put(
      paths.pods,
      livePod('tool-1', [{ image: 'quay.io/team/tool:1', imageID: `quay.io/team/tool@${single.digest}` }]),
    );
    world.start();
    await world.until(isDone);
    expect(world.image('quay.io/team/tool:1')).toMatchObject({
      locked: single.digest,
      running: [{ kind: 'image' }],
    });
  });

  test('is told when upstream no longer has it, and the tag is backed up as it is now', async () => {
    const lost = `sha256:${'1'.repeat(64)}`;
    world.cluster.put(paths.deployments, liveDeployment('web', 'nginx:1.25'));
    world.cluster.put(
      paths.pods,
      livePod('web-1', [{ image: 'nginx:1.25', imageID: `docker.io/library/nginx@${lost}` }]),
    );
    world.start();
    await world.until(isDone);
    expect(world.image(nginx)).toMatchObject({ locked: null, running: [{ digest: lost, kind: 'gone' }] });
    expect(world.image(nginx).backup.state).toBe('present');
  });

  test('is what most containers run, where several digests do; the others are kept, too', async () => {
    const { old, now } = await moveTag();
    world.cluster.put(paths.deployments, liveDeployment('web', 'nginx:1.25'));
    for (const [index, digest] of [old, old, now].entries())
      world.cluster.put(
        paths.pods,
        livePod(`web-${index}`, [{ image: 'nginx:1.25', imageID: `docker.io/library/nginx@${digest}` }]),
      );
    world.start();
    await world.until(isDone);
    expect(world.image(nginx).locked).toBe(old);
    const tags = world.backup.snapshot()['mirror/docker.io/library/nginx']?.tags ?? {};
    expect(tags['1.25']).toBe(old);
    expect(Object.values(tags)).toContain(now);
  });

  test('includes containers that no workload names, with the way to what made them', async () => {
    await addImage(world.upstream, 'mesh/proxy', '1');
    world.cluster.put(paths.deployments, liveDeployment('web', 'nginx:1.25'));
    const digest = world.upstream.manifest('mesh/proxy', '1')?.digest ?? '';
    const containers = [
      { image: 'nginx:1.25', imageID: '' },
      { image: 'quay.io/mesh/proxy:1', imageID: `quay.io/mesh/proxy@${digest}` },
    ];
    for (const name of ['web-5d4f-1', 'web-5d4f-2'])
      world.cluster.put(paths.pods, livePod(name, containers, { kind: 'ReplicaSet', name: 'web-5d4f' }));
    world.start();
    const snapshot = await world.until(isDone);
    expect(world.image('quay.io/mesh/proxy:1').needed.uses.map(({ chain }) => chain)).toEqual([
      'Pod shop/web-5d4f-1 ← ReplicaSet web-5d4f ← Deployment web',
    ]);
    expect(snapshot.targets.homeless.find(({ canonical }) => canonical.includes('proxy'))?.sentence).toMatch(
      /a container that was injected; set the image where the injector is configured/,
    );
  });

  test('CronJobs count, by a stand-in for that kind', async () => {
    world.cluster.put(paths.cronjobs, {
      metadata: { name: 'nightly', namespace: 'shop' },
      spec: {
        jobTemplate: { spec: { template: { spec: { containers: [{ name: 'a', image: 'nginx:1.25' }] } } } },
      },
    });
    world.start();
    await world.until(isDone);
    expect(world.image(nginx).needed.uses[0]).toMatchObject({
      kind: 'CronJob',
      field: 'spec.jobTemplate.spec.template.spec.containers[0].image',
    });
  });

  test('is copied although a kind of owners cannot be read; that is told, and proposals go on after a minute', async () => {
    world.cluster.fault = (path) =>
      path.includes('helmreleases') ? new ClusterError(500, 'conversion webhook failed') : null;
    world.cluster.put(paths.deployments, liveDeployment('web', 'nginx:1.25'));
    world.start({
      repositories: [{ url: 'http://127.0.0.1:9/a', path: '', branch: null, namespaces: ['*'] }],
    });
    const snapshot = await world.until(isDone);
    expect(snapshot.isSynced).toBe(true);
    expect(snapshot.proposals).toEqual([]);
    expect(snapshot.kinds.find(({ name }) => name === 'HelmRelease')).toMatchObject({
      state: 'failing',
      problem: 'conversion webhook failed',
    });
    await world.clock.advance(90_000);
    const { proposals } = await world.until(({ proposals: all }) => all.length > 0);
    expect(proposals).toMatchObject([{ repository: 'http://127.0.0.1:9/a' }]);
  });

  test('a reference to the backup stands for its source, at the digest that it names', async () => {
    const digest = world.upstream.manifest('library/nginx', '1.25')?.digest ?? '';
    const name = `backup.test/mirror/docker.io/library/nginx:1.25@${digest}`;
    world.cluster.put(paths.deployments, liveDeployment('web', name));
    world.start();
    await world.until(isDone);
    const image = world.image(nginx);
    expect(image.needed.uses[0]?.isSwitched).toBe(true);
    expect(image).toMatchObject({ locked: digest, backup: { digest } });
  });
});

describe('how images are copied', () => {
  test('signatures stay behind where the configuration says so', async () => {
    world.cluster.put(paths.deployments, liveDeployment('web', 'nginx:1.25'));
    world.start({ referrers: false });
    await world.until(isDone);
    expect(world.upstream.count({ path: /\/(?:referrers|tags)\// })).toBe(0);
    await world.stop();
    world.cluster.put(paths.deployments, liveDeployment('web', 'nginx:1.26'));
    await addImage(world.upstream, 'library/nginx', '1.26');
    world.start();
    await world.until(
      (snapshot) => snapshot.images.some(({ canonical }) => canonical.endsWith(':1.26')) && isDone(snapshot),
    );
    expect(world.upstream.count({ path: /\/(?:referrers|tags)\// })).toBeGreaterThan(0);
  });

  test('foreign layers follow where the configuration says so', async () => {
    const layer = Buffer.from('of a publisher');
    const config = Buffer.from(JSON.stringify({ architecture: 'amd64', os: 'windows', rootfs: {} }));
    const digest = await world.upstream.addBlob('team/win', layer);
    const configDigest = await world.upstream.addBlob('team/win', config);
    const manifest = {
      schemaVersion: 2,
      mediaType: ociManifest,
      config: {
        mediaType: 'application/vnd.oci.image.config.v1+json',
        digest: configDigest,
        size: config.length,
      },
      layers: [
        {
          mediaType: 'application/vnd.oci.image.layer.nondistributable.v1.tar',
          digest,
          size: layer.length,
        },
      ],
    };
    world.upstream.addManifest('team/win', '1', ociManifest, Buffer.from(JSON.stringify(manifest)));
    world.cluster.put(paths.deployments, liveDeployment('win', 'quay.io/team/win:1'));
    world.start({ foreignLayers: true });
    await world.until(isDone);
    expect(world.image('quay.io/team/win:1').backup).toMatchObject({ state: 'present', warnings: [] });
    expect(world.backup.snapshot()['mirror/quay.io/team/win']?.blobs).toContain(digest);
  });
});

test('a kind that fails is told once, and no picture counts as fresh until it is read again', async () => {
  world.cluster.put(paths.deployments, liveDeployment('web', 'nginx:1.25'));
  world.start();
  await world.until(isDone);
  expect(new Set(world.seen)).toEqual(new Set(['fresh']));
  world.cluster.fault = (path) => (path.includes('/apps/') ? new ClusterError(500, 'down') : null);
  world.cluster.dropWatches();
  const told = (kind: string) => world.seen.filter((line) => line.startsWith(`${kind}: `));
  await world.until(() => told('Deployment').length > 0 && world.seen.at(-1) === 'stale');
  await world.clock.advance(5 * 60_000);
  expect(told('Deployment')).toHaveLength(1);
  expect(world.seen.at(-1)).toBe('stale');
  world.cluster.fault = null;
  await world.until(() => world.seen.at(-1) === 'fresh');
  expect(told('Deployment')).toEqual([expect.stringMatching(/: (?:down|ERR_STREAM)/), 'Deployment: null']);
  expect(told('Pod').length % 2).toBe(0);
});

describe('imageID', () => {
  const digest = `sha256:${'a'.repeat(64)}`;

  test.each([
    [`docker-pullable://nginx@${digest}`, 'manifest'],
    [`docker.io/library/nginx@${digest}`, 'manifest'],
    [`quay.io/a/b@${digest}`, 'manifest'],
    [`docker://${digest}`, 'config'],
    [digest, 'config'],
    ['a'.repeat(64), 'config'],
  ])('%s is a %s', (text, kind) => {
    expect(parseImageId(text)).toMatchObject({ kind, digest });
  });

  test.each(['', 'nginx', 'docker://x', 'nginx@sha256:1'])('%j says nothing', (text) => {
    expect(parseImageId(text)).toBeNull();
  });
});
