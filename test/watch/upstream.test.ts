import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { addImage, type Faults, startRegistry } from '../../src/embedded/index.ts';
import { liveDeployment, livePod, paths } from '../support/fake-cluster.ts';
import { createLiveWorld, type LiveWorld } from '../support/live-world.ts';

const nginx = 'docker.io/library/nginx:1.25';
const minute = 60_000;

let world: LiveWorld;
beforeEach(async () => {
  world = await createLiveWorld();
  world.cluster.put(paths.deployments, liveDeployment('web', 'nginx:1.25'));
});
afterEach(() => world.close());

const fail = (status: number): Faults => [{ match: {}, fault: { kind: 'status', status } }];
const state = (): string => world.image(nginx).upstream.state;
const ready = (): Promise<unknown> =>
  world.until(() => world.image(nginx).backup.state === 'present' && state() === 'available');

test('a tag that moves on is told, and its new digest is backed up beside the old one', async () => {
  world.start();
  await ready();
  const old = world.image(nginx).backup.digest;
  const now = await addImage(world.upstream, 'library/nginx', '1.25', { layerBytes: 3000 });
  await world.clock.advance(70 * minute);
  const story = world.image(nginx).history.map(({ what }) => what);
  expect(story).toContain(`upstream moved the tag on to ${now}`);
  await world.until(() => world.image(nginx).backup.digest === now);
  const { tags = {} } = world.backup.snapshot()['mirror/docker.io/library/nginx'] ?? {};
  expect(tags['1.25']).toBe(old);
  expect(tags[`1.25-${now.slice(7, 19)}`]).toBe(now);
});

test('a 401 for what could be pulled is gone; for what never could it is private', async () => {
  world.start();
  await ready();
  world.upstream.setFaults(fail(401));
  await world.clock.advance(70 * minute);
  expect(state()).toBe('gone');
  expect(world.image(nginx).backup.state).toBe('present');
});

test('a 404 is gone, and what comes back is available again', async () => {
  world.start();
  await ready();
  const bytes = world.upstream.manifest('library/nginx', '1.25');
  await deleteManifest(world, 'library/nginx', bytes?.digest ?? '');
  await world.clock.advance(70 * minute);
  expect(state()).toBe('gone');
  if (bytes) world.upstream.addManifest('library/nginx', '1.25', bytes.mediaType, bytes.bytes);
  await world.clock.advance(70 * minute);
  expect(state()).toBe('available');
  const story = world.image(nginx).history.map(({ what }) => what.split(':')[0]);
  expect(story.slice(-2)).toEqual(['upstream no longer has it', 'upstream has it']);
});

test('a registry that is limited is left alone until it may be asked again', async () => {
  world.start();
  await ready();
  world.upstream.setFaults(fail(429));
  await world.clock.advance(70 * minute);
  expect(state()).toBe('rate-limited');
  const asked = world.upstream.count();
  await world.clock.advance(10 * minute);
  expect(world.upstream.count()).toBe(asked);
  world.upstream.setFaults([]);
  await world.clock.advance(60 * minute);
  expect(state()).toBe('available');
});

test('a wait that no registry can mean is not kept', async () => {
  world.start();
  await ready();
  const year = { kind: 'status', status: 429, headers: { 'retry-after': '31536000' } } as const;
  world.upstream.setFaults([{ match: { times: 1 }, fault: year }]);
  await world.clock.advance(70 * minute);
  expect(state()).toBe('rate-limited');
  await world.clock.advance(3 * 60 * minute);
  expect(state()).toBe('available');
});

test('upstream is asked itself, whatever its mirrors go on serving', async () => {
  const mirror = await startRegistry();
  try {
    await addImage(mirror, 'library/nginx', '1.25', { layerBytes: 2000 });
    world.start({}, {}, mirror);
    await ready();
    const digest = world.upstream.manifest('library/nginx', '1.25')?.digest ?? '';
    expect(mirror.manifest('library/nginx', '1.25')?.digest).toBe(digest);
    await deleteManifest(world, 'library/nginx', digest);
    await world.clock.advance(70 * minute);
    expect(state()).toBe('gone');
    expect(world.image(nginx).backup.state).toBe('present');
  } finally {
    await mirror.close();
  }
});

