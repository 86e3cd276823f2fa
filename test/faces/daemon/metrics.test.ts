import { afterEach, beforeEach, expect, test } from 'vitest';
import { createMetrics } from '../../../src/faces/daemon/metrics.ts';
import type { WatchSnapshot } from '../../../src/watch/index.ts';
import { liveDeployment, paths } from '../../support/fake-cluster.ts';
import { createLiveWorld, type LiveWorld } from '../../support/live-world.ts';

let world: LiveWorld;
let snapshot: WatchSnapshot;
beforeEach(async () => {
  world = await createLiveWorld();
  world.cluster.put(paths.deployments, liveDeployment('web', 'nginx:1.25'));
  world.start();
  snapshot = await world.until(({ images }) => images[0]?.backup.state === 'present');
});
afterEach(() => world.close());

const lines = (text: string, name: string): readonly string[] =>
  text.split('\n').filter((line) => new RegExp(`^${name}[ {]`).test(line));

test('the requests of a repository are counted over all of its branches', async () => {
  const proposal = (branch: string, operation: string): WatchSnapshot['proposals'][number] => ({
    repository: 'https://github.com/acme/ops.git',
    branch,
    state: 'done',
    requests: [{ operation, url: null, number: 1, explanation: null }],
    error: null,
    at: 0,
    sources: [],
    ignored: [],
  });
  const proposals = [proposal('main', 'created'), proposal('prod', 'unchanged'), proposal('old', 'closed')];
  const metrics = createMetrics();
  for (let scrape = 0; scrape < 2; scrape += 1)
    expect(lines(await metrics.render({ ...snapshot, proposals }), 'holdfast_pull_requests')).toEqual([
      'holdfast_pull_requests{repository="https://github.com/acme/ops.git"} 2',
    ]);
});

test('a kind that the API server does not have is none that is not up to date', async () => {
  const kinds = snapshot.kinds.map((kind) => ({
    ...kind,
    ...(kind.name === 'Application' && { state: 'absent' as const }),
    ...(kind.name === 'Pod' && { state: 'failing' as const }),
  }));
  const said = lines(await createMetrics().render({ ...snapshot, kinds }), 'holdfast_cluster_kind_synced');
  expect(said).toContain('holdfast_cluster_kind_synced{kind="Pod"} 0');
  expect(said).toContain('holdfast_cluster_kind_synced{kind="Deployment"} 1');
  expect(said.filter((line) => line.includes('Application'))).toEqual([]);
});

test('names, types and help are as Prometheus has them, and counters begin at nothing', async () => {
  const text = await createMetrics().render(null);
  expect(lines(text, 'holdfast_copies_total')).toEqual(
    ['copied', 'present', 'failed', 'private'].map((result) => `holdfast_copies_total{result="${result}"} 0`),
  );
  const own = [...text.matchAll(/^# TYPE (holdfast_\S+) (\S+)$/gm)].map(([, name = '', type]) => ({
    name,
    type,
  }));
  expect(own.length).toBeGreaterThan(10);
  // https://prometheus.io/docs/practices/naming/
  for (const { name, type } of own) {
    expect(name).toMatch(/^[a-z][a-z0-9_]*$/);
    expect([name, name.endsWith('_total')]).toEqual([name, type === 'counter']);
    expect(text).toMatch(new RegExp(`^# HELP ${name} [A-Z1].*\\.$`, 'm'));
  }
});
