import { at, items, type KubernetesObject, keep } from './live-workload.ts';

/** One place in Git that an owner takes manifests from. */
export interface OwnerSource {
  readonly url: string;
  /** Folder in the repository; empty for its root. */
  readonly path: string;
  readonly revision: Revision;
}

/**
 * What is deployed. `branch` says that it is one; `fixed` is a tag, a commit or a range of versions, which no request
 * can be for; `name` may be a branch or something else, as Argo CD does not say: the remote knows.
 */
export type Revision =
  | { readonly kind: 'default' }
  | { readonly kind: 'branch' | 'name'; readonly name: string }
  | { readonly kind: 'fixed' };

/** What is kept of an object of Argo CD or Flux that says where live objects come from. */
export type LiveOwner = {
  readonly namespace: string;
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
} & (
  | {
      readonly kind: 'Application';
      readonly sources: readonly OwnerSource[];
      readonly destination: string | null;
      readonly madeBy: string | null;
    }
  | { readonly kind: 'Kustomization'; readonly source: SourceName; readonly path: string }
  | { readonly kind: 'HelmRelease'; readonly source: SourceName | null; readonly path: string }
  | { readonly kind: 'GitRepository'; readonly url: string; readonly revision: Revision }
);

export interface SourceName {
  readonly kind: string;
  readonly namespace: string;
  readonly name: string;
}

/** Kinds that tell of owners; `group` is asked for the version that it prefers. */
export const ownerKinds = [
  { group: 'argoproj.io', plural: 'applications', kind: 'Application' },
  { group: 'kustomize.toolkit.fluxcd.io', plural: 'kustomizations', kind: 'Kustomization' },
  { group: 'helm.toolkit.fluxcd.io', plural: 'helmreleases', kind: 'HelmRelease' },
  { group: 'source.toolkit.fluxcd.io', plural: 'gitrepositories', kind: 'GitRepository' },
] as const;

export type OwnerKind = (typeof ownerKinds)[number]['kind'];

/** Takes what is used out of an owner; null when it says nothing of Git. */
export function toLiveOwner(object: KubernetesObject, kind: OwnerKind): LiveOwner | null {
  const { metadata = {} } = object;
  const common = {
    namespace: metadata.namespace ?? '',
    name: metadata.name ?? '',
    labels: keep(metadata.labels),
  };
  const read = (...path: string[]) => text(at(object, ['spec', ...path]));
  switch (kind) {
    case 'Application': {
      // What a hydrator writes is made from its dry source, where people edit.
      const all = [
        at(object, ['spec', 'source']),
        ...items(at(object, ['spec', 'sources'])),
        at(object, ['spec', 'sourceHydrator', 'drySource']),
      ];
      const inGit = all.filter((source) => {
        const url = text(at(source, ['repoURL']));
        return url !== null && !/^oci:/i.test(url) && text(at(source, ['chart'])) === null;
      });
      return {
        ...common,
        kind,
        sources: inGit.map((source) => ({
          url: text(at(source, ['repoURL'])) ?? '',
          path: folder(text(at(source, ['path']))),
          revision: argoRevision(text(at(source, ['targetRevision']))),
        })),
        destination: read('destination', 'namespace'),
        madeBy: metadata.ownerReferences?.find((owner) => owner.kind === 'ApplicationSet')?.name ?? null,
      };
    }
    case 'Kustomization': {
      const source = readSource(at(object, ['spec', 'sourceRef']), common.namespace);
      return source && { ...common, kind, source, path: folder(read('path')) };
    }
    case 'HelmRelease': {
      const chart = at(object, ['spec', 'chart', 'spec']);
      const source = readSource(at(chart, ['sourceRef']), common.namespace);
      return { ...common, kind, source, path: folder(text(at(chart, ['chart']))) };
    }
    case 'GitRepository': {
      const url = read('url');
      if (url === null) return null;
      return { ...common, kind, url, revision: fluxRevision(at(object, ['spec', 'ref'])) };
    }
  }
}

function readSource(value: unknown, namespace: string): SourceName | null {
  const kind = text(at(value, ['kind']));
  const name = text(at(value, ['name']));
  if (kind === null || name === null) return null;
  return { kind, name, namespace: text(at(value, ['namespace'])) ?? namespace };
}

/** `./clusters/prod/` is `clusters/prod`; what leads out of the repository counts as its root. */
function folder(path: string | null): string {
  const parts = (path ?? '').split('/').filter((part) => part !== '' && part !== '.');
  return parts.includes('..') ? '' : parts.join('/');
}

/** https://argo-cd.readthedocs.io/en/stable/user-guide/tracking_strategies/: one field for all that git can name. */
function argoRevision(written: string | null): Revision {
  if (written === null || written === 'HEAD') return { kind: 'default' };
  return (
    named(written) ?? (/^[0-9a-f]{40}$/.test(written) ? { kind: 'fixed' } : { kind: 'name', name: written })
  );
}

/** https://fluxcd.io/flux/components/source/gitrepositories/#reference: name, then semver, tag, branch; a commit of one. */
function fluxRevision(ref: unknown): Revision {
  const [name, semver, tag, branch] = ['name', 'semver', 'tag', 'branch'].map((key) => text(at(ref, [key])));
  if (name) return named(name) ?? { kind: 'fixed' };
  if (semver || tag) return { kind: 'fixed' };
  if (branch) return { kind: 'branch', name: branch };
  // Flux takes this one where nothing is said.
  return text(at(ref, ['commit'])) === null ? { kind: 'name', name: 'master' } : { kind: 'fixed' };
}

function named(ref: string): Revision | null {
  const [, kind, name] = /^refs\/(\w+)\/(.+)$/.exec(ref) ?? [];
  if (kind === undefined || name === undefined) return null;
  return kind === 'heads' ? { kind: 'branch', name } : { kind: 'fixed' };
}

function text(value: unknown): string | null {
  return typeof value === 'string' && value !== '' ? value : null;
}
