import { HoldfastError } from '../error.ts';
import { type BackupRepository, parseShard, type Shard, shardOf } from '../plan/index.ts';
import type { Work } from './work.ts';

/** Reads `--shard`. Throws `usage`. */
export function readShard(text: string): Shard {
  const parsed = parseShard(text);
  if (parsed.ok) return parsed.value;
  throw new HoldfastError('usage', `--shard ${text}: ${parsed.problem}.`);
}

/** Whether a backup repository is in this run's part of the work: everything is, when there are no parts. */
export function inShard(at: BackupRepository, { shard }: Pick<Work, 'shard'>): boolean {
  return shard === undefined || shardOf(at, shard.count) === shard.index;
}

/** That work can be in so many parts. Throws `usage`. */
export function requireCount(count: number): void {
  const parsed = parseShard(formatShard({ index: 0, count }));
  if (!parsed.ok) throw new HoldfastError('usage', `--matrix ${count}: ${parsed.problem}.`);
}

/** The parts that have work, as `I/N`; the first where none has, as a matrix of GitHub Actions must not be empty. */
export function listShards(places: readonly BackupRepository[], count: number): readonly string[] {
  const busy = new Set(places.map((at) => shardOf(at, count)));
  const parts = busy.size === 0 ? [0] : [...busy].toSorted((a, b) => a - b);
  return parts.map((index) => formatShard({ index, count }));
}

function formatShard({ index, count }: Shard): string {
  return `${index}/${count}`;
}
