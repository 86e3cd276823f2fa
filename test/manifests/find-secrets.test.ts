import { describe, expect, it } from 'vitest';
import { findAllSecrets } from '../../src/manifests/index.ts';

function formsOf(text: string, path = 'a.yaml', more: { path: string; text: string }[] = []) {
  return findAllSecrets([{ path, text }, ...more]).map(({ name, namespace, form }) => [
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

  it('take the namespace of the kustomization beside them', () => {
    const kustomization = {
      path: 'k/kustomization.yaml',
      text: 'namespace: shop\nsecretGenerator: [{name: made}]\n',
    };
    expect(
      formsOf('apiVersion: v1\nkind: Secret\nmetadata: {name: a}\n', 'k/s.yaml', [kustomization]),
    ).toEqual([
      ['a', 'shop', 'plain'],
      ['made', 'shop', 'generated'],
    ]);
  });
});
