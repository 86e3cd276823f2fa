import { describe, expect, it } from 'vitest';
import { describeAbsent, scanManifests } from '../../src/manifests/index.ts';

/** What is absent of some files; `listed` are others that are there and say nothing of images. */
function scan(files: Readonly<Record<string, string>>, listed: readonly string[] = []): string[] {
  const own = Object.entries(files).map(([path, text]) => ({ path, text }));
  const { absent } = scanManifests(own, { listed: new Set([...Object.keys(files), ...listed]) });
  return absent.map(({ source, object, file }) => `${source} of ${object} in ${file}`);
}

const chart = {
  'charts/web/Chart.yaml': 'name: web\n',
  'charts/web/values.yaml': 'image:\n  repository: ghcr.io/acme/web\n  tag: "1"\n',
};
const release = (spec: string) =>
  `apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nmetadata: {name: web}\nspec:\n` +
  `  chart: {spec: {chart: charts/web, sourceRef: {kind: GitRepository, name: shop}}}\n${spec}`;
const from = (kind: string) => release(`  valuesFrom: [{kind: ${kind}, name: web-values}]\n`);
const application = (helm: string) =>
  'apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata: {name: web}\nspec:\n  sources:\n' +
  `    - repoURL: https://git.example/shop\n      path: charts/web\n      helm: {${helm}}\n    - repoURL: https://git.example/values\n      ref: values\n`;

describe('values that are not here', () => {
  it('are named where they are merged over an image that is edited', () => {
    expect(scan({ ...chart, 'web.yaml': from('Secret') })).toEqual([
      'Secret web-values of HelmRelease web in web.yaml',
    ]);
    expect(scan({ ...chart, 'web.yaml': from('ConfigMap') })).toEqual([
      'ConfigMap web-values of HelmRelease web in web.yaml',
    ]);
    expect(scan({ ...chart, 'web.yaml': application('valueFiles: [$values/prod.yaml]') })).toEqual([
      '$values/prod.yaml of Application web in web.yaml',
    ]);
  });

  it('are not named where the object itself says the image, or none is edited', () => {
    const own = from('Secret') + '  values: {image: {repository: ghcr.io/acme/web, tag: "2"}}\n';
    expect(scan({ 'web.yaml': own })).toEqual([]);
    expect(scan({ 'charts/web/values.yaml': 'replicas: 1\n', 'web.yaml': from('Secret') })).toEqual([]);
    const held = { 'charts/web/values.yaml': 'image: {repository: ghcr.io/acme/web}\n' };
    expect(scan({ ...held, 'web.yaml': from('Secret') })).toEqual([]);
  });

  it('are none where a file is there that says nothing of images, or may be missing on purpose', () => {
    const map = (data: string) =>
      `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: web-values}\ndata: {${data}}\n`;
    const files = { ...chart, 'web.yaml': from('ConfigMap') };
    expect(scan({ ...files, 'map.yaml': map('values.yaml: "replicas: 1"') })).toEqual([]);
    expect(scan({ ...files, 'map.yaml': map('other.yaml: "replicas: 1"') })).toHaveLength(1);
    const generated = 'configMapGenerator: [{name: web-values, files: [values.yaml=web/prod.yaml]}]\n';
    expect(scan({ ...files, 'kustomization.yaml': generated }, ['web/prod.yaml'])).toEqual([]);
    expect(scan({ ...files, 'kustomization.yaml': generated })).toHaveLength(1);
    const named = { ...chart, 'web.yaml': application('valueFiles: [/envs/prod.yaml]') };
    expect(scan(named, ['envs/prod.yaml'])).toEqual([]);
    const optional = application('valueFiles: [prod.yaml], ignoreMissingValueFiles: true');
    expect(scan({ ...chart, 'web.yaml': optional })).toEqual([]);
  });

  it('are told in one sentence, the first of them by name', () => {
    const one = { file: 'a.yaml', object: 'HelmRelease web', source: 'Secret web', rank: 2 };
    expect(describeAbsent([])).toEqual([]);
    expect(describeAbsent([one])).toEqual([
      expect.stringMatching(
        /^Values that are not here to be read .*: Secret web of HelmRelease web \(a\.yaml\)\.$/,
      ),
    ]);
    const many = ['1', '2', '3', '4', '5', '6', '7'].map((name) => ({ ...one, source: `Secret ${name}` }));
    expect(describeAbsent(many)[0]).toMatch(/Secret 5 of HelmRelease web \(a\.yaml\), 2 more\.$/);
  });
});
