import type { LiveWorld, Revision } from '../source/index.ts';
import type { WatchContext } from './context.ts';
import { explainLive } from './explain-live.ts';
import { createFindOwner, type Owner } from './find-owner.ts';
import type { LiveUse } from './picture.ts';
import type { ForgeAccess } from './propose-into.ts';
import { repositoryAddress } from './repository-address.ts';
import type { WatchedImage } from './types.ts';

/** What a person is told of an image that runs, should nothing in Git name it. */
export interface Unexplained {
  readonly canonical: string;
  readonly sentence: string;
  /** The repositories that may name it; empty where none is known. */
  readonly among: readonly string[];
}

/** One revision of a repository that decides live objects, and what of them concerns it. */
export interface RepositoryTarget {
  /** Without what opens it: for people, and one for each repository. */
  readonly url: string;
  readonly revision: Revision;
  /** Of live objects that come from it; sorted. */
  readonly images: readonly WatchedImage[];
  readonly elsewhere: readonly Unexplained[];
}

export interface Targets {
  readonly repositories: readonly RepositoryTarget[];
  /** Live images that no repository is known for. */
  readonly homeless: readonly Unexplained[];
  /** What goes by itself: Pods of a rollout, containers for debugging. */
  readonly passing: readonly Unexplained[];
  /** `Application argocd/shop`, by canonical source. */
  readonly owners: ReadonlyMap<string, ReadonlySet<string>>;
}

interface Found {
  readonly url: string;
  readonly revision: Revision;
  readonly images: Set<WatchedImage>;
  readonly elsewhere: Map<string, Unexplained>;
}

/** Where each image that runs is decided. */
export function findTargets(
  world: LiveWorld,
  { ledger, config }: WatchContext,
  { environment }: Pick<ForgeAccess, 'environment'>,
): Targets {
  const findOwner = createFindOwner(world.owners, config.repositories);
  const found = new Map<string, Found>();
  const homeless: Unexplained[] = [];
  const passing: Unexplained[] = [];
  const owners = new Map<string, Set<string>>();
  const urls = new Map<string, string>();

  const open = (written: string, revision: Revision): Found => {
    const { url, key } = repositoryAddress(written, environment);
    const first = urls.get(key) ?? url;
    urls.set(key, first);
    // What is deployed from a tag, a commit or a range is proposed to the default branch.
    const wanted = revision.kind === 'fixed' ? ({ kind: 'default' } as const) : revision;
    const place = `${key} ${JSON.stringify(wanted)}`;
    const known = found.get(place) ?? {
      url: first,
      revision: wanted,
      images: new Set(),
      elsewhere: new Map(),
    };
    found.set(place, known);
    return known;
  };

  for (const image of ledger.all().toSorted((a, b) => (a.canonical < b.canonical ? -1 : 1))) {
    const { canonical } = image;
    const uses = image.needed.uses.filter(({ isSwitched }) => !isSwitched);
    const explain = (use: LiveUse, owner: Owner | null, among: readonly string[]): Unexplained => ({
      canonical,
      sentence: explainLive(canonical, use, owner),
      among,
    });
    const [first] = uses;
    if (first !== undefined && !uses.some(isLasting)) passing.push(explain(first, null, []));
    let isHomeless = false;
    for (const use of uses) {
      const owner = use.workload === null ? null : findOwner(use.workload);
      if (owner?.by) owners.set(canonical, (owners.get(canonical) ?? new Set()).add(owner.by));
      if (owner?.kind === 'git') {
        const all = owner.sources.map(({ url, revision }) => open(url, revision));
        const among = [...new Set(all.map(({ url }) => url))].toSorted();
        for (const one of all) {
          one.images.add(image);
          if (isLasting(use) && !one.elsewhere.has(canonical))
            one.elsewhere.set(canonical, explain(use, owner, among));
        }
      } else if (!isHomeless && isLasting(use)) {
        homeless.push(explain(use, owner, []));
        isHomeless = true;
      }
    }
  }
  const repositories = [...found.values()].map(({ url, revision, images, elsewhere }) => ({
    url,
    revision,
    images: [...images],
    elsewhere: [...elsewhere.values()],
  }));
  return {
    repositories: repositories.toSorted((a, b) => (a.url < b.url ? -1 : 1)),
    homeless,
    passing,
    owners,
  };
}

/** What Git could decide: the others go by themselves. */
function isLasting({ origin }: LiveUse): boolean {
  return origin !== 'rollout' && origin !== 'debug';
}
