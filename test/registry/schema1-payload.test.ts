import { describe, expect, it } from 'vitest';
import { readSchema1Payload } from '../../src/registry/schema1-payload.ts';

const type = 'application/vnd.docker.distribution.manifest.v1+prettyjws';

/** As libtrust signs: the signatures stand before the end of the text. */
function sign(payload: string): Buffer {
  const head = payload.slice(0, payload.lastIndexOf('\n}'));
  const tail = payload.slice(head.length);
  const protect = JSON.stringify({
    formatLength: head.length,
    formatTail: Buffer.from(tail).toString('base64url'),
  });
  const signatures = JSON.stringify([{ protected: Buffer.from(protect).toString('base64url') }]);
  return Buffer.from(`${head},\n   "signatures": ${signatures}${tail}`);
}

describe('readSchema1Payload', () => {
  it('gives the text that was signed', () => {
    const payload = JSON.stringify({ schemaVersion: 1, name: 'acme/old' }, null, 3);
    const signed = sign(payload);
    expect(JSON.parse(signed.toString())).toHaveProperty('signatures');
    expect(readSchema1Payload(type, signed)?.toString()).toBe(payload);
  });

  it('gives nothing for other manifests and for broken signatures', () => {
    const signed = sign(JSON.stringify({ schemaVersion: 1 }, null, 3));
    expect(readSchema1Payload('application/vnd.oci.image.manifest.v1+json', signed)).toBeNull();
    expect(readSchema1Payload(type, Buffer.from('{}'))).toBeNull();
    expect(readSchema1Payload(type, Buffer.from('not JSON'))).toBeNull();
  });
});
