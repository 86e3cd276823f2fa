import { describe, expect, it } from 'vitest';
import { findInlineValues } from '../../src/manifests/index.ts';

const find = (...lines: readonly string[]) => findInlineValues(lines.join('\n'));

describe('the values that an object hands to a chart', () => {
  it('keep numbers and booleans, and lead to the folder of the chart', () => {
    const found = find(
      'kind: HelmRelease',
      'metadata: {name: web, namespace: shop}',
      'spec:',
      '  chart: {spec: {chart: ./charts/web/, sourceRef: {kind: GitRepository}}}',
      '  values: {replicas: 3, on: true, tag: "1"}',
    );
    expect(found).toEqual([
      {
        object: 'HelmRelease shop/web',
        folder: 'charts/web',
        files: [],
        values: 'replicas: 3\non: true\ntag: "1"\n',
        unknown: null,
      },
    ]);
  });

  it('lead nowhere out of the tree, and not to the chart of a Helm repository', () => {
    const chart = (spec: string) => find('kind: HelmRelease', `spec: {chart: {spec: {${spec}}}}`)[0]?.folder;
    expect(chart('chart: ../../etc, sourceRef: {kind: GitRepository}')).toBeNull();
    expect(chart('chart: web, sourceRef: {kind: HelmRepository}')).toBeNull();
    const source = '{path: web, helm: {valueFiles: [../up.yaml], values: "a: 1"}}';
    const [found] = find('kind: Application', `spec: {source: ${source}}`);
    expect(found).toMatchObject({
      folder: 'web',
      values: 'a: 1',
      unknown: 'takes values from elsewhere, too',
    });
  });

  it('are told where kustomize, k3s or a template of Applications has them', () => {
    expect(find('helmCharts: [{name: web, valuesInline: {a: 1}}]')).toMatchObject([
      { object: 'Kustomization', folder: null, values: 'a: 1\n', unknown: 'is for kustomize to render' },
    ]);
    expect(find('kind: HelmChart', 'metadata: {name: t}', 'spec: {valuesContent: "a: 1"}')).toMatchObject([
      { object: 'HelmChart t', folder: null, values: 'a: 1' },
    ]);
    const template = '{spec: {sources: [{path: web, helm: {valuesObject: {a: 1}}}, {chart: plain}]}}';
    expect(find('kind: ApplicationSet', `spec: {template: ${template}}`)).toMatchObject([
      { folder: 'web', values: 'a: 1\n', unknown: 'is a template of Applications' },
    ]);
    expect(find('kind: ConfigMap', 'data: {kind: HelmRelease}')).toEqual([]);
  });
});
