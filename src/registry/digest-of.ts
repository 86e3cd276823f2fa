import { createHash } from 'node:crypto';
import { type Digest, parseDigest } from '../reference/index.ts';

/** The algorithm's name as node:crypto knows it: `sha256`, `sha512`. */
export function algorithmOf(digest: Digest): string {
  return digest.slice(0, digest.indexOf(':'));
}

export function digestOf(bytes: Uint8Array, algorithm = 'sha256'): Digest {
  return asDigest(`${algorithm}:${createHash(algorithm).update(bytes).digest('hex')}`);
}

function asDigest(text: string): Digest {
  const digest = parseDigest(text);
  if (!digest.ok) throw new TypeError(digest.problem);
  return digest.value;
}

/** Null when it is absent or none. */
export function readDigest(text: unknown): Digest | null {
  const digest = typeof text === 'string' ? parseDigest(text) : null;
  return digest?.ok ? digest.value : null;
}
