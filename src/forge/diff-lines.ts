import type { Git } from './git.ts';

/** 1-based lines of the new side that a change wrote; `from` is after `to` where it only took lines away. */
interface Hunk {
  readonly from: number;
  readonly to: number;
}

/** Which lines of its new side a diff is about. */
export interface DiffLines {
  /** Whether the change wrote this line. */
  readonly isAdded: (path: string, line: number) => boolean;
  /** Whether the diff shows this line, as written or beside one: there alone GitHub takes comments. */
  readonly isShown: (path: string, line: number) => boolean;
}

/** Lines of context that GitHub shows. */
const context = 3;

/** `paths`: those that differ, in git's order, which is the order of the patch too: its own spelling may be quoted. */
export async function readDiffLines(
  git: Git,
  { from, to, paths }: { readonly from: string; readonly to: string; readonly paths: readonly string[] },
): Promise<DiffLines> {
  const patch = await git.run([
    'diff-tree',
    '-r',
    '-p',
    '-U0',
    '--text',
    '--no-renames',
    '--no-color',
    '--no-ext-diff',
    '--no-textconv',
    '--submodule=short',
    from,
    to,
  ]);
  const hunks = new Map<string, Hunk[]>(paths.map((path) => [path, []]));
  let file = -1;
  for (const line of patch.split('\n')) {
    if (line.startsWith('diff --git ')) file += 1;
    const found = /^@@ -\d+(?:,\d+)? \+(\d+)(?:,(\d+))? @@/.exec(line);
    if (found === null) continue;
    const [start, count] = [Number(found[1]), Number(found[2] ?? 1)];
    const first = count === 0 ? start + 1 : start;
    hunks.get(paths[file] ?? '')?.push({ from: first, to: first + count - 1 });
  }
  const isWithin = (path: string, line: number, around: number): boolean =>
    hunks.get(path)?.some((hunk) => hunk.from - around <= line && line <= hunk.to + around) === true;
  return {
    isAdded: (path, line) => isWithin(path, line, 0),
    isShown: (path, line) => isWithin(path, line, context),
  };
}
