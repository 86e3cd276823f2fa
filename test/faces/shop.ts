import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { addImage, type EmbeddedRegistry, startRegistry } from '../../src/embedded/index.ts';

export const web = `apiVersion: apps/v1
kind: Deployment
metadata: { name: web, namespace: shop }
spec:
  template:
    spec:
      containers:
        - name: web
          image: nginx:1.25 # the window
        - name: side
          image: quay.io/team/side:2
`;

/** A folder of manifests, a public registry that holds their images, and an empty backup. */
export interface Shop {
  readonly folder: string;
  readonly upstream: EmbeddedRegistry;
  readonly backup: EmbeddedRegistry;
  /** `--backup` and the endpoints of all registries. */
  readonly flags: readonly string[];
  close(): Promise<void>;
}

export function writeFiles(files: Readonly<Record<string, string>>): string {
  const folder = mkdtempSync(join(tmpdir(), 'holdfast-test-'));
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
  return folder;
}

export async function openShop(
  files: Readonly<Record<string, string>> = { 'k8s/web.yaml': web },
): Promise<Shop> {
  const folder = writeFiles(files);
  const upstream = await startRegistry();
  const backup = await startRegistry();
  await addImage(upstream, 'library/nginx', '1.25', { layerBytes: 2000 });
  await addImage(upstream, 'team/side', '2', { layerBytes: 1000 });
  return {
    folder,
    upstream,
    backup,
    flags: [
      '--backup=backup.example/prefix',
      `--endpoint=docker.io=${upstream.url}`,
      `--endpoint=quay.io=${upstream.url}`,
      `--endpoint=backup.example=${backup.url}`,
    ],
    async close() {
      await Promise.all([upstream.close(), backup.close()]);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
