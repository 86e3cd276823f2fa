import type { RemoteBranches } from '../forge/index.ts';
import type { RepositoryTarget } from './find-targets.ts';

/** A branch that requests are for, and all that is deployed from it. */
export interface BranchTarget extends Omit<RepositoryTarget, 'revision'> {
  /** Null: the default branch. */
  readonly branch: string | null;
}

/** The targets of one repository by branch; null when only the remote can tell which are the same. */
export function settleBranches(
  targets: readonly RepositoryTarget[],
  base: string | null,
  remote: RemoteBranches | null,
): readonly BranchTarget[] | null {
  const isPlain = targets.length === 1 && targets[0]?.revision.kind !== 'name';
  if (remote === null && !isPlain) return null;
  const usual = base ?? (isPlain ? null : (remote?.head ?? null));
  const settled = new Map<string | null, BranchTarget>();
  for (const { url, revision, images, elsewhere } of targets) {
    const isBranch =
      revision.kind === 'branch' ||
      (revision.kind === 'name' && remote?.branches.has(revision.name) === true);
    const branch = isBranch ? revision.name : usual;
    const known = settled.get(branch);
    settled.set(branch, {
      url,
      branch,
      images: [...new Set([...(known?.images ?? []), ...images])].toSorted((a, b) =>
        a.canonical < b.canonical ? -1 : 1,
      ),
      elsewhere: [
        ...new Map(
          [...elsewhere, ...(known?.elsewhere ?? [])].map((one) => [one.canonical, one] as const),
        ).values(),
      ],
    });
  }
  return [...settled.values()];
}
