import { createHash } from 'node:crypto';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { addImage } from '../../src/embedded/index.ts';
import { liveDeployment, paths } from '../support/fake-cluster.ts';
import { createLiveWorld, type LiveWorld } from '../support/live-world.ts';

const nginx = 'docker.io/library/nginx:1.25';
const late = 'docker.io/library/late:1';

let world: LiveWorld;
beforeEach(async () => {
  world = await createLiveWorld();
  await addImage(world.upstream, 'library/late', '1', { layerBytes: 3000 });
});
afterEach(() => world.close());

test('an image that is slow to copy keeps no other waiting', async () => {
  world.upstream.setFaults([
    { match: { method: 'GET', path: /nginx\/blobs/ }, fault: { kind: 'stall', afterBytes: 10 } },
  ]);
  world.cluster.put(paths.deployments, liveDeployment('web', 'nginx:1.25'));
  world.start();
  await world.until(() => world.image(nginx).backup.state === 'copying');
  world.cluster.put(paths.deployments, liveDeployment('late', 'late:1'));
  await world.until(({ images }) =>
    images.some(({ canonical, backup }) => canonical === late && backup.state === 'present'),
  );
  expect(world.image(nginx).backup.state).toBe('copying');
}, 15_000);

test('a registry that is slow to answer keeps no other from being watched', async () => {
  await addImage(world.upstream, 'team/app', '1', { layerBytes: 100 });
  world.upstream.setFaults([
    { match: { method: 'HEAD', path: /team\/app/ }, fault: { kind: 'delay', ms: 20_000 } },
  ]);
  world.cluster.put(paths.deployments, liveDeployment('app', 'quay.io/team/app:1'));
  world.cluster.put(paths.deployments, liveDeployment('web', 'nginx:1.25'));
  world.start();
  await world.until(({ images }) => images.some(({ upstream }) => upstream.state === 'available'));
  world.cluster.put(paths.deployments, liveDeployment('late', 'late:1'));
  await world.until(({ images }) =>
    images.some(({ canonical, upstream }) => canonical === late && upstream.state === 'available'),
  );
  expect(world.image('quay.io/team/app:1').upstream.state).toBe('unknown');
}, 15_000);

test('a layer that two images share is moved once, although they are copied one by one', async () => {
  const names = ['a', 'b', 'c', 'd'];
  const shared = Buffer.alloc(200_000, 'layer');
  for (const name of names) {
    const blob = (bytes: Buffer, digest: string) => ({ digest, size: bytes.length });
    const config = Buffer.from(JSON.stringify({ os: 'linux', architecture: 'amd64', author: name }));
    const manifest = {
      schemaVersion: 2,
      mediaType: 'application/vnd.oci.image.manifest.v1+json',
      config: {
        mediaType: 'application/vnd.oci.image.config.v1+json',
        ...blob(config, await world.upstream.addBlob(`library/${name}`, config)),
      },
      layers: [
        {
          mediaType: 'application/vnd.oci.image.layer.v1.tar+gzip',
          ...blob(shared, await world.upstream.addBlob(`library/${name}`, shared)),
        },
      ],
    };
    const bytes = Buffer.from(JSON.stringify(manifest));
    world.upstream.addManifest(`library/${name}`, '1', manifest.mediaType, bytes);
  }
  for (const name of names) world.cluster.put(paths.deployments, liveDeployment(name, `${name}:1`));
  world.start({ concurrency: 2 });
  await world.until(
    ({ images }) => images.length === 4 && images.every(({ backup }) => backup.state === 'present'),
  );
  const layer = `sha256:${createHash('sha256').update(shared).digest('hex')}`;
  expect(
    world.upstream.requests.filter(({ method, path }) => method === 'GET' && path.endsWith(layer)),
  ).toHaveLength(1);
});
