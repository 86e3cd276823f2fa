import type { Digest } from '../reference/index.ts';
import { compareText } from './places.ts';
import type { KnownCopy, LockEntry, LockFile } from './types.ts';

/** At the root of the checkout or of the scanned folder. */
export const lockFileName = 'holdfast.lock.yaml';

export const emptyLock: LockFile = { entries: [] };

export const lockVersion = '1';
const heading = [
  '# Sources of the images that these manifests use, and where holdfast keeps their copies.',
  '# Commit this file. Edits by hand are respected; entries that are no longer used stay until holdfast prune.',
];

/** The same entries make the same text: sorted, two lines each, no dates. */
export function formatLock(lock: LockFile): string {
  const entries = lock.entries.toSorted((a, b) => compareText(a.source, b.source)).map(formatEntry);
  return `${heading.join('\n')}\nversion: ${lockVersion}\nimages:${entries.length === 0 ? ' {}' : ''}\n${entries.join('')}`;
}

/**
 * The lock after a run. What was proven now replaces what was known of that source; sources that no manifest names
 * any more stay, because `prune` and other branches stand on them.
 */
export function mergeLock(lock: LockFile, copies: readonly KnownCopy<Digest>[]): LockFile {
  const entries = new Map(lock.entries.map((entry) => [entry.source, entry]));
  for (const { step, digest, tag, platforms, origin = null } of copies) {
    const { comment } = entries.get(step.canonical) ?? {};
    entries.set(step.canonical, {
      source: step.canonical,
      digest,
      backup: `${step.backup.registry}/${step.backup.repository}:${tag}`,
      platforms: platforms.toSorted(compareText),
      ...(origin !== null && { origin }),
      ...(comment !== undefined && { comment }),
    });
  }
  return { entries: [...entries.values()].toSorted((a, b) => compareText(a.source, b.source)) };
}

function formatEntry(entry: LockEntry): string {
  const comment = (entry.comment?.split('\n') ?? []).map((line) => `  #${line}\n`).join('');
  const platforms = entry.platforms.map(quoteScalar).join(', ');
  const origin = entry.origin === undefined ? '' : `, origin: ${entry.origin}`;
  return (
    `${comment}  ${quoteScalar(entry.source)}:\n` +
    `    { digest: ${entry.digest}, backup: ${quoteScalar(entry.backup)}, platforms: [${platforms}]${origin} }\n`
  );
}

function quoteScalar(text: string): string {
  return /^[A-Za-z0-9][A-Za-z0-9._/@:+-]*$/.test(text) && !text.endsWith(':') ? text : JSON.stringify(text);
}
