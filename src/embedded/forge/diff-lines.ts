import type { Room } from './room.ts';
import type { Pull } from './types.ts';

/** One file of a pull request's diff against its merge base. */
export interface DiffFile {
  readonly path: string;
  readonly status: 'added' | 'removed' | 'modified';
  readonly patch: string;
  /** Line numbers of the new side that are in a hunk, each with the number of its hunk. */
  readonly lines: ReadonlyMap<number, number>;
}

export async function readDiff(room: Room, pull: Pull): Promise<readonly DiffFile[]> {
  const range = `refs/heads/${pull.base}...${pull.head}`;
  const text = await room.git([
    '-c',
    'core.quotePath=false',
    'diff',
    '--no-renames',
    '--no-color',
    '-U3',
    range,
  ]);
  return text
    .split(/^(?=diff --git )/m)
    .filter((part) => part !== '')
    .map((part) => {
      const removed = /^deleted file mode/m.test(part);
      const added = /^new file mode/m.test(part);
      const path = (removed ? /^--- a\/(.*?)\t?$/m : /^\+\+\+ b\/(.*?)\t?$/m).exec(part)?.[1] ?? '';
      const start = part.search(/^@@/m);
      const patch = start === -1 ? '' : part.slice(start).replace(/\n$/, '');
      return {
        path,
        status: removed ? 'removed' : added ? 'added' : 'modified',
        patch,
        lines: newLines(patch),
      };
    });
}

function newLines(patch: string): ReadonlyMap<number, number> {
  const lines = new Map<number, number>();
  let line = 0;
  let hunk = 0;
  for (const text of patch.split('\n')) {
    const start = /^@@ -\S+ \+(\d+)/.exec(text)?.[1];
    if (start !== undefined) {
      line = Number(start);
      hunk += 1;
    } else if (text.startsWith('+') || text.startsWith(' ')) {
      lines.set(line, hunk);
      line += 1;
    }
  }
  return lines;
}
