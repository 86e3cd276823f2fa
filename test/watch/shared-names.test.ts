import { afterEach, beforeEach, expect, test } from 'vitest';
import { addImage } from '../../src/embedded/index.ts';
import type { WatchSnapshot } from '../../src/watch/index.ts';
import { liveDeployment, paths } from '../support/fake-cluster.ts';
import { createLiveWorld, type LiveWorld } from '../support/live-world.ts';

const first = 'quay.io/team/tool';
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
  const { images, others } = await world.until(isSettled);
  expect(images.map(({ canonical }) => canonical)).toEqual([`${first}:1`]);
  expect(others).toMatchObject([
    { image: 'acme/tool:1', reason: 'shared-name', explanation: expect.stringContaining(first) },
  ]);
  expect(others[0]?.explanation).toContain(newcomer);
});

test('after a restart the backup tells whose the repository is', async () => {
  await world.stop();
  world.cluster.put(paths.deployments, liveDeployment('newcomer', `acme/tool:1`));
  world.start({ naming: '{name}' });
  const { images } = await world.until(isSettled);
  expect(images.map(({ canonical }) => canonical)).toEqual([`${first}:1`]);
  expect(Object.keys(world.backup.snapshot()['mirror/tool']?.tags ?? {})).toHaveLength(2);
});
