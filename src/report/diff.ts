import { FILE_HEADERS_ONLY, formatPatch, structuredPatch } from 'diff';
import type { Paint } from './paint.ts';
import { printable } from './printable.ts';
import type { FileChange } from './types.ts';

/** A unified diff, byte for byte, for `git apply` and `patch -p1`. */
export function formatDiff(changes: readonly FileChange[]): string {
  return changes
    .map(({ path, before, after }) => {
      const patch = structuredPatch(
        before === '' ? '/dev/null' : `a/${path}`,
        after === '' ? '/dev/null' : `b/${path}`,
        before,
        after,
        undefined,
        undefined,
        { context: 3 },
      );
      return formatPatch(patch, FILE_HEADERS_ONLY);
    })
    .join('');
}

/** The same diff for a terminal: coloured, and with nothing in it that the terminal would obey. */
export function paintDiff(changes: readonly FileChange[], paint: Paint): string {
  const lines = formatDiff(changes).split('\n');
  return lines.map((line) => paintLine(printable(line.replace(/\r$/, '')), paint)).join('\n');
}

function paintLine(line: string, paint: Paint): string {
  if (line.startsWith('--- ') || line.startsWith('+++ ')) return paint('strong', line);
  if (line.startsWith('@@')) return paint('dim', line);
  if (line.startsWith('+')) return paint('good', line);
  if (line.startsWith('-')) return paint('bad', line);
  return line;
}
