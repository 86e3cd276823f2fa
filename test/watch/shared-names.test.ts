import { createServer, type Socket } from 'node:net';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { addImage } from '../../src/embedded/index.ts';
import { pageOfWatch } from '../../src/faces/daemon/page-of-watch.ts';
import type { WatchSnapshot } from '../../src/watch/index.ts';
import { liveDeployment, paths } from '../support/fake-cluster.ts';
import { createLiveWorld, type LiveWorld } from '../support/live-world.ts';

const first = 'quay.io/team/tool';
const nginx = 'docker.io/library/nginx:1.25';
const newcomer = 'docker.io/acme/tool';

let world: LiveWorld;
beforeEach(async () => {
  world = await createLiveWorld();
  await addImage(world.upstream, 'team/tool', '1', { layerBytes: 500 });
  await addImage(world.upstream, 'acme/tool', '1', { layerBytes: 700 });
  world.cluster.put(paths.deployments, liveDeployment('first', `${first}:1`));
  world.start({ naming: '{name}' });
  await world.until(({ images }) => images[0]?.backup.state === 'present');
});
afterEach(() => world.close());

/** Whichever name comes first in the alphabet. */
const isSettled = ({ images, others }: WatchSnapshot): boolean =>
  images.length === 1 && others.length === 1 && images[0]?.backup.state === 'present';

test('a newcomer does not take the repository of what is backed up, and is told with it', async () => {
  world.cluster.put(paths.deployments, liveDeployment('newcomer', `acme/tool:1`));
  const snapshot = await world.until(isSettled);
  const { images, others } = snapshot;
  expect(images.map(({ canonical }) => canonical)).toEqual([`${first}:1`]);
  expect(others).toMatchObject([
    { image: 'acme/tool:1', reason: 'shared-name', explanation: expect.stringContaining(first) },
  ]);
  expect(others[0]?.explanation).toContain(newcomer);
  expect(pageOfWatch(snapshot).images).toMatchObject([
    { name: 'acme/tool:1', status: 'left-alone', reason: 'shared-name', why: others[0]?.explanation },
    { canonical: `${first}:1`, status: 'safe', reason: null },
  ]);
});

test('after a restart the backup tells whose the repository is', async () => {
  await world.stop();
  world.cluster.put(paths.deployments, liveDeployment('newcomer', `acme/tool:1`));
  world.start({ naming: '{name}' });
  const { images } = await world.until(isSettled);
  expect(images.map(({ canonical }) => canonical)).toEqual([`${first}:1`]);
  expect(Object.keys(world.backup.snapshot()['mirror/tool']?.tags ?? {})).toHaveLength(2);
});

test('a source that says nothing holds up its own contest, and nothing else', async () => {
  await world.stop();
  world.cluster.put(paths.deployments, liveDeployment('first', 'quay.io/team/other:1'));
  world.cluster.put(paths.deployments, liveDeployment('second', 'registry.mute/acme/other:1'));
  world.cluster.put(paths.deployments, liveDeployment('web', 'nginx:1.25'));
  const sockets = new Set<Socket>();
  const silence = createServer((socket) => void sockets.add(socket.on('error', () => {}).resume()));
  await new Promise<void>((resolve) => {
    silence.listen(0, '127.0.0.1', resolve);
  });
  const address = silence.address();
  world.mute(`http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}`);
  try {
    world.start({ naming: '{name}' });
    const { isSynced, others } = await world.until(({ images }) =>
      images.some(({ canonical, backup }) => canonical === nginx && backup.state === 'present'),
    );
    expect(isSynced).toBe(true);
    expect(sockets.size).toBeGreaterThan(0);
    expect(others.map(({ image, reason }) => [image, reason])).toEqual([
      ['quay.io/team/other:1', 'shared-name'],
      ['registry.mute/acme/other:1', 'shared-name'],
    ]);
  } finally {
    await world.stop();
    for (const socket of sockets) socket.destroy();
    silence.close();
  }
});
