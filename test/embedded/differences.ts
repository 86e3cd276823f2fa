/** Who is under test. */
export type RegistryUnderTest = 'embedded' | 'docker-registry';

type Difference = Readonly<Record<RegistryUnderTest, number | string | boolean>> & { readonly why: string };

/**
 * Where the embedded registry and docker-registry 2.8 answer differently, and why. Every other answer in the suite
 * is the same for both. The suite asserts both columns, so that this table cannot grow stale.
 */
export const differences = {
  'single POST with a digest': {
    embedded: 201,
    'docker-registry': 202,
    why: 'the specification allows both; 2.8 ignores the body and opens a session',
  },
  'chunk out of order': {
    embedded: 416,
    'docker-registry': 202,
    why: '2.8 never reads Content-Range and appends silently; the specification says 416',
  },
  'upload after a cut chunk': {
    embedded: 204,
    'docker-registry': 404,
    why: '2.8 cannot resume an upload whose PATCH was cut; the specification lets the client ask how far it got',
  },
  'manifest without Accept': {
    embedded: 404,
    'docker-registry': 400,
    why: '2.8 converts an image to schema 1, with another digest, or fails at it; a client must never ask like that',
  },
  'referrers of anything': { embedded: 200, 'docker-registry': 404, why: '2.8 has no referrers API' },
  'subject acknowledged': { embedded: true, 'docker-registry': false, why: 'OCI-Subject came with 1.1' },
  'pages of tags': { embedded: 2, 'docker-registry': 5, why: '2.8 ignores n and last for tags' },
  'delete by tag': { embedded: 202, 'docker-registry': 400, why: '2.8 deletes by digest alone' },
  'upper-case name': { embedded: 400, 'docker-registry': 404, why: 'no route of 2.8 matches such a name' },
  'size that is not the blob’s': {
    embedded: 400,
    'docker-registry': 201,
    why: '2.8 does not compare sizes; a client that writes a wrong one must be caught',
  },
  'range behind the end': {
    embedded: '416',
    'docker-registry': 'aborted',
    why: '2.8 announces the length of the blob, sends an error text and hangs up',
  },
  'order of tags': { embedded: true, 'docker-registry': false, why: '2.8 lists them as its disk does' },
  'unknown schema version': {
    embedded: 400,
    'docker-registry': 500,
    why: '2.8 fails while it reads the body',
  },
  'schema 1': {
    embedded: 500,
    'docker-registry': 400,
    why: '2.8 answers 400 to what it cannot parse and 500 UNKNOWN to a well-formed one; the second is imitated',
  },
} as const satisfies Readonly<Record<string, Difference>>;

export type DifferenceName = keyof typeof differences;
