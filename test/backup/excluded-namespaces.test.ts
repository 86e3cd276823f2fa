import { afterEach, describe, expect, test } from 'vitest';
import { plan, scan } from '../../src/backup/index.ts';
import { createWorld, deployment, plainConfig, type World } from './world.ts';

let world: World;
afterEach(() => world.close());

/** What `scan` and `plan` both say of each use. */
async function states(files: Readonly<Record<string, string>>, ...namespaces: string[]): Promise<unknown> {
  world = await createWorld(files);
  const work = world.work({ exclude: { ...plainConfig.exclude, namespaces } });
  const said = (await scan(work)).images.map(({ use, state, reason }) => [use.file, reason ?? state]);
  const planned = (await plan(work)).images.map(({ use, state, reason }) => [use.file, reason ?? state]);
  expect(planned).toEqual(said);
  return said;
}

const chart = (target: string) => `apiVersion: helm.cattle.io/v1
kind: HelmChart
metadata:
  name: web
  namespace: kube-system
spec:
  chart: web
${target}  valuesContent: |
    image:
      repository: docker.io/library/nginx
      tag: "1.25"
`;

describe('an excluded namespace', () => {
  test('is that of what a chart makes, not that of the object that names the chart', async () => {
    expect(await states({ 'a.yaml': chart('  targetNamespace: web\n') }, 'kube-system')).toEqual([
      ['a.yaml', 'candidate'],
    ]);
    await world.close();
    expect(await states({ 'a.yaml': chart('  targetNamespace: web\n') }, 'web')).toEqual([
      ['a.yaml', 'excluded-namespace'],
    ]);
    await world.close();
    expect(await states({ 'a.yaml': chart('') }, 'kube-system')).toEqual([['a.yaml', 'excluded-namespace']]);
  });

  const base = {
    'base/kustomization.yaml': 'resources: [web.yaml]\n',
    'base/web.yaml': deployment('web', 'nginx:1.25').replace('  namespace: shop\n', ''),
    'shop/kustomization.yaml': 'namespace: shop\nresources: [../base]\n',
  };

  test('is the one that an overlay gives to a base which says none', async () => {
    expect(await states(base, 'shop')).toEqual([['base/web.yaml', 'excluded-namespace']]);
  });

  test('leaves a base alone only if it is that of all its overlays', async () => {
    const both = { ...base, 'prod/kustomization.yaml': 'namespace: prod\nresources: [../base]\n' };
    expect(await states(both, 'shop')).toEqual([['base/web.yaml', 'candidate']]);
    await world.close();
    expect(await states(both, 'shop', 'prod')).toEqual([['base/web.yaml', 'excluded-namespace']]);
  });
});
