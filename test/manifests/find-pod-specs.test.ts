import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { findImages, findPodSpecs, findServiceAccounts, type SourceFile } from '../../src/manifests/index.ts';

const fixture = (path: string): SourceFile => ({
  path,
  text: readFileSync(new URL(`../../fixtures/${path}`, import.meta.url), 'utf8'),
});

describe('the pod specs of a file', () => {
  it('say the service account and the pull secrets that they name', () => {
    const [spec] = findPodSpecs(fixture('workload-kinds/before/pod.yaml'));
    expect(spec).toMatchObject({
      document: 0,
      path: 'spec',
      workload: { kind: 'Pod', name: 'full', namespace: 'shop' },
      serviceAccountName: 'runner',
      imagePullSecrets: ['first'],
      editable: true,
    });
  });

  it('have null for an absent list of pull secrets, and an empty one for an empty list', () => {
    const text = 'apiVersion: v1\nkind: Pod\nspec:\n  imagePullSecrets: []\n  containers:\n  - image: a\n';
    expect(findPodSpecs({ path: 'a', text })[0]?.imagePullSecrets).toEqual([]);
    const without = text.replace('  imagePullSecrets: []\n', '');
    expect(findPodSpecs({ path: 'a', text: without })[0]?.imagePullSecrets).toBeNull();
  });

  it('are those that the images of the file name', () => {
    for (const path of ['workload-kinds/before/workloads.yaml', 'workload-kinds/before/cronjob.yaml']) {
      const file = fixture(path);
      const named = findImages(file).uses.map(({ document, podSpec }) => [document, podSpec]);
      expect(findPodSpecs(file).map(({ document, path }) => [document, path])).toEqual(named);
    }
  });

  it('are not taken from custom container lists that Kubernetes has no pull secrets beside', () => {
    const specs = findPodSpecs(fixture('custom-objects/before/custom.yaml'));
    expect(specs.map(({ path }) => path)).toEqual(['spec.template.spec', 'request.object.spec']);
  });

  it.each([
    ['ignore/before/ignored.yaml', [true, false, true]],
    ['encrypted/before/sealed.yaml', [false, true]],
    ['generated/before/by-comment.yaml', [false, false]],
    ['aliases/before/whole-list.yaml', [true, false]],
  ])('of %s are editable: %j', (path, editable) => {
    expect(findPodSpecs(fixture(path)).map((spec) => spec.editable)).toEqual(editable);
  });
});

describe('the service accounts of a file', () => {
  it('are found in documents, lists and flow style, with the names of their pull secrets', () => {
    const text = [
      'apiVersion: v1\nkind: ServiceAccount\nmetadata:\n  name: default\n  namespace: shop\nimagePullSecrets:\n- name: one\n- name: two\n',
      'apiVersion: v1\nkind: List\nitems:\n- {apiVersion: v1, kind: ServiceAccount, metadata: {name: bare}}\n',
      'apiVersion: rbac.authorization.k8s.io/v1\nkind: RoleBinding\nsubjects:\n- kind: ServiceAccount\n  name: not-one\n',
    ].join('---\n');
    expect(findServiceAccounts({ path: 'accounts.yaml', text })).toEqual([
      {
        name: 'default',
        namespace: 'shop',
        imagePullSecrets: ['one', 'two'],
        file: 'accounts.yaml',
        document: 0,
        path: '',
        line: 1,
        editable: true,
      },
      {
        name: 'bare',
        namespace: null,
        imagePullSecrets: [],
        file: 'accounts.yaml',
        document: 1,
        path: 'items[0]',
        line: 13,
        editable: true,
      },
    ]);
  });
});
