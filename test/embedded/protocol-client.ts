import { ask, type Reply } from '../support/http-client.ts';
import { type BuiltImage, ociIndex, ociManifest } from '../support/images.ts';
import { type DifferenceName, differences, type RegistryUnderTest } from './differences.ts';

export const everyType = [
  ociIndex,
  ociManifest,
  'application/vnd.docker.distribution.manifest.list.v2+json',
  'application/vnd.docker.distribution.manifest.v2+json',
].join(', ');

/** What the tests of the protocol ask with. */
export interface ProtocolClient {
  readonly kind: RegistryUnderTest;
  url(): string;
  /** `suite/image:1.0`, which is there from the beginning. */
  image(): BuiltImage;
  /** What the table says for this registry. */
  expected(name: DifferenceName): number | string | boolean;
  v2(path: string): string;
  getManifest(name: string, tagOrDigest: string, method?: string): Promise<Reply>;
  putManifest(name: string, tag: string, body: unknown, mediaType?: string): Promise<Reply>;
  /** The address of a new upload. */
  openUpload(name: string): Promise<string>;
  withDigest(location: string, digest: string): string;
  /** Where `location` leads. */
  next(reply: Reply): string;
}

export function createProtocolClient(
  kind: RegistryUnderTest,
  url: () => string,
  image: () => BuiltImage,
): ProtocolClient {
  const v2 = (path: string): string => `${url()}/v2/${path}`;
  const next = (reply: Reply): string => new URL(reply.headers.location ?? '', url()).href;
  return {
    kind,
    url,
    image,
    v2,
    next,
    expected: (name) => differences[name][kind],
    getManifest: (name, tagOrDigest, method = 'GET') =>
      ask(v2(`${name}/manifests/${tagOrDigest}`), { method, headers: { accept: everyType } }),
    putManifest: (name, tag, body, mediaType = ociManifest) =>
      ask(v2(`${name}/manifests/${tag}`), {
        method: 'PUT',
        headers: { 'content-type': mediaType },
        body: JSON.stringify(body),
      }),
    async openUpload(name) {
      const reply = await ask(v2(`${name}/blobs/uploads/`), { method: 'POST' });
      if (reply.status !== 202) throw new Error(`no upload was opened: ${reply.status}`);
      return next(reply);
    },
    withDigest(location, digest) {
      const target = new URL(location);
      target.searchParams.set('digest', digest);
      return target.href;
    },
  };
}
