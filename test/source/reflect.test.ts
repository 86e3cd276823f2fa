import { afterEach, beforeEach, expect, test } from 'vitest';
import { ClusterError, watchCluster } from '../../src/source/cluster/index.ts';
import { createFakeClock, type FakeClock } from '../support/fake-clock.ts';
import { createFakeCluster, type FakeCluster, liveDeployment, paths } from '../support/fake-cluster.ts';

let cluster: FakeCluster;
let clock: FakeClock;
let end: AbortController;
beforeEach(() => {
  cluster = createFakeCluster(Object.values(paths));
  clock = createFakeClock();
  end = new AbortController();
});
afterEach(() => end.abort());

const options = () => ({
  rules: [],
  isExcluded: (namespace: string) => namespace === 'kube-system',
  onChange: () => {},
  clock,
  signal: end.signal,
});
const watch = () => watchCluster(cluster, options());
const names = (live: ReturnType<typeof watch>): string[] => live.look().workloads.map(({ name }) => name);
const listsOf = (path: string): number =>
  cluster.requests.filter((one) => one.startsWith(`${path}?limit`)).length;

test('events keep the picture, and a namespace that is excluded is never in it', async () => {
  cluster.put(paths.deployments, liveDeployment('a', 'nginx'));
  cluster.put(paths.deployments, liveDeployment('dns', 'coredns', { namespace: 'kube-system' }));
  const live = watch();
  await clock.advance(1000);
  expect(live.isSynced()).toBe(true);
  cluster.put(paths.deployments, liveDeployment('b', 'redis'));
  cluster.remove(paths.deployments, 'shop', 'a');
  await clock.advance(1000);
  expect(names(live)).toEqual(['b']);
  expect(listsOf(paths.deployments)).toBe(1);
});

test('a watch that drops goes on from where it was, with a pause that grows', async () => {
  const live = watch();
  await clock.advance(1000);
  cluster.dropWatches();
  cluster.put(paths.deployments, liveDeployment('a', 'nginx'));
  await clock.advance(2000);
  // The stand-in sends no past events, so that only a list can tell of `a`: the next one does.
  expect(listsOf(paths.deployments)).toBe(1);
  await clock.advance(30 * 60_000);
  expect(names(live)).toEqual(['a']);
});

test('a lost history (410) is listed anew at once', async () => {
  const live = watch();
  await clock.advance(1000);
  cluster.put(paths.deployments, liveDeployment('a', 'nginx'));
  cluster.compact();
  await clock.advance(5000);
  expect(names(live)).toEqual(['a']);
  expect(listsOf(paths.deployments)).toBe(2);
});

test('asks less and less often while nobody answers, and tells why', async () => {
  cluster.fault = () => new Error('connect ECONNREFUSED');
  const live = watch();
  await clock.advance(60_000);
  const first = cluster.requests.length;
  await clock.advance(10 * 60_000);
  const perKind = (cluster.requests.length - first) / live.kinds.length;
  expect(perKind).toBeLessThan(16);
  expect(live.kinds[0]).toMatchObject({ state: 'failing', problem: 'connect ECONNREFUSED' });
  expect(live.isSynced()).toBe(false);
  cluster.fault = null;
  await clock.advance(61_000);
  expect(live.isSynced()).toBe(true);
  expect(live.kinds.every(({ problem }) => problem === null)).toBe(true);
});

test('a kind that may not be read, or is not served, does not hold up the others', async () => {
  cluster.fault = (path) => (path.startsWith(paths.pods) ? new ClusterError(403, 'pods is forbidden') : null);
  cluster.put(paths.deployments, liveDeployment('a', 'nginx'));
  const live = watch();
  await clock.advance(1000);
  expect(live.isSynced()).toBe(true);
  expect(live.kinds.find(({ name }) => name === 'Pod')).toMatchObject({
    state: 'forbidden',
    problem: 'pods is forbidden',
  });
  expect(names(live)).toEqual(['a']);
});

