import { expect, test } from 'vitest';
import type { ImageRule } from '../../src/manifests/index.ts';
import { type KubernetesObject, toLiveWorkload } from '../../src/source/cluster/live-workload.ts';

const rule = (apiVersion: string, kind: string, field: string): ImageRule => ({
  apiVersion,
  kind,
  field,
  format: 'reference',
});

function imagesOf(object: KubernetesObject, apiVersion: string, kind: string, rules: readonly ImageRule[]) {
  return toLiveWorkload(object, { apiVersion, kind, rules }).images.map(
    ({ field, image }) => `${field} ${image}`,
  );
}

test('a listed kind is read by the built-in rules, too', () => {
  const group = 'monitoring.coreos.com/v1';
  const object = {
    metadata: { name: 'k8s', namespace: 'monitoring' },
    spec: {
      image: 'quay.io/prometheus/prometheus:v3',
      thanos: { image: 'quay.io/thanos/thanos:v0.37' },
      containers: [{ name: 'proxy', image: 'quay.io/brancz/kube-rbac-proxy:v0.18' }],
    },
    status: { image: 'quay.io/not/this:1' },
  };
  expect(imagesOf(object, group, 'Prometheus', [rule(group, 'Prometheus', 'spec.image')])).toEqual([
    'spec.image quay.io/prometheus/prometheus:v3',
    'spec.thanos.image quay.io/thanos/thanos:v0.37',
    'spec.containers[0].image quay.io/brancz/kube-rbac-proxy:v0.18',
  ]);
});

test('a name that is spread over fields is put together, and left out where its tag is not said', () => {
  const rules: readonly ImageRule[] = [
    { ...rule('example.com/v1', 'Widget', 'spec.repo'), format: 'repository' },
    { ...rule('example.com/v1', 'Widget', 'spec.tag'), format: 'tag' },
  ];
  const widget = (spec: object) => ({ metadata: { name: 'w' }, spec });
  expect(
    imagesOf(widget({ repo: 'quay.io/acme/w', tag: '2' }), 'example.com/v1', 'Widget', rules).map(
      (line) => line.split(' ')[1],
    ),
  ).toEqual(['quay.io/acme/w:2']);
  expect(imagesOf(widget({ repo: 'quay.io/acme/w' }), 'example.com/v1', 'Widget', rules)).toEqual([]);
});

test('what kubectl keeps of an earlier manifest names nothing that runs', () => {
  const annotations = {
    'kubectl.kubernetes.io/last-applied-configuration': '{"spec":{"image":"quay.io/old/one:1"}}',
  };
  const object = { metadata: { name: 'w', annotations }, spec: { image: 'quay.io/new/one:2' } };
  const rules = [rule('example.com/v1', 'Widget', 'spec.image')];
  expect(imagesOf(object, 'example.com/v1', 'Widget', rules)).toEqual(['spec.image quay.io/new/one:2']);
});