test('HEADs are all that watching costs, one registry at a time and not all at once', async () => {
  for (let index = 0; index < 20; index += 1) {
    await addImage(world.upstream, `team/app-${index}`, '1', { layerBytes: 100 });
    world.cluster.put(paths.deployments, liveDeployment(`app-${index}`, `quay.io/team/app-${index}:1`));
  }
  world.start();
  await world.until(
    ({ images }) =>
      images.length === 21 &&
      images.every(({ backup, upstream }) => backup.state === 'present' && upstream.state === 'available'),
  );
  world.upstream.forgetRequests();
  await world.clock.advance(75 * minute);
  const methods = new Set(world.upstream.requests.map(({ method }) => method));
  expect([...methods]).toEqual(['HEAD']);
  expect(world.upstream.count()).toBeGreaterThanOrEqual(21);
  expect(world.upstream.count()).toBeLessThanOrEqual(42);
});

test('the backup registry is down for an hour: everything is there within minutes of its return', async () => {
  world.backup.setFaults(fail(503));
  for (let index = 0; index < 5; index += 1) {
    await addImage(world.upstream, `team/app-${index}`, '1', { layerBytes: 100 });
    world.cluster.put(paths.deployments, liveDeployment(`app-${index}`, `quay.io/team/app-${index}:1`));
  }
  world.start();
  await world.until(
    ({ images }) => images.length === 6 && images.every(({ backup }) => backup.state === 'failed'),
  );
  await world.clock.advance(60 * minute);
  expect(world.image(nginx).backup).toMatchObject({ state: 'failed' });
  expect(world.image(nginx).backup.failures).toBeGreaterThan(4);
  expect(world.image(nginx).backup.failures).toBeLessThan(30);
  world.backup.setFaults([]);
  await world.clock.advance(11 * minute);
  await world.until(({ images }) => images.every(({ backup }) => backup.state === 'present'));
});

test('a restart loses nothing and copies nothing twice', async () => {
  world.start();
  await ready();
  const before = world.backup.snapshot();
  await world.stop();
  world.backup.forgetRequests();
  world.start();
  await ready();
  expect(world.backup.snapshot()).toEqual(before);
  expect(world.backup.requests.filter(({ method }) => method !== 'HEAD' && method !== 'GET')).toEqual([]);
});

async function deleteManifest({ upstream }: LiveWorld, repository: string, digest: string): Promise<void> {
  const answer = await fetch(`${upstream.url}/v2/${repository}/manifests/${digest}`, { method: 'DELETE' });
  expect(answer.status).toBe(202);
}

/** What nodes say that they run: the digest of nginx as it is now. */
function runNginx(more: object = {}): string {
  const digest = world.upstream.manifest('library/nginx', '1.25')?.digest ?? '';
  const pod = livePod('web-1', [{ image: 'nginx:1.25', imageID: `docker.io/library/nginx@${digest}` }]);
  world.cluster.put(paths.pods, { ...pod, spec: { ...(pod['spec'] as object), ...more } });
  return digest;
}

