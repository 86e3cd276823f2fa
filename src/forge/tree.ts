import { HoldfastError } from '../error.ts';
import type { Git } from './git.ts';

/** One line of a tree object. `name` has one character for each byte (latin1): git asks for no encoding. */
export interface TreeLine {
  readonly mode: string;
  readonly name: string;
  readonly sha: string;
}

/** Objects that are read at a time. */
export const batch = 500;

/** The objects' bytes, in the order asked for. */
export async function readObjects(git: Git, ids: readonly string[]): Promise<Buffer[]> {
  const objects: Buffer[] = [];
  for (let start = 0; start < ids.length; start += batch) {
    const wanted = ids.slice(start, start + batch);
    const answer = await git.catFiles(wanted);
    let at = 0;
    for (const id of wanted) {
      const end = answer.indexOf(0x0a, at);
      const size = /^[0-9a-f]+ \w+ (\d+)$/.exec(answer.toString('latin1', at, end))?.[1];
      if (size === undefined)
        throw new HoldfastError('environment', `The checkout lacks the git object ${id}: fetch it anew.`);
      objects.push(answer.subarray(end + 1, end + 1 + Number(size)));
      at = end + 1 + Number(size) + 1;
    }
  }
  return objects;
}

/** `idLength`: bytes of an id, 20 or (in a SHA-256 repository) 32. */
export function parseTree(bytes: Buffer, idLength: number): TreeLine[] {
  const lines: TreeLine[] = [];
  let at = 0;
  while (at < bytes.length) {
    const space = bytes.indexOf(0x20, at);
    const zero = bytes.indexOf(0, space);
    const end = zero + 1 + idLength;
    lines.push({
      mode: bytes.toString('latin1', at, space).padStart(6, '0'),
      name: bytes.toString('latin1', space + 1, zero),
      sha: bytes.toString('hex', zero + 1, end),
    });
    at = end;
  }
  return lines;
}

/** git's order: by bytes, a folder as if its name ended in a slash. */
export function formatTree(lines: readonly TreeLine[]): Buffer {
  const key = (line: TreeLine) => (line.mode === '040000' ? `${line.name}/` : line.name);
  return Buffer.concat(
    [...lines]
      .toSorted((a, b) => (key(a) < key(b) ? -1 : 1))
      .map(({ mode, name, sha }) =>
        Buffer.concat([
          Buffer.from(`${mode.replace(/^0/, '')} ${name}\0`, 'latin1'),
          Buffer.from(sha, 'hex'),
        ]),
      ),
  );
}