test('now and then everything is asked for again, against connections that are half open', async () => {
  watch();
  await clock.advance(1000);
  await clock.advance(60 * 60_000);
  expect(listsOf(paths.deployments)).toBeGreaterThanOrEqual(3);
  expect(listsOf(paths.deployments)).toBeLessThanOrEqual(5);
});

test('a watch that ends as soon as it began is not begun again and again', async () => {
  let watches = 0;
  cluster.watch = async (_path, { onOpen }) => {
    watches += 1;
    onOpen();
    // As a proxy that takes an answer for whole once it has its head.
    await clock.sleep(10);
  };
  const live = watch();
  await clock.advance(60_000);
  const perKind = watches / live.kinds.length;
  expect(perKind).toBeLessThan(12);
});

test('a history that is lost each time is not listed anew in a hurry', async () => {
  cluster.fault = (path) => (path.includes('watch=true') ? new ClusterError(410, 'too old') : null);
  watch();
  await clock.advance(60_000);
  expect(listsOf(paths.deployments)).toBeLessThan(10);
});

test('a kind that may be listed and not watched is listed again, less and less often, and told', async () => {
  cluster.fault = (path) =>
    path.startsWith(paths.deployments) && path.includes('watch=true')
      ? new ClusterError(403, 'cannot watch resource "deployments"')
      : null;
  const live = watch();
  await clock.advance(5 * 60_000);
  const first = listsOf(paths.deployments);
  expect(first).toBeLessThan(14);
  cluster.put(paths.deployments, liveDeployment('a', 'nginx'));
  await clock.advance(60_000);
  expect(names(live)).toEqual(['a']);
  expect(live.kinds.find(({ name }) => name === 'Deployment')).toMatchObject({
    state: 'forbidden',
    problem: 'cannot watch resource "deployments"',
  });
  expect(listsOf(paths.deployments) - first).toBeLessThan(3);
});

test('a right to watch that comes back, as after a start of the API server, is used within seconds', async () => {
  cluster.fault = (path) => (path.includes('watch=true') ? new ClusterError(403, 'not yet') : null);
  const live = watch();
  await clock.advance(1500);
  cluster.fault = null;
  await clock.advance(4000);
  expect(live.kinds.every(({ problem }) => problem === null)).toBe(true);
  cluster.put(paths.deployments, liveDeployment('a', 'nginx'));
  expect(names(live)).toEqual(['a']);
});

test('where nothing at all may be read, nothing is known', async () => {
  cluster.fault = () => new ClusterError(403, 'forbidden');
  const live = watch();
  await clock.advance(10 * 60_000);
  expect([live.isSynced(), live.isComplete()]).toEqual([false, false]);
  cluster.fault = null;
  await clock.advance(61_000);
  expect([live.isSynced(), live.isComplete()]).toEqual([true, true]);
});

test('a kind that says where objects come from, and fails, holds up no copy, and the rest for a minute', async () => {
  cluster.fault = (path) =>
    path.includes('helmreleases') ? new ClusterError(500, 'conversion webhook failed') : null;
  const live = watch();
  await clock.advance(1000);
  expect([live.isSynced(), live.isComplete()]).toEqual([true, false]);
  await clock.advance(70_000);
  expect(live.isComplete()).toBe(true);
  expect(live.kinds.filter(({ problem }) => problem !== null)).toMatchObject([
    { name: 'HelmRelease', state: 'failing', problem: 'conversion webhook failed' },
  ]);
  cluster.fault = null;
  await clock.advance(70_000);
  expect(live.kinds.every(({ problem }) => problem === null)).toBe(true);
});

test('one kind of workloads that fails is waited for a minute; an API server that fails, for ever', async () => {
  const failing = (pattern: RegExp) => (path: string) =>
    pattern.test(path) ? new ClusterError(500, 'down') : null;
  cluster.fault = failing(/cronjobs/);
  const live = watch();
  await clock.advance(30_000);
  expect(live.isSynced()).toBe(false);
  await clock.advance(60_000);
  expect(live.isSynced()).toBe(true);
  cluster.fault = failing(/./);
  const dead = watch();
  await clock.advance(10 * 60_000);
  expect(dead.isSynced()).toBe(false);
});
