import { createHash } from 'node:crypto';
import { type Digest, parseDigest } from '../reference/index.ts';
import type { RawManifest } from '../registry/index.ts';

export const ociIndex = 'application/vnd.oci.image.index.v1+json';

/** A manifest that is made here. Its keys stand in the order of `content`: same input, same digest. */
export function makeManifest(
  content: Readonly<Record<string, unknown>> & { readonly mediaType: string },
): RawManifest {
  const bytes = Buffer.from(JSON.stringify(content));
  return { mediaType: content.mediaType, bytes, digest: digestOf(bytes) };
}

export function digestOf(bytes: Buffer): Digest {
  const parsed = parseDigest(`sha256:${createHash('sha256').update(bytes).digest('hex')}`);
  if (!parsed.ok) throw new Error(parsed.problem);
  return parsed.value;
}
