import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Git } from './git.ts';
import { batch, parseTree, readObjects } from './tree.ts';
import type { Checkout, CommitFacts, TreeEntry } from './types.ts';

/** The files of a commit, as git holds them: no filter, no change of line ends, no symlink followed. */
export function baseFiles(
  git: Git,
  base: CommitFacts,
): Pick<Checkout, 'listFiles' | 'readFiles' | 'writeBase' | 'readAt'> {
  let listed: Promise<readonly TreeEntry[]> | null = null;
  const listFiles = () => (listed ??= list(git, base.tree));
  const readFiles = (entries: readonly TreeEntry[]) =>
    readObjects(
      git,
      entries.map((entry) => entry.sha),
    );

  return {
    listFiles,
    readFiles,
    async readAt(commit, path) {
      const entry = (await list(git, commit.tree)).find((file) => file.path === path);
      return entry === undefined ? null : ((await readFiles([entry]))[0] ?? null);
    },
    async writeBase(folder) {
      const entries = (await listFiles()).filter((entry) => entry.mode.startsWith('100'));
      // A part at a time: a repository may be larger than the memory.
      for (let start = 0; start < entries.length; start += batch) {
        const part = entries.slice(start, start + batch);
        const contents = await readFiles(part);
        for (const [index, { path }] of part.entries()) {
          const file = join(folder, path);
          await mkdir(dirname(file), { recursive: true });
          await writeFile(file, contents[index] ?? '', { flag: 'wx' });
        }
      }
    },
  };
}

/**
 * Level by level, one git process for each. Files whose names are not UTF-8 are left out: no manifest is among them.
 * So are names that git itself refuses to check out, as they would lead out of the folder.
 */
async function list(git: Git, root: string): Promise<readonly TreeEntry[]> {
  const files: TreeEntry[] = [];
  let folders = [{ path: '', sha: root }];
  while (folders.length > 0) {
    const trees = await readObjects(
      git,
      folders.map((folder) => folder.sha),
    );
    const below: typeof folders = [];
    for (const [index, folder] of folders.entries()) {
      for (const line of parseTree(trees[index] ?? Buffer.alloc(0), root.length / 2)) {
        const name = utf8(line.name);
        if (name === null || /^$|^\.{1,2}$|^\.git$|\//i.test(name)) continue;
        const path = folder.path === '' ? name : `${folder.path}/${name}`;
        if (line.mode === '040000') below.push({ path, sha: line.sha });
        else files.push({ mode: line.mode, path, sha: line.sha });
      }
    }
    folders = below;
  }
  return files.toSorted((a, b) => (a.path < b.path ? -1 : 1));
}

function utf8(latin1: string): string | null {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(Buffer.from(latin1, 'latin1'));
  } catch {
    return null;
  }
}
