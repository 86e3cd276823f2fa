import { createHash } from 'node:crypto';
import type { Parsed } from '../reference/index.ts';
import type { BackupRepository } from './types.ts';

/** One of `count` parts of the work; `index` counts from 0, as a Kubernetes Indexed Job does. */
export interface Shard {
  readonly index: number;
  readonly count: number;
}

const mostShards = 256;

/** Reads `0/4`. */
export function parseShard(text: string): Parsed<Shard> {
  const [, index, count] = /^(\d{1,4})\/(\d{1,4})$/.exec(text) ?? [];
  if (index === undefined || count === undefined)
    return { ok: false, problem: 'write it as I/N, such as 0/4 for the first of four' };
  const shard = { index: Number(index), count: Number(count) };
  if (shard.count < 1 || shard.count > mostShards)
    return { ok: false, problem: `there can be 1 to ${mostShards} parts, not ${shard.count}` };
  if (shard.index >= shard.count)
    return {
      ok: false,
      problem: `parts count from 0: those of ${shard.count} are 0/${shard.count} to ${shard.count - 1}/${shard.count}`,
    };
  return { ok: true, value: shard };
}

/**
 * The part that a backup repository is in. It depends on the repository's name alone, so that parts agree without a
 * word between them, a new image moves no other, and the tags of one repository, which share most, stay together.
 */
export function shardOf({ registry, repository }: BackupRepository, count: number): number {
  return createHash('sha256').update(`${registry}/${repository}`).digest().readUInt32BE() % count;
}
