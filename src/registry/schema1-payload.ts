const schema1Signed = 'application/vnd.docker.distribution.manifest.v1+prettyjws';

/**
 * What the digest of a signed schema 1 manifest is of: its text without the signatures (distribution's
 * `manifest/schema1`, a "pretty" JSON Web Signature). Null for everything else.
 */
export function readSchema1Payload(mediaType: string | null, bytes: Buffer): Buffer | null {
  if (mediaType !== schema1Signed) return null;
  try {
    const signed = JSON.parse(bytes.toString('utf8')) as { signatures: { protected: string }[] };
    const text = Buffer.from(signed.signatures[0]?.protected ?? '', 'base64url').toString('utf8');
    const { formatLength, formatTail } = JSON.parse(text) as { formatLength: number; formatTail: string };
    if (!Number.isSafeInteger(formatLength) || formatLength < 0 || formatLength > bytes.length) return null;
    return Buffer.concat([bytes.subarray(0, formatLength), Buffer.from(formatTail, 'base64url')]);
  } catch {
    return null;
  }
}
