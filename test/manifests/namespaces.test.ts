import { describe, expect, it } from 'vitest';
import { scanManifests } from '../../src/manifests/index.ts';

/** Where an object of a file ends up that names this namespace. */
function placesOf(
  tree: Readonly<Record<string, string>>,
  file: string,
  namespace: string | null = null,
  kind = 'Deployment',
  place = '',
): readonly (string | null)[] {
  const files = Object.entries(tree).map(([path, text]) => ({ path, text }));
  const workload = { apiVersion: 'apps/v1', kind, name: 'web', namespace };
  return scanManifests(files, { place }).namespaces.of(file, 0, workload);
}

const base = { 'base/kustomization.yaml': 'resources: [web.yaml]\n', 'base/web.yaml': '' };

describe('the namespace of an object', () => {
  it('is the one that it names, or none', () => {
    expect(placesOf({ 'a.yaml': '' }, 'a.yaml', 'shop')).toEqual(['shop']);
    expect(placesOf({ 'a.yaml': '' }, 'a.yaml')).toEqual([null]);
    expect(placesOf({ 'a.yaml': '' }, 'a.yaml', '{{ .Release.Namespace }}')).toEqual([null]);
  });

  it('is that of the outermost kustomization, for each overlay', () => {
    const tree = {
      ...base,
      'base/kustomization.yaml': 'namespace: inner\nresources: [web.yaml]\n',
      'prod/kustomization.yaml': 'namespace: prod\nresources: [../base]\n',
      'test/kustomization.yaml': 'namespace: test\nresources: [../base]\n',
      'plain/kustomization.yaml': 'resources: [../base]\n',
    };
    expect(placesOf(tree, 'base/web.yaml', 'own')).toEqual(['inner', 'prod', 'test']);
    expect(placesOf(tree, 'prod/kustomization.yaml')).toEqual(['prod']);
  });

  it('of a patch is that of what it patches', () => {
    const tree = {
      ...base,
      'base/kustomization.yaml': 'namespace: shop\nresources: [web.yaml]\n',
      'prod/kustomization.yaml': 'resources: [../base]\npatches: [{path: web.yaml}]\n',
      'prod/web.yaml': '',
    };
    expect(placesOf(tree, 'prod/web.yaml')).toEqual(['shop']);
  });

  it('is what Flux delivers to, which wins over all', () => {
    const flux = (target: string) => `apiVersion: kustomize.toolkit.fluxcd.io/v1
kind: Kustomization
metadata: {name: apps, namespace: flux-system}
spec: {path: ./base${target}}
`;
    expect(
      placesOf({ ...base, 'flux.yaml': flux(', targetNamespace: shop') }, 'base/web.yaml', 'own'),
    ).toEqual(['shop']);
    expect(placesOf({ ...base, 'flux.yaml': flux('') }, 'base/web.yaml', 'own')).toEqual(['own']);
    const loose = { 'base/deep/web.yaml': '', 'flux.yaml': flux(', targetNamespace: shop') };
    expect(placesOf(loose, 'base/deep/web.yaml')).toEqual(['shop']);
    expect(placesOf(loose, 'flux.yaml', 'flux-system', 'Kustomization')).toEqual(['shop']);
    expect(placesOf({ ...base, 'flux.yaml': flux('') }, 'flux.yaml', 'flux-system', 'Kustomization')).toEqual(
      [null],
    );
  });

  it('is that of the folder for the components that Flux adds to it', () => {
    const flux = (more: string) => `apiVersion: kustomize.toolkit.fluxcd.io/v1
kind: Kustomization
metadata: {name: apps}
spec: {path: ./base, components: [../part]${more}}
`;
    const part = {
      'part/kustomization.yaml': 'kind: Component\nresources: [web.yaml]\n',
      'part/web.yaml': '',
    };
    const built = { ...part, 'base/kustomization.yaml': 'namespace: shop\n' };
    const place = (tree: Record<string, string>) => placesOf(tree, 'part/web.yaml');
    expect(place({ ...built, 'flux.yaml': flux('') })).toEqual(['shop']);
    expect(place({ ...built, 'flux.yaml': flux(', targetNamespace: apps') })).toEqual(['apps']);
    expect(place({ ...part, 'flux.yaml': flux(', targetNamespace: apps') })).toEqual(['apps']);
  });

  it("is an Application's destination where it names none", () => {
    const application = `apiVersion: argoproj.io/v1alpha1
kind: Application
metadata: {name: web, namespace: argocd}
spec:
  destination: {namespace: shop}
  source: {path: charts/web, helm: {valueFiles: [../../env/prod.yaml, $values/values/web.yaml]}}
`;
    const tree = {
      'app.yaml': application,
      'charts/web/values.yaml': '',
      'charts/web/sub/values.yaml': '',
      'env/prod.yaml': '',
      'values/web.yaml': '',
    };
    expect(placesOf(tree, 'charts/web/values.yaml')).toEqual(['shop']);
    expect(placesOf(tree, 'charts/web/values.yaml', 'own')).toEqual(['own']);
    expect(placesOf(tree, 'charts/web/sub/values.yaml')).toEqual([null]);
    expect(placesOf(tree, 'env/prod.yaml')).toEqual(['shop']);
    expect(placesOf(tree, 'values/web.yaml')).toEqual(['shop']);
    expect(placesOf(tree, 'app.yaml', 'argocd', 'Application')).toEqual(['shop']);
  });

  it("is a HelmRelease's target, or else where the release itself is", () => {
    const release = (more: string) => `apiVersion: helm.toolkit.fluxcd.io/v2
kind: HelmRelease
metadata: {name: web, namespace: releases}
spec: {chart: {spec: {chart: ./charts/web, sourceRef: {kind: GitRepository}}}${more}}
`;
    const tree = { 'web.yaml': release(', targetNamespace: shop'), 'charts/web/values.yaml': '' };
    expect(placesOf(tree, 'web.yaml', 'releases', 'HelmRelease')).toEqual(['shop']);
    expect(placesOf(tree, 'charts/web/values.yaml')).toEqual(['shop']);
    const moved = {
      'web.yaml': release(''),
      'charts/web/values.yaml': '',
      'kustomization.yaml': 'namespace: apps\nresources: [web.yaml]\n',
    };
    expect(placesOf(moved, 'web.yaml', 'releases', 'HelmRelease')).toEqual(['apps']);
    expect(placesOf(moved, 'charts/web/values.yaml')).toEqual(['apps']);
  });

  it('ends where kustomizations take each other, and is found from a folder below the root', () => {
    const ring = {
      'a/kustomization.yaml': 'resources: [../b, web.yaml]\n',
      'b/kustomization.yaml': 'resources: [../a]\n',
      'a/web.yaml': '',
    };
    expect(placesOf(ring, 'a/web.yaml', 'own')).toEqual(['own']);
    const below = {
      'web.yaml': '',
      'kustomization.yaml': 'resources: [web.yaml]\n',
      '../over/kustomization.yaml': 'namespace: shop\nresources: [../base]\n',
    };
    expect(placesOf(below, 'web.yaml', null, 'Deployment', 'apps/base')).toEqual(['shop']);
  });
});
