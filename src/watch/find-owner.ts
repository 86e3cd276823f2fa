import type { RepositorySettings } from '../config/index.ts';
import { compileGlob } from '../plan/index.ts';
import type { LiveOwner, LiveWorkload, OwnerSource, Revision } from '../source/index.ts';

/** Who decides a live object in Git, or why nothing does. */
export type Owner =
  | {
      readonly kind: 'git';
      readonly sources: readonly OwnerSource[];
      /** `Application argocd/shop`. */
      readonly by: string;
    }
  /** A chart of a Helm repository: its values are the place, wherever they are. */
  | { readonly kind: 'chart'; readonly by: string }
  /** Several could be it: a sentence says which. */
  | { readonly kind: 'unclear'; readonly by: null; readonly why: string }
  | { readonly kind: 'none'; readonly by: null };

export type FindOwner = (workload: LiveWorkload) => Owner;

const argo = 'argocd.argoproj.io';
const flux = 'toolkit.fluxcd.io';

/**
 * From Argo CD (tracking id, or instance label, to the Application), from Flux (labels to the Kustomization or
 * HelmRelease, and on to its GitRepository), and from `repositories:` of the configuration, in this order.
 */
export function createFindOwner(
  owners: readonly LiveOwner[],
  repositories: readonly RepositorySettings[],
): FindOwner {
  const byName = new Map(owners.map((owner) => [`${owner.kind} ${owner.namespace}/${owner.name}`, owner]));
  const applications = indexApplications(owners);
  const configured = repositories.map((settings) => ({
    source: { url: settings.url, path: settings.path, revision: toRevision(settings.branch) },
    globs: settings.namespaces.map(compileGlob),
  }));
  const find = <K extends LiveOwner['kind']>(kind: K, namespace: string, name: string) =>
    byName.get(`${kind} ${namespace}/${name}`) as Extract<LiveOwner, { kind: K }> | undefined;

  const fromArgo = (workload: LiveWorkload): Owner | null => {
    const found = findApplications(workload, applications);
    const [application] = found;
    if (application === undefined) return null;
    if (found.length > 1) return { kind: 'unclear', by: null, why: explainUnclear(found) };
    const { namespace, name, madeBy, sources } = application;
    const by = `Application ${namespace}/${name}${madeBy === null ? '' : ` ← ApplicationSet ${madeBy}`}`;
    return sources.length > 0 ? { kind: 'git', sources, by } : { kind: 'chart', by };
  };

  const fromFlux = ({ labels }: { readonly labels: Readonly<Record<string, string>> }): Owner | null => {
    const release = find(
      'HelmRelease',
      labels[`helm.${flux}/namespace`] ?? '',
      labels[`helm.${flux}/name`] ?? '',
    );
    if (release !== undefined) {
      const by = `HelmRelease ${release.namespace}/${release.name}`;
      // The release itself, with its values, is applied from somewhere: there the image is decided.
      const parent = fromFlux(release);
      if (parent?.kind === 'git') return { ...parent, by: `${by} ← ${parent.by}` };
      const source = release.source && inGit(release.source, release.path);
      return source === null ? { kind: 'chart', by } : { kind: 'git', sources: [source], by };
    }
    const named = find(
      'Kustomization',
      labels[`kustomize.${flux}/namespace`] ?? '',
      labels[`kustomize.${flux}/name`] ?? '',
    );
    if (named === undefined) return null;
    const by = `Kustomization ${named.namespace}/${named.name}`;
    const source = inGit(named.source, named.path);
    return source === null ? { kind: 'none', by: null } : { kind: 'git', sources: [source], by };
  };

  const inGit = (
    { kind, namespace, name }: { readonly kind: string; readonly namespace: string; readonly name: string },
    path: string,
  ): OwnerSource | null => {
    if (kind !== 'GitRepository') return null;
    const repository = find('GitRepository', namespace, name);
    return repository === undefined ? null : { url: repository.url, path, revision: repository.revision };
  };

  return (workload) => {
    const owner = fromArgo(workload) ?? fromFlux(workload);
    if (owner !== null && owner.kind !== 'none') return owner;
    const found = configured.find(({ globs }) => globs.some((glob) => glob(workload.namespace)));
    if (found === undefined) return { kind: 'none', by: null };
    return { kind: 'git', sources: [found.source], by: 'repositories' };
  };
}

function toRevision(branch: string | null): Revision {
  return branch === null ? { kind: 'default' } : { kind: 'branch', name: branch };
}

type Application = Extract<LiveOwner, { kind: 'Application' }>;
/** By name, and by `namespace_name`, which is no name: a name has no underscore. */
type ApplicationIndex = ReadonlyMap<string, readonly Application[]>;

function indexApplications(owners: readonly LiveOwner[]): ApplicationIndex {
  const index = new Map<string, Application[]>();
  for (const owner of owners) {
    if (owner.kind !== 'Application') continue;
    for (const key of [owner.name, `${owner.namespace}_${owner.name}`]) {
      const known = index.get(key);
      if (known === undefined) index.set(key, [owner]);
      else known.push(owner);
    }
  }
  return index;
}

/** The one that its marks name; several where these could mean more than one. */
function findApplications(
  { labels, annotations, namespace }: LiveWorkload,
  applications: ApplicationIndex,
): readonly Application[] {
  const tracked = annotations[`${argo}/tracking-id`]?.split(':', 1)[0];
  if (tracked !== undefined) return named(tracked, applications);
  const byOwn = named(labels[`${argo}/instance`], applications);
  if (byOwn.length > 0) return byOwn;
  // Charts set this label, too: it counts only where the Application deploys.
  return named(
    labels['app.kubernetes.io/instance'],
    applications,
    ({ destination }) => destination === null || destination === namespace,
  );
}

/**
 * `team_shop` is `shop` of the namespace `team`; `shop` is one of Argo CD's own namespace, whose name nothing tells:
 * where several have it, the usual one.
 */
function named(
  written: string | undefined,
  applications: ApplicationIndex,
  isMeant: (application: Application) => boolean = () => true,
): readonly Application[] {
  const all = (applications.get(written ?? '') ?? []).filter(isMeant);
  const usual = all.filter(({ namespace }) => namespace === 'argocd');
  return usual.length > 0 ? usual : all;
}

function explainUnclear(applications: readonly Application[]): string {
  const names = applications.map(({ namespace, name }) => `${namespace}/${name}`).toSorted();
  return `several Applications could be the one that deploys it (${names.join(', ')}): let Argo CD track by annotation, or give them different names.`;
}
