import { afterAll, beforeAll, describe } from 'vitest';
import { type BuiltImage, buildImage } from '../support/images.ts';
import { pushImage } from '../support/push-image.ts';
import type { RegistryUnderTest } from './differences.ts';
import { describeBlobs } from './protocol-blobs.ts';
import { createProtocolClient } from './protocol-client.ts';
import { describeManifests } from './protocol-manifests.ts';

/** The distribution specification as this project relies on it, asked of a running registry. */
export function describeProtocol(
  kind: RegistryUnderTest,
  start: () => Promise<{ readonly url: string; close(): Promise<void> }>,
): void {
  describe(`protocol of ${kind}`, () => {
    let server: Awaited<ReturnType<typeof start>>;
    let image: BuiltImage;
    beforeAll(async () => {
      server = await start();
      image = await buildImage({ seed: 'protocol' });
      await pushImage({ url: server.url, repository: 'suite/image', tag: '1.0' }, image);
    });
    afterAll(() => server.close());

    const client = createProtocolClient(
      kind,
      () => server.url,
      () => image,
    );
    describeManifests(client);
    describeBlobs(client);
  });
}
