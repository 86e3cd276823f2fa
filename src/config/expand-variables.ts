import { dirname, isAbsolute, join } from 'node:path';
import { HoldfastError } from '../error.ts';
import type { ConfigLayer } from './schema.ts';

/** Names to values; `process.env` has this shape. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** `${VAR}` of usernames and passwords from the environment. A variable that is not there is an error. */
export function expandCredentials(
  layer: ConfigLayer,
  env: Environment,
  locate: (path: readonly PropertyKey[]) => string,
): ConfigLayer {
  return mapRegistries(layer, (settings, host) => {
    const expand = <T extends Account>(account: T, path: readonly string[]): T => {
      const expanded: T = { ...account };
      for (const key of ['username', 'password'] as const) {
        const text = account[key];
        if (text !== undefined) expanded[key] = expandText(text, ['registries', host, ...path, key]);
      }
      return expanded;
    };
    const { push } = settings;
    return { ...expand(settings, []), ...(push === undefined ? {} : { push: expand(push, ['push']) }) };
  });

  function expandText(text: string, path: readonly string[]): string {
    return text.replace(/\$\{(\w+)\}/g, (_, name: string) => {
      const value = env[name];
      if (value !== undefined && value !== '') return value;
      throw new HoldfastError(
        'config',
        `${locate(path)}: ${path.join('.')} needs the environment variable ${name}, which is not set`,
      );
    });
  }
}

interface Account {
  username?: string;
  password?: string;
}

/** Certificates are named relative to the file that names them. */
export function resolveFiles(layer: ConfigLayer, configPath: string): ConfigLayer {
  const resolve = (path: string) => (isAbsolute(path) ? path : join(dirname(configPath), path));
  return mapRegistries(layer, ({ caFile, clientCert, ...settings }) => ({
    ...settings,
    ...(caFile === undefined ? {} : { caFile: resolve(caFile) }),
    ...(clientCert === undefined
      ? {}
      : { clientCert: { cert: resolve(clientCert.cert), key: resolve(clientCert.key) } }),
  }));
}

type LayerRegistry = NonNullable<ConfigLayer['registries']>[string];

function mapRegistries(
  layer: ConfigLayer,
  change: (settings: LayerRegistry, host: string) => LayerRegistry,
): ConfigLayer {
  if (layer.registries === undefined) return layer;
  const entries = Object.entries(layer.registries).map(
    ([host, settings]) => [host, change(settings, host)] as const,
  );
  return { ...layer, registries: Object.fromEntries(entries) };
}