describe('upstream that answers 401 since before the start', () => {
  const startAgainRefused = async (): Promise<void> => {
    world.start();
    await ready();
    await world.stop();
    world.upstream.setFaults(fail(401));
    world.start();
    await world.until(() => world.image(nginx).backup.state === 'present' && state() === 'gone');
  };

  test('is gone where the backup has what runs, which stays whole and locked', async () => {
    const digest = runNginx();
    await startAgainRefused();
    expect(world.image(nginx)).toMatchObject({
      locked: digest,
      backup: { digest, error: null, failures: 0 },
      running: [{ digest, kind: 'gone', isWhole: true }],
    });
  });

  test('is gone where a copy is found only after it was asked', async () => {
    await startAgainRefused();
    expect(world.image(nginx).backup.warnings[0]).toContain('not publicly pullable any more');
  });

  test('is gone where it runs without credentials, although nothing of it was ever copied', async () => {
    runNginx();
    world.upstream.setFaults(fail(401));
    world.start();
    await world.until(() => world.image(nginx).backup.state === 'private' && state() === 'gone');
    expect(world.image(nginx).locked).toBeNull();
  });

  test.each([
    ['it runs with a pull secret', () => void runNginx({ imagePullSecrets: [{ name: 'hub' }] })],
    ['it does not run', () => {}],
  ])('is private where nothing was copied and %s', async (_, prepare) => {
    const pull = { imagePullSecrets: [{ name: 'hub' }] };
    const { metadata } = liveDeployment('web', 'nginx:1.25');
    const spec = { containers: [{ name: 'main', image: 'nginx:1.25' }], ...pull };
    world.cluster.put(paths.deployments, { metadata, spec: { template: { spec } } } as never);
    prepare();
    world.upstream.setFaults(fail(401));
    world.start();
    await world.until(() => world.image(nginx).backup.state === 'private' && state() !== 'unknown');
    expect(state()).toBe('private');
  });
});

test('private stays private where the pull secret comes through the ServiceAccount', async () => {
  // The admission plugin wrote it into the Pod; the template of its Deployment does not name it.
  const digest = world.upstream.manifest('library/nginx', '1.25')?.digest ?? '';
  const owner = { kind: 'ReplicaSet', name: 'web-5d4f' };
  const containers = [{ image: 'nginx:1.25', imageID: `docker.io/library/nginx@${digest}` }];
  const pod = livePod('web-5d4f-1', containers, owner);
  const spec = { ...(pod['spec'] as object), imagePullSecrets: [{ name: 'hub' }] };
  world.cluster.put(paths.pods, { ...pod, spec });
  world.upstream.setFaults(fail(401));
  world.start();
  await world.until(() => world.image(nginx).backup.state === 'private' && state() !== 'unknown');
  expect(state()).toBe('private');
});

test('a registry that may ask everybody for credentials is not said to have lost what it never showed', async () => {
  const pod = livePod(
    'tool-1',
    [{ image: 'registry.corp/team/tool:1', imageID: `registry.corp/team/tool@sha256:${'a'.repeat(64)}` }],
    { kind: 'ReplicaSet', name: 'tool-5d4f' },
  );
  world.cluster.put(paths.deployments, liveDeployment('tool', 'registry.corp/team/tool:1'));
  world.cluster.put(paths.pods, pod);
  world.upstream.setFaults(fail(401));
  world.start();
  const tool = () => world.image('registry.corp/team/tool:1');
  await world.until(
    ({ images }) =>
      images.length > 1 && tool().backup.state === 'private' && tool().upstream.state !== 'unknown',
  );
  expect(tool().upstream.state).toBe('private');
});

test('what runs is asked for, too: a tag that moved away from it is told, and the lock stays', async () => {
  const old = runNginx();
  world.start();
  await ready();
  const now = await addImage(world.upstream, 'library/nginx', '1.25', { layerBytes: 3000 });
  await world.clock.advance(70 * minute);
  expect(world.image(nginx)).toMatchObject({
    upstream: { state: 'moved', digest: now },
    running: [{ digest: old, kind: 'index' }],
  });
  await deleteManifest(world, 'library/nginx', old);
  await world.clock.advance(70 * minute);
  const gone = { locked: old, backup: { state: 'present', digest: old }, running: [{ kind: 'gone' }] };
  expect(world.image(nginx)).toMatchObject(gone);
  expect(world.image(nginx).history.map(({ what }) => what)).toContain(
    `${old}, which runs, is no longer at upstream`,
  );
  // The next proof of the backup changes nothing of it.
  await world.clock.advance(7 * 60 * minute);
  expect(world.image(nginx)).toMatchObject(gone);
});
