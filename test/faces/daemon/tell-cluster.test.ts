import { expect, test } from 'vitest';
import { tellCluster } from '../../../src/faces/daemon/tell-cluster.ts';
import type { WorkloadEvent } from '../../../src/source/index.ts';
import type { LiveUse, UpstreamState } from '../../../src/watch/index.ts';
import { createFakeClock } from '../../support/fake-clock.ts';

const clock = createFakeClock();
const asked = { digest: null, problem: 'It is not there.', checkedAt: 0, dueAt: 0 };
const state = (name: UpstreamState['state']): UpstreamState => ({ ...asked, state: name });

function use(name: string, more: Partial<LiveUse> = {}): LiveUse {
  return {
    kind: 'Pod',
    namespace: 'shop',
    name,
    uid: `uid-${name}`,
    field: 'spec.containers[0].image',
    image: 'nginx:1.25',
    isSwitched: false,
    origin: 'template',
    pull: { secrets: [], serviceAccount: null },
    workload: null,
    chain: null,
    ...more,
  };
}

function teller() {
  const written: WorkloadEvent[] = [];
  const events = tellCluster({
    writer: { write: async (event) => void written.push(event) },
    clock,
    signal: new AbortController().signal,
    hide: (text) => text.replaceAll('s3cret', '***'),
    onProblem: () => {},
  });
  return { written, events };
}

test('what is gone upstream is a warning at each object, and what only comes back is none', async () => {
  const { written, events } = teller();
  const uses = [use('a'), use('a', { field: 'spec.containers[1].image' }), use('b')];
  events.onUpstream('docker.io/library/nginx:1.25', state('available'), state('gone'), uses);
  events.onUpstream('docker.io/library/nginx:1.25', state('gone'), state('available'), uses);
  await clock.advance(0);
  expect(
    written.map(({ reason, type, regarding, message }) => [reason, type, regarding.uid, message]),
  ).toEqual([
    ['ImageGone', 'Warning', 'uid-a', 'nginx:1.25 is gone upstream: It is not there.'],
    ['ImageGone', 'Warning', 'uid-b', 'nginx:1.25 is gone upstream: It is not there.'],
  ]);
});

test('a request is told when it is opened or changed, not each time that it is looked at', async () => {
  const { written, events } = teller();
  for (const operation of ['created', 'unchanged', 'none', 'closed'])
    events.onProposed('https://g.example/a/b.git', operation, 'https://g.example/a/b/pull/1', [use('a')]);
  await clock.advance(0);
  expect(written.map(({ reason, message }) => [reason, message])).toEqual([
    ['BackupProposed', 'The backup of its images is proposed: https://g.example/a/b/pull/1'],
  ]);
});

test('the same is told again after half an hour only, counted, and without secrets', async () => {
  const { written, events } = teller();
  const gone = { ...state('gone'), problem: 'refused: s3cret' };
  const tell = () => events.onUpstream('docker.io/library/nginx:1.25', state('available'), gone, [use('a')]);
  tell();
  await clock.advance(60_000);
  tell();
  await clock.advance(30 * 60_000);
  tell();
  await clock.advance(0);
  expect(written.map(({ count, message }) => [count, message])).toEqual([
    [1, 'nginx:1.25 is gone upstream: refused: ***'],
    [2, 'nginx:1.25 is gone upstream: refused: ***'],
  ]);
});

test('an object without a namespace is left out: its Event could stand nowhere', async () => {
  const { written, events } = teller();
  events.onUpstream('docker.io/library/nginx:1.25', state('available'), state('gone'), [
    use('wide', { namespace: '' }),
  ]);
  await clock.advance(0);
  expect(written).toEqual([]);
});
