import type { Git } from './git.ts';

/** 1-based lines of the new side that a change wrote; `from` is after `to` where it only took lines away. */
interface Hunk {
  readonly from: number;
  readonly to: number;
  /** Whether it took lines away, which the diff shows above `from`. */
  readonly removes: boolean;
}

/** Which lines of its new side a diff is about. */
export interface DiffLines {
  /** Whether the change wrote this line. */
  readonly isAdded: (path: string, line: number) => boolean;
  /**
   * Whether GitHub takes a suggestion for these lines: one hunk of the diff shows all of them, as written or beside
   * such lines, and none that was taken away between them.
   */
  readonly isShown: (path: string, from: number, to: number) => boolean;
}

/** Lines of context that GitHub shows. */
const context = 3;

/** Names that manifests go by. Whatever else a change brings, be it a film, has no lines. */
const manifests = ['*.yaml', '*.yml', '*.json', '*.kyaml', '*kustomization'].map((name) => `:(icase)${name}`);

/** Of the manifests that differ between two commits. */
export async function readDiffLines(
  git: Git,
  { from, to }: { readonly from: string; readonly to: string },
): Promise<DiffLines> {
  const compare = (...how: readonly string[]): Promise<string> =>
    git.run(['diff-tree', '-r', '--no-renames', ...how, from, to, '--', ...manifests]);
  // In the order of the patch, in which git's own spelling may be quoted.
  const paths = (await compare('-z', '--name-only')).split('\0');
  const patch = await compare(
    '-p',
    '-U0',
    '--text',
    '--no-color',
    '--no-ext-diff',
    '--no-textconv',
    '--submodule=short',
  );
  const hunks = new Map<string, Hunk[]>(paths.map((path) => [path, []]));
  let file = -1;
  for (const line of patch.split('\n')) {
    if (line.startsWith('diff --git ')) file += 1;
    const found = /^@@ -\d+(?:,(\d+))? \+(\d+)(?:,(\d+))? @@/.exec(line);
    if (found === null) continue;
    const [old, start, count] = [Number(found[1] ?? 1), Number(found[2]), Number(found[3] ?? 1)];
    const first = count === 0 ? start + 1 : start;
    hunks.get(paths[file] ?? '')?.push({ from: first, to: first + count - 1, removes: old > 0 });
  }
  return {
    isAdded: (path, line) => hunks.get(path)?.some((hunk) => hunk.from <= line && line <= hunk.to) === true,
    isShown: (path, from, to) => {
      const written = hunks.get(path) ?? [];
      return (
        withContext(written).some((hunk) => hunk.from <= from && to <= hunk.to) &&
        !written.some((hunk) => hunk.removes && from < hunk.from && hunk.from <= to)
      );
    },
  };
}

/** As GitHub shows them: those whose context meets are one. */
function withContext(hunks: readonly Hunk[]): readonly Pick<Hunk, 'from' | 'to'>[] {
  const shown: { from: number; to: number }[] = [];
  for (const hunk of hunks) {
    const last = shown.at(-1);
    const [from, to] = [hunk.from - context, hunk.to + context];
    if (last && from <= last.to + 1) last.to = to;
    else shown.push({ from, to });
  }
  return shown;
}
