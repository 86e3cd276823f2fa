import { execFileSync } from 'node:child_process';
import { afterEach, describe, expect, test } from 'vitest';
import { rewrite, scan } from '../../src/backup/index.ts';
import { createWorld, deployment, type World } from './world.ts';

let world: World;
afterEach(() => world.close());

const base = {
  'apps/base/kustomization.yaml': 'resources: [web.yaml, cache.yaml]\n',
  'apps/base/web.yaml': deployment('web', 'nginx:1.25'),
  'apps/base/cache.yaml': deployment('cache', 'redis:7'),
};
const over = 'resources: [../base]\nimages:\n  - name: nginx\n    newTag: "1.25"\n';
const overlay = { ...base, 'apps/over/kustomization.yaml': over };

async function createCheckout(files: Readonly<Record<string, string>>): Promise<void> {
  world = await createWorld(files);
  execFileSync('git', ['init', '-q', world.folder]);
}

async function states(paths: readonly string[], globs: readonly string[] = []): Promise<readonly unknown[]> {
  const { images } = await scan({ ...world.work({ paths: globs }), paths });
  return images.map(({ use, state, reason }) => [
    use.file,
    use.written,
    reason ?? state,
    use.heldBy && `${use.heldBy.file}:${use.heldBy.line}`,
  ]);
}

describe('an image that something outside of the named paths decides', () => {
  test('is held, with the place of an overlay, and nothing else is', async () => {
    await createCheckout(overlay);
    expect(await states(['apps/base'])).toEqual([
      ['cache.yaml', 'redis:7', 'candidate', null],
      ['web.yaml', 'nginx:1.25', 'overlay', '../over/kustomization.yaml:3'],
    ]);
    expect(await states(['apps/base/web.yaml'])).toEqual([
      ['web.yaml', 'nginx:1.25', 'overlay', '../over/kustomization.yaml:3'],
    ]);
    expect(await states([], ['apps/base/**'])).toEqual([
      ['apps/base/cache.yaml', 'redis:7', 'candidate', null],
      ['apps/base/web.yaml', 'nginx:1.25', 'overlay', 'apps/over/kustomization.yaml:3'],
    ]);
  });

  test('is held where the overlay is named, and what it is built from is not named as a whole', async () => {
    await createCheckout(overlay);
    expect(await states(['apps/base/web.yaml', 'apps/over'])).toEqual([
      ['base/web.yaml', 'nginx:1.25', 'overlay', 'over/kustomization.yaml:3'],
      ['over/kustomization.yaml', 'nginx:1.25', 'candidate', null],
    ]);
  });

  test('is held for an object of Flux, whose path starts from the checkout', async () => {
    await createCheckout({
      ...base,
      'clusters/web.yaml': `apiVersion: kustomize.toolkit.fluxcd.io/v1
kind: Kustomization
metadata: { name: web }
spec:
  path: ./apps/base
  images:
    - name: redis
      newTag: "7"
`,
    });
    expect(await states(['apps/base'])).toEqual([
      ['cache.yaml', 'redis:7', 'overlay', '../../clusters/web.yaml:7'],
      ['web.yaml', 'nginx:1.25', 'candidate', null],
    ]);
  });

  test('is left alone by rewrite, and so is the place that decides', async () => {
    await createCheckout(overlay);
    const report = await rewrite({ ...world.work(), paths: ['apps/base'] });
    expect(report.edits.map(({ file }) => file)).toEqual(['cache.yaml']);
    expect(await world.read('apps/base/web.yaml')).toBe(base['apps/base/web.yaml']);
    expect(await world.read('apps/over/kustomization.yaml')).toBe(over);
  });
});

test('an overlay that is named alone is edited as if its base were named, and the base is not', async () => {
  await createCheckout({
    ...overlay,
    'apps/over/kustomization.yaml': 'resources: [../base]\nimages: [{ name: nginx, newName: nginx }]\n',
  });
  expect(await states(['apps/over'])).toEqual([['kustomization.yaml', 'nginx:1.25', 'candidate', null]]);
  const secret = { pullSecret: { name: 'pull', attach: 'pod' } } as const;
  const report = await rewrite({ ...world.work(secret), paths: ['apps/over'] });
  expect(report.changes.map(({ path }) => path)).toEqual(['kustomization.yaml']);
  expect(await world.read('apps/base/web.yaml')).toBe(base['apps/base/web.yaml']);
  expect(report.notes).toContain(
    'Deployment web in ../base/web.yaml cannot be edited: give it the pull secret pull.',
  );
});

test('names of a ServiceAccount outside of the named paths are carried over, and it is not edited', async () => {
  await createCheckout({
    ...base,
    'accounts.yaml':
      'apiVersion: v1\nkind: ServiceAccount\nmetadata: { name: default, namespace: shop }\nimagePullSecrets: [{ name: old }]\n',
  });
  const secret = { pullSecret: { name: 'pull', attach: 'pod' } } as const;
  const onAccount = { pullSecret: { name: 'pull', attach: 'serviceAccount' } } as const;
  const accounts = await world.read('accounts.yaml');
  const { notes } = await rewrite({ ...world.work(onAccount), paths: ['apps/base/cache.yaml'] });
  expect(notes).toContain(
    'Add the pull secret pull to ServiceAccount default in namespace shop, whose manifest in ../../accounts.yaml cannot be edited.',
  );
  expect(await world.read('accounts.yaml')).toBe(accounts);
  await rewrite({ ...world.work(secret), paths: ['apps/base/web.yaml'] });
  expect(await world.read('apps/base/web.yaml')).toMatch(/imagePullSecrets:\s+- name: old\s+- name: pull/);
});

test('without a checkout, a note says that overlays elsewhere are not known', async () => {
  world = await createWorld(overlay);
  const note = expect.stringContaining('overlays elsewhere') as string;
  expect((await scan({ ...world.work(), paths: ['apps/base'] })).notes).toEqual([note]);
  expect((await scan({ ...world.work(), paths: ['apps'] })).notes).toEqual([]);
});
