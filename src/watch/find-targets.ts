import { cleanRemoteUrl } from '../forge/index.ts';
import type { LiveWorld } from '../source/index.ts';
import type { WatchContext } from './context.ts';
import { explainLive } from './explain-live.ts';
import { createFindOwner } from './find-owner.ts';
import type { LiveUse } from './picture.ts';
import type { WatchedImage } from './types.ts';

/** A repository that decides live objects, and what of them concerns it. */
export interface RepositoryTarget {
  /** Without user or token: those that stand in a URL are neither shown nor used. */
  readonly url: string;
  readonly branch: string | null;
  /** Of live objects that come from it; sorted. */
  readonly images: readonly WatchedImage[];
  /** One sentence for each image, should no file name it. */
  readonly elsewhere: readonly { readonly canonical: string; readonly sentence: string }[];
}

export interface Targets {
  readonly repositories: readonly RepositoryTarget[];
  /** Live images that no repository is known for. */
  readonly homeless: readonly { readonly canonical: string; readonly sentence: string }[];
  /** `Application argocd/shop`, by canonical source. */
  readonly owners: ReadonlyMap<string, ReadonlySet<string>>;
}

/** Where each image that runs is decided. */
export function findTargets(world: LiveWorld, { ledger, config }: WatchContext): Targets {
  const findOwner = createFindOwner(world.owners, config.repositories);
  const byRepository = new Map<
    string,
    { url: string; branch: string | null; uses: [WatchedImage, LiveUse][] }
  >();
  const homeless: { canonical: string; sentence: string }[] = [];
  const owners = new Map<string, Set<string>>();
  for (const image of ledger.all().toSorted((a, b) => (a.canonical < b.canonical ? -1 : 1))) {
    const open = image.needed.uses.filter(({ isSwitched }) => !isSwitched);
    let isHomeless = false;
    for (const use of open) {
      const owner = use.workload === null ? null : findOwner(use.workload);
      if (owner?.by) owners.set(image.canonical, (owners.get(image.canonical) ?? new Set()).add(owner.by));
      if (owner?.kind !== 'git') {
        if (!isHomeless)
          homeless.push({ canonical: image.canonical, sentence: explainLive(image.canonical, use) });
        isHomeless = true;
        continue;
      }
      for (const { url: written, revision } of owner.sources) {
        const url = cleanRemoteUrl(written);
        const branch = branchOf(revision);
        const key = `${url.replace(/\.git$/, '').replace(/\/$/, '')} ${branch ?? ''}`;
        const known = byRepository.get(key) ?? { url, branch, uses: [] };
        known.uses.push([image, use]);
        byRepository.set(key, known);
      }
    }
  }
  const repositories = [...byRepository.values()].map(({ url, branch, uses }) => {
    const elsewhere = new Map<string, string>();
    for (const [{ canonical }, use] of uses)
      if (!elsewhere.has(canonical)) elsewhere.set(canonical, explainLive(canonical, use));
    return {
      url,
      branch,
      images: [...new Set(uses.map(([image]) => image))],
      elsewhere: [...elsewhere].map(([canonical, sentence]) => ({ canonical, sentence })),
    };
  });
  return { repositories: repositories.toSorted((a, b) => (a.url < b.url ? -1 : 1)), homeless, owners };
}

/** A pull request is for a branch: what is deployed from a tag, a commit or a range is proposed to the default one. */
function branchOf(revision: string | null): string | null {
  if (revision === null || /^[0-9a-f]{40}$|^v?\d+(?:\.\d+)+|[*^~<>=\s]|^refs\/tags\//.test(revision))
    return null;
  return revision;
}
