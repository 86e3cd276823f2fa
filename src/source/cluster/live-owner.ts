import { at, items, type KubernetesObject, keep } from './live-workload.ts';

/** One place in Git that an owner takes manifests from. */
export interface OwnerSource {
  readonly url: string;
  /** Folder in the repository; empty for its root. */
  readonly path: string;
  /** Branch, tag or commit; null for the default branch. */
  readonly revision: string | null;
}

/** What is kept of an object of Argo CD or Flux that says where live objects come from. */
export type LiveOwner = {
  readonly namespace: string;
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
} & (
  | {
      readonly kind: 'Application';
      readonly sources: readonly OwnerSource[];
      /** A chart of a Helm repository is among the sources: no file of Git holds its templates. */
      readonly rendersChart: boolean;
      readonly destination: string | null;
      readonly madeBy: string | null;
    }
  | { readonly kind: 'Kustomization'; readonly source: SourceName; readonly path: string }
  | { readonly kind: 'HelmRelease'; readonly source: SourceName | null; readonly path: string }
  | { readonly kind: 'GitRepository'; readonly url: string; readonly revision: string | null }
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
      const all = [at(object, ['spec', 'source']), ...items(at(object, ['spec', 'sources']))];
      const inGit = all.filter((source) => text(at(source, ['repoURL'])) && !text(at(source, ['chart'])));
      return {
        ...common,
        kind,
        sources: inGit.map((source) => ({
          url: text(at(source, ['repoURL'])) ?? '',
          path: folder(text(at(source, ['path']))),
          revision: branch(text(at(source, ['targetRevision']))),
        })),
        rendersChart: all.some((source) => text(at(source, ['chart'])) !== null),
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
      const revision = read('ref', 'branch') ?? read('ref', 'tag') ?? read('ref', 'commit');
      return { ...common, kind, url, revision };
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

function branch(revision: string | null): string | null {
  return revision === 'HEAD' ? null : (revision?.replace(/^refs\/heads\//, '') ?? null);
}

function text(value: unknown): string | null {
  return typeof value === 'string' && value !== '' ? value : null;
}
