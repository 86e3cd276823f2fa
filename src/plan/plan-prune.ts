import { familiarName, formatReference } from '../reference/index.ts';
import { compileGlob } from './glob.ts';
import { nameOf } from './lock-lookup.ts';
import type { RecordedCopy } from './recorded-copies.ts';

/** What a person wants kept, beside what is used. */
export interface PrunePolicy {
  /** Globs on names of sources and of backups. */
  readonly keep: readonly string[];
  /** Copies that were recorded after this moment stay; seconds since 1970. */
  readonly youngest: number;
}

/** One recorded copy, and why it stays; `reason` is null for what may go. */
export interface PruneDecision {
  readonly copy: RecordedCopy;
  readonly reason: 'used' | 'asked' | 'young' | null;
}

/** Which of the recorded copies nothing uses; in their order. */
export function planPrune(
  copies: readonly RecordedCopy[],
  used: ReadonlySet<RecordedCopy>,
  { keep, youngest }: PrunePolicy,
): readonly PruneDecision[] {
  const globs = keep.map(compileGlob);
  return copies.map((copy) => {
    if (used.has(copy)) return { copy, reason: 'used' };
    if (spellings(copy).some((name) => globs.some((matches) => matches(name))))
      return { copy, reason: 'asked' };
    return { copy, reason: copy.recordedAt > youngest ? 'young' : null };
  });
}

function spellings({ at, tags, sources, digest }: RecordedCopy): readonly string[] {
  const place = `${at.registry}/${at.repository}`;
  return [
    place,
    `${place}@${digest}`,
    ...tags.map((tag) => `${place}:${tag}`),
    ...sources.flatMap((source) => {
      const name = nameOf(source);
      const bare = { ...name, tag: null, digest: null };
      return [source, familiarName(name), formatReference(bare), familiarName(bare)];
    }),
  ];
}
