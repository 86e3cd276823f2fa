import { quote } from './quote.ts';
import type { Digest, Parsed } from './types.ts';

/** Hex digits of each algorithm that OCI registries take (image-spec descriptor.md § Registered Algorithms). */
const hexLength: Readonly<Record<string, number>> = { sha256: 64, sha512: 128 };

/** `sha256:<64 hex>` or `sha512:<128 hex>`, lower-case as the image-spec demands. */
export function parseDigest(text: string): Parsed<Digest> {
  if (isDigest(text)) return { ok: true, value: text };
  const colon = text.indexOf(':');
  const algorithm = text.slice(0, Math.max(colon, 0));
  const hex = text.slice(colon + 1);
  const wanted = lengthOf(algorithm);
  if (wanted === undefined) return bad(`the digest ${quote(text)} must start with sha256: or sha512:`);
  if (hex.length !== wanted)
    return bad(
      `the digest ${quote(text)} has ${hex.length} characters after ${algorithm}:, it must have ${wanted}`,
    );
  return bad(
    `the digest ${quote(text)} may only have the digits 0-9 and a-f (lower-case) after ${algorithm}:`,
  );
}

function isDigest(text: string): text is Digest {
  const colon = text.indexOf(':');
  const hex = text.slice(colon + 1);
  return hex.length === lengthOf(text.slice(0, Math.max(colon, 0))) && /^[a-f0-9]+$/.test(hex);
}

function lengthOf(algorithm: string): number | undefined {
  return Object.hasOwn(hexLength, algorithm) ? hexLength[algorithm] : undefined;
}

function bad(problem: string): Parsed<never> {
  return { ok: false, problem };
}
