import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { applyComponents } from '../../support/apply-components.ts';
import { createDaemonWorld, type DaemonWorld, startDeployedWorld } from '../../support/daemon-world.ts';
import { findKubeProblem, type KubeApiserver } from '../../support/kube-apiserver.ts';
import { daemonUser } from '../../support/kube-identity.ts';

const problem = await findKubeProblem();

describe.skipIf(problem !== null)(`Kubernetes Events${problem === null ? '' : ` (${problem})`}`, () => {
  let kube: KubeApiserver;
  let world: DaemonWorld;
  beforeAll(async () => {
    ({ kube, world } = await startDeployedWorld());
    await kube.kubectl(['create', 'deployment', 'lost', '--image=quay.io/team/lost:1']);
  }, 60_000);
  afterEach(() => world.stopAll());
  afterAll(async () => {
    await world?.close();
    await kube?.stop();
  });

  const events = { HOLDFAST_WATCH_EVENTS: 'true' };
  const isSettled = (page: { images: readonly { status: string }[] }) =>
    page.images
      .map(({ status }) => status)
      .toSorted()
      .join() === 'failed,safe';
  const writes = async () =>
    (await kube.readAudit())
      .filter(({ user, verb }) => user === daemonUser && !['get', 'list', 'watch'].includes(verb))
      .map(({ verb, requestURI }) => `${verb} ${requestURI.replace(/\/[^/]*\.[0-9a-f]{16}$/, '/NAME')}`);
  const told = async () => {
    const list = JSON.parse(await kube.kubectl(['get', 'events', '-n', 'default', '-o', 'json'])) as {
      items: {
        involvedObject: { kind: string; name: string; uid: string };
        reason: string;
        type: string;
        message: string;
        count: number;
      }[];
    };
    return list.items
      .filter(({ involvedObject }) => involvedObject.kind === 'Deployment')
      .toSorted((a, b) => (a.reason + a.type < b.reason + b.type ? -1 : 1));
  };

  test('are not written when nobody asked', async () => {
    const daemon = await world.start();
    await daemon.until(isSettled);
    await daemon.stop();
    expect(await writes()).toEqual([]);
    expect(await told()).toEqual([]);
  });

  test('that may not be written are told in the log once, and the work goes on', async () => {
    await world.close();
    world = await createDaemonWorld(kube, `${kube.folder}/daemon.kubeconfig`);
    const daemon = await world.start({ env: events });
    await daemon.until(isSettled);
    await expect
      .poll(() => daemon.log.filter((line) => line.includes('an Event could not be written')).length)
      .toBe(1);
    expect(await told()).toEqual([]);
  });

  test('tell each workload what became of its image, with the one right of the component', async () => {
    await applyComponents(kube, ['events']);
    const can = async (...words: string[]) =>
      (await kube.kubectl(['auth', 'can-i', ...words, '-A', `--as=${daemonUser}`]).catch(() => 'no')).trim();
    await expect.poll(() => can('create', 'events')).toBe('yes');
    expect(
      await Promise.all([can('delete', 'events'), can('get', 'secrets'), can('patch', 'deployments')]),
    ).toEqual(['no', 'no', 'no']);
    await world.close();
    world = await createDaemonWorld(kube, `${kube.folder}/daemon.kubeconfig`);
    const daemon = await world.start({ env: events });
    await daemon.until(isSettled);
    await expect.poll(async () => (await told()).map(({ reason }) => reason)).toContain('ImageCopied');
    await expect.poll(async () => (await told()).map(({ reason }) => reason)).toContain('ImageNotCopied');
    const web = JSON.parse(await kube.kubectl(['get', 'deployment', 'web', '-o', 'json'])) as {
      metadata: { uid: string };
    };
    expect((await told()).find(({ reason }) => reason === 'ImageCopied')).toMatchObject({
      type: 'Normal',
      involvedObject: { kind: 'Deployment', name: 'web', uid: web.metadata.uid },
      message: expect.stringMatching(
        /^nginx:1\.25 was copied to backup\.example\/mirror\/docker\.io\/library\/nginx:1\.25@sha256:/,
      ),
    });
    expect(await kube.kubectl(['describe', 'deployment', 'web'])).toContain('ImageCopied');
    const done = await writes();
    expect(new Set(done)).toEqual(new Set(['create /api/v1/namespaces/default/events']));
  });

  test('that were told before are counted by the next daemon', async () => {
    const before = await told();
    const daemon = await world.start({ env: events });
    await daemon.until(isSettled);
    const failed = async () => (await told()).find(({ reason }) => reason === 'ImageNotCopied')?.count;
    await expect.poll(failed).toBe(2);
    expect(await told()).toHaveLength(before.length);
    expect(await writes()).toContain('patch /api/v1/namespaces/default/events/NAME');
  });
});
