import type { Config } from '../config/index.ts';
import type { Registries, Registry } from '../registry/index.ts';

/** A registry that images come from: with credentials only where private images are wanted. */
export function openSource(
  registry: string,
  access: { readonly registries: Registries; readonly config: Pick<Config, 'includePrivate'> },
): Registry {
  return access.registries.open(registry, access.config.includePrivate ? 'pull' : 'anonymous');
}
