import { HoldfastError } from '../error.ts';
import type { Git } from './git.ts';
import { formatTree, parseTree, readObjects } from './tree.ts';
import type { Checkout, Identity } from './types.ts';

/** New objects on top of the base commit, by plumbing alone: no index, no working tree, so nothing to clean up. */
export function commitWriter(git: Git, base: Checkout['base']): Pick<Checkout, 'writeTree' | 'writeCommit'> {
  return {
    async writeTree(files) {
      const root: Folder = { blobs: new Map(), folders: new Map() };
      for (const { path, text } of files) {
        if (path.split('/').some((part) => ['', '.', '..'].includes(part) || part.toLowerCase() === '.git'))
          throw new HoldfastError('conflict', `"${path}" is no path that git can hold: exclude it.`);
        const sha =
          text === null
            ? null
            : await git.run(['hash-object', '-w', '--stdin'], { input: Buffer.from(text) });
        place(root, Buffer.from(path).toString('latin1').split('/'), sha);
      }
      return (await writeFolder(git, base.commit.tree, root)) ?? writeTreeObject(git, Buffer.alloc(0));
    },
    writeCommit: (tree, message, identity) =>
      git.run(['commit-tree', '-F', '-', '-p', base.commit.sha, tree], {
        input: Buffer.from(message),
        environment: signature(identity, base.commit.committed),
      }),
  };
}

/** What changes in one folder: blobs by name (null: the file goes), and folders below. */
interface Folder {
  readonly blobs: Map<string, string | null>;
  readonly folders: Map<string, Folder>;
}

function place(folder: Folder, parts: readonly string[], blob: string | null): void {
  const [name = '', ...rest] = parts;
  if (rest.length === 0) {
    folder.blobs.set(name, blob);
    return;
  }
  const below = folder.folders.get(name) ?? { blobs: new Map(), folders: new Map() };
  folder.folders.set(name, below);
  place(below, rest, blob);
}

/** The id of the folder's new tree; null when nothing is left in it. `tree` is null for a new folder. */
async function writeFolder(git: Git, tree: string | null, folder: Folder): Promise<string | null> {
  const [bytes] = tree === null ? [] : await readObjects(git, [tree]);
  const idLength = (tree?.length ?? 40) / 2;
  const lines = new Map(parseTree(bytes ?? Buffer.alloc(0), idLength).map((line) => [line.name, line]));
  for (const [name, sha] of folder.blobs) {
    const mode = lines.get(name)?.mode ?? '100644';
    if (!mode.startsWith('100'))
      throw new HoldfastError('conflict', `"${name}" is not a regular file in the base branch: exclude it.`);
    if (sha === null) lines.delete(name);
    else lines.set(name, { mode, name, sha });
  }
  for (const [name, below] of folder.folders) {
    const old = lines.get(name);
    const sha = await writeFolder(git, old?.mode === '040000' ? old.sha : null, below);
    if (sha === null) lines.delete(name);
    else lines.set(name, { mode: '040000', name, sha });
  }
  return lines.size === 0 ? null : writeTreeObject(git, formatTree([...lines.values()]));
}

function writeTreeObject(git: Git, bytes: Buffer): Promise<string> {
  return git.run(['hash-object', '-t', 'tree', '-w', '--stdin'], { input: bytes });
}

/** The base commit's date: the same content on the same base is then the same commit, whenever it is made. */
function signature(identity: Identity, date: string): Record<string, string> {
  return {
    GIT_AUTHOR_NAME: identity.name,
    GIT_AUTHOR_EMAIL: identity.email,
    GIT_AUTHOR_DATE: `@${date}`,
    GIT_COMMITTER_NAME: identity.name,
    GIT_COMMITTER_EMAIL: identity.email,
    GIT_COMMITTER_DATE: `@${date}`,
  };
}
