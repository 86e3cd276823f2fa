import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { createDaemonWorld, type DaemonWorld } from '../../support/daemon-world.ts';
import { type PlainKube, startPlainKube } from '../../support/plain-kube.ts';

let kube: PlainKube;
let world: DaemonWorld;
beforeAll(async () => {
  kube = await startPlainKube();
  kube.add('web', 'nginx:1.25');
  world = await createDaemonWorld(kube);
});
afterEach(() => world.stopAll());
afterAll(async () => {
  await world?.close();
  await kube?.close();
});

const good = 'backup: backup.example/one\n';
const wrong = [
  ['is empty', '', /No backup registry is given/],
  ['has no backup', 'concurrency: 2\n', /No backup registry is given/],
  [
    'names a certificate that is not there',
    `${good}registries: {backup.example: {caFile: /nowhere/ca.pem}}\n`,
    /cannot read the certificate file \/nowhere\/ca.pem/,
  ],
  [
    'names a mirror that cannot be',
    `${good}registries: {docker.io: {mirrors: [http://m.example/UPPER]}}\n`,
    /the path of the mirror http:\/\/m.example\/UPPER/,
  ],
] as const;

describe('a configuration that cannot be', () => {
  test.each(wrong)(
    'keeps the daemon from its start when it %s, in one sentence',
    async (_, text, sentence) => {
      const configFile = join(world.root, 'start.yaml');
      await writeFile(configFile, text);
      const start = world.start({ configFile, env: { HOLDFAST_BACKUP: '' } });
      await expect(start).rejects.toMatchObject({
        name: 'HoldfastError',
        message: expect.stringMatching(sentence),
      });
    },
  );

  test('leaves the old watch at its work, and a right one after it counts', async () => {
    const configFile = join(world.root, 'reload.yaml');
    await writeFile(configFile, good);
    const daemon = await world.start({ configFile, env: { HOLDFAST_BACKUP: '' } });
    await daemon.until(({ images }) => images[0]?.status === 'safe');
    for (const [index, image] of ['busybox:1.37', 'quay.io/team/idle:1'].entries()) {
      const [, text, sentence] = wrong[index === 0 ? 0 : 3];
      await writeFile(configFile, text);
      await expect
        .poll(() => daemon.log.filter((line) => line.includes('the old one counts')).join(''), {
          timeout: 8000,
        })
        .toMatch(sentence);
      kube.add(`new-${index}`, image);
      const { backup } = await daemon.until(({ images }) =>
        images.some(({ name, status }) => name === image && status === 'safe'),
      );
      expect(backup).toBe('backup.example/one');
    }
    expect(daemon.log.join('')).not.toContain('starting anew');
    await writeFile(configFile, 'backup: backup.example/two\n');
    await daemon.until(
      ({ backup, images }) => backup === 'backup.example/two' && images[0]?.status === 'safe',
    );
    expect(Object.keys(world.backup.snapshot())).toContain('two/docker.io/library/nginx');
  }, 40_000);
});
