import { type EmbeddedRegistry, type RegistryOptions, startRegistry } from '../../src/embedded/index.ts';
import { openRegistries, type Registries, type RegistriesOptions } from '../../src/registry/index.ts';
import type { BuiltImage } from '../support/images.ts';
import { pushImage } from '../support/push-image.ts';

/** Names by which the two are known in image references; both stand on loopback. */
export const upstream = 'ghcr.io';
export const backup = 'backup.example';

export interface World {
  readonly source: EmbeddedRegistry;
  readonly target: EmbeddedRegistry;
  readonly registries: Registries;
  readonly push: (repository: string, tag: string | null, image: BuiltImage) => Promise<string>;
  /** A client as another process has it: nothing is remembered. */
  readonly reopen: (options?: RegistriesOptions) => Registries;
  readonly forgetRequests: () => void;
}

/** Runs a test against two embedded registries, and closes all after it. */
export async function withWorld(
  options: {
    readonly source?: RegistryOptions;
    readonly target?: RegistryOptions;
    readonly client?: RegistriesOptions;
  },
  test: (world: World) => Promise<void>,
): Promise<void> {
  const source = await startRegistry(options.source ?? {});
  const target = await startRegistry(options.target ?? {});
  const opened: Registries[] = [];
  const reopen = (client: RegistriesOptions = {}): Registries => {
    const registries = openRegistries({
      ...options.client,
      ...client,
      settings: {
        [upstream]: { endpoint: source.url, ...(client.settings ?? options.client?.settings)?.[upstream] },
        [backup]: { endpoint: target.url, ...(client.settings ?? options.client?.settings)?.[backup] },
      },
    });
    opened.push(registries);
    return registries;
  };
  try {
    await test({
      source,
      target,
      registries: reopen(),
      reopen,
      push: (repository, tag, image) => pushImage({ url: source.url, repository, tag }, image),
      forgetRequests: () => {
        source.forgetRequests();
        target.forgetRequests();
      },
    });
  } finally {
    for (const registries of opened) registries.close();
    await Promise.all([source.close(), target.close()]);
  }
}
