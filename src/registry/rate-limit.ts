import type { IncomingHttpHeaders } from 'node:http';
import type { RateLimit } from './types.ts';

/** What one address told last of the pulls without credentials, to all uses that have none. */
export interface AnonymousLimit {
  heard: RateLimit | null;
}

/** Docker Hub's headers, on GET and HEAD of manifests: `ratelimit-limit: 100;w=21600`. Null when absent. */
export function parseRateLimit(headers: IncomingHttpHeaders): RateLimit | null {
  const remaining = parseCount(headers['ratelimit-remaining']);
  if (remaining === null) return null;
  const limit = parseCount(headers['ratelimit-limit']);
  return {
    remaining: remaining.count,
    limit: limit?.count ?? null,
    windowSeconds: remaining.window ?? limit?.window ?? null,
  };
}

function parseCount(header: string | string[] | undefined): { count: number; window: number | null } | null {
  const match = /^\s*(\d{1,9})(?:\s*;\s*w=(\d{1,9}))?/.exec(String(header ?? ''));
  if (match === null) return null;
  return { count: Number(match[1]), window: match[2] === undefined ? null : Number(match[2]) };
}
