import { describe, expect, it } from 'vitest';
import { findAllSecrets, scanManifests, showsSecret } from '../../src/manifests/index.ts';

function formsOf(text: string, path = 'a.yaml', more: { path: string; text: string }[] = []) {
  const files = [{ path, text }, ...more];
  return findAllSecrets(files, scanManifests(files).namespaces).map(({ name, namespace, form }) => [
    name,
    namespace,
    form,
  ]);
}

describe('the Secrets that manifests make', () => {
  it('are plain, sealed, external or encrypted', () => {
    const text = `apiVersion: v1
kind: Secret
metadata: {name: a, namespace: shop}
---
apiVersion: v1
kind: Secret
metadata: {name: b}
data: {x: "ENC[...]"}
sops: {mac: ENC, encrypted_regex: ^data$}
---
apiVersion: bitnami.com/v1alpha1
kind: SealedSecret
metadata: {name: sealed, namespace: shop}
spec: {template: {metadata: {name: c}}}
---
apiVersion: external-secrets.io/v1
kind: ExternalSecret
metadata: {name: external, namespace: shop}
spec: {target: {name: d}}
---
kind: ServiceAccount
apiVersion: v1
metadata: {name: none}
secrets: [{name: e}]
`;
    expect(formsOf(text)).toEqual([
      ['a', 'shop', 'plain'],
      ['b', null, 'encrypted'],
      ['c', 'shop', 'sealed'],
      ['d', 'shop', 'external'],
    ]);
  });

  const clusterSecret = (spec: string) =>
    `apiVersion: external-secrets.io/v1\nkind: ClusterExternalSecret\nmetadata: {name: pull, namespace: ignored}\nspec: {${spec}}\n`;

  it.each([
    ['a list', 'namespaces: [shop, blog]', ['shop', 'blog']],
    [
      'a selector of one name',
      'namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: shop}}',
      ['shop'],
    ],
    [
      'selectors of names',
      'namespaceSelectors: [{matchExpressions: [{key: kubernetes.io/metadata.name, operator: In, values: [a, b]}]}]',
      ['a', 'b'],
    ],
  ])('are in each namespace that a ClusterExternalSecret has: %s', (_, spec, namespaces) => {
    const kustomization = { path: 'k/kustomization.yaml', text: 'namespace: other\nresources: [s.yaml]\n' };
    const found = formsOf(clusterSecret(spec), 'k/s.yaml', [kustomization]);
    expect(found).toEqual(namespaces.map((namespace) => ['pull', namespace, 'external']));
  });

  it('have the name that a ClusterExternalSecret gives them', () => {
    const named =
      'namespaces: [shop], externalSecretName: mine, externalSecretSpec: {target: {name: backup-pull}}';
    expect(formsOf(clusterSecret(named))).toEqual([['backup-pull', 'shop', 'external']]);
    const second = 'namespaces: [shop], externalSecretName: mine';
    expect(formsOf(clusterSecret(second))).toEqual([['mine', 'shop', 'external']]);
  });

  it.each([
    ['every', 'namespaceSelector: {}'],
    ['selected', 'namespaceSelector: {matchLabels: {team: shop}}'],
    ['selected', 'namespaceSelectors: [{matchExpressions: [{key: team, operator: Exists}]}]'],
  ])('are in %s of the namespaces: %s', (reach, spec) => {
    const files = [{ path: 'a.yaml', text: clusterSecret(spec) }];
    expect(findAllSecrets(files, scanManifests(files).namespaces)).toEqual([
      { name: 'pull', namespace: null, form: 'external', reach, file: 'a.yaml', line: 1 },
    ]);
  });

  it('take the namespace of the kustomization beside them', () => {
    const kustomization = {
      path: 'k/kustomization.yaml',
      text: 'namespace: shop\nresources: [s.yaml]\nsecretGenerator: [{name: made}]\n',
    };
    expect(
      formsOf('apiVersion: v1\nkind: Secret\nmetadata: {name: a}\n', 'k/s.yaml', [kustomization]),
    ).toEqual([
      ['a', 'shop', 'plain'],
      ['made', 'shop', 'generated'],
    ]);
  });

  it('are those of every overlay that takes them', () => {
    const overlay = {
      path: 'prod/kustomization.yaml',
      text: 'namespace: shop\nresources: [../base, pull.yaml]\n',
    };
    const text = `apiVersion: external-secrets.io/v1
kind: ExternalSecret
metadata: {name: pull}
`;
    expect(formsOf(text, 'prod/pull.yaml', [overlay])).toEqual([['pull', 'shop', 'external']]);
  });

  it('are plain where SOPS left no checksum', () => {
    const text = 'apiVersion: v1\nkind: Secret\nmetadata: {name: a}\ndata: {x: y}\nsops: {x: y}\n';
    expect(formsOf(text)).toEqual([['a', null, 'plain']]);
  });
});

describe('a text that shows a Secret', () => {
  it.each([
    [
      'without a name of its own',
      'apiVersion: v1\nkind: Secret\nmetadata: {generateName: x}\nstringData: {a: b}',
    ],
    ['with a sops key that says nothing', 'apiVersion: v1\nkind: Secret\ndata: {a: b}\nsops: {x: y}'],
    ['with values beside a checksum', 'apiVersion: v1\nkind: Secret\ndata: {a: b}\nsops: {mac: x}'],
    ['without an apiVersion', 'kind: Secret\ndata: {a: b}'],
    ['in a List', 'apiVersion: v1\nkind: List\nitems: [{kind: Secret, data: {a: b}}]'],
    ['in a SecretList', 'apiVersion: v1\nkind: SecretList\nitems: [{data: {a: b}}]'],
    ['in JSON', '{"kind": "Secret", "stringData": {"a": "b"}}'],
    ['behind another document', 'kind: ConfigMap\ndata: {a: b}\n---\nkind: Secret\ndata: {a: b}'],
    ['by an alias', 'x: &x {a: b}\ny: {kind: Secret, data: *x}'],
  ])('is told %s', (_, text) => {
    expect(showsSecret(`${text}\n`)).toBe(true);
  });

  it('is none of one that is sealed, empty, or made from elsewhere', () => {
    const sealed =
      'apiVersion: v1\nkind: Secret\ndata: {a: "ENC[AES256_GCM,data:x]"}\nsops: {mac: "ENC[x]"}\n';
    expect(showsSecret(sealed)).toBe(false);
    expect(
      showsSecret('apiVersion: v1\nkind: Secret\nmetadata: {annotations: {replicate-from: a/b}}\n'),
    ).toBe(false);
    expect(showsSecret('kind: ExternalSecret\nspec: {target: {template: {data: {a: b}}}}\n')).toBe(false);
    expect(showsSecret('kind: [\n')).toBeNull();
  });
});
