import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { Work } from '../../src/backup/index.ts';
import { type Config, loadConfig } from '../../src/config/index.ts';
import { addImage, type EmbeddedRegistry, startRegistry } from '../../src/embedded/index.ts';
import { openRegistries } from '../../src/registry/index.ts';

/** What a face would make of no flags at all but a backup. */
export const plainConfig: Config = {
  ...(await loadConfig({
    flags: [{ from: 'the test', key: 'backup', value: 'backup.test/mirror' }],
    env: {},
    file: null,
  })),
  concurrency: 4,
};

/** Two registries, a folder of manifests, and all that a use case needs. */
export interface World {
  readonly folder: string;
  readonly upstream: EmbeddedRegistry;
  readonly backup: EmbeddedRegistry;
  work(changes?: Partial<Config>, signal?: AbortSignal): Work;
  read(path: string): Promise<string>;
  write(path: string, text: string): Promise<void>;
  close(): Promise<void>;
}

/** `docker.io` holds nginx:1.25 and redis:7; nothing is backed up. */
export async function createWorld(files: Readonly<Record<string, string>>): Promise<World> {
  const folder = await mkdtemp(join(tmpdir(), 'holdfast-test-'));
  const [upstream, backup] = await Promise.all([startRegistry({}), startRegistry({})]);
  await addImage(upstream, 'library/nginx', '1.25');
  await addImage(upstream, 'library/redis', '7');
  const write = async (path: string, text: string): Promise<void> => {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), text);
  };
  for (const [path, text] of Object.entries(files)) await write(path, text);
  const registries = openRegistries({
    settings: { 'docker.io': { endpoint: upstream.url }, 'backup.test': { endpoint: backup.url } },
  });
  return {
    folder,
    upstream,
    backup,
    work: (changes = {}, signal) => ({
      config: { ...plainConfig, ...changes },
      paths: [],
      cwd: folder,
      registries,
      ...(signal && { signal }),
    }),
    read: (path) => readFile(join(folder, path), 'utf8'),
    write,
    async close() {
      registries.close();
      await Promise.all([upstream.close(), backup.close()]);
      await rm(folder, { recursive: true });
    },
  };
}

/** A Deployment with one container. */
export function deployment(name: string, image: string): string {
  return `apiVersion: apps/v1
kind: Deployment
metadata:
  name: ${name}
  namespace: shop
spec:
  template:
    spec:
      containers:
        - name: main
          image: ${image} # as upstream says
`;
}
