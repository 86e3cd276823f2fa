import { canonicalName, parseDigest, parseImageReference } from '../reference/index.ts';
import { compareText } from './places.ts';
import type { LockEntry } from './types.ts';

const heading = /^(?:#[^\n]*\n)*version: 1\nimages:\n/;
const plain = '[A-Za-z0-9][A-Za-z0-9._/@:+-]*';
const entryLines = new RegExp(
  `  (${plain}):\\n    \\{ digest: (${plain}), backup: (${plain}), platforms: \\[([A-Za-z0-9._/+ ,-]*)\\](?:, origin: (${plain}))? \\}\\n`,
  'y',
);

/**
 * The entries of a lock file that looks exactly as `formatLock` writes it, without comments of people: ten thousand in
 * a tenth of a second, which the YAML package reads in two. Null for any other, which has to be read as YAML.
 */
export function readPlainLock(text: string): readonly LockEntry[] | null {
  const start = heading.exec(text)?.[0].length;
  if (start === undefined) return null;
  const entries = new Map<string, LockEntry>();
  entryLines.lastIndex = start;
  let end = start;
  for (let match = entryLines.exec(text); match !== null; match = entryLines.exec(text)) {
    const entry = readEntry(match);
    if (entry === null || entries.has(entry.source)) return null;
    entries.set(entry.source, entry);
    end = entryLines.lastIndex;
  }
  if (end !== text.length || entries.size === 0) return null;
  return [...entries.values()].toSorted((a, b) => compareText(a.source, b.source));
}

function readEntry([, key = '', hex = '', name = '', list = '', from]: RegExpExecArray): LockEntry | null {
  const source = parseImageReference(key);
  const digest = parseDigest(hex);
  const backup = parseImageReference(name);
  if (!source.ok || !digest.ok || !backup.ok) return null;
  const origin = from === undefined ? null : parseDigest(from);
  if (origin?.ok === false) return null;
  if (backup.value.tag === null || backup.value.digest !== null) return null;
  const platforms = list === '' ? [] : list.split(', ');
  if (platforms.some((platform) => !/^[A-Za-z0-9][A-Za-z0-9._/+-]*$/.test(platform))) return null;
  return {
    source: canonicalName(source.value),
    digest: digest.value,
    backup: canonicalName(backup.value),
    platforms: platforms.toSorted(compareText),
    ...(origin !== null && { origin: origin.value }),
  };
}
