import { parseRegistryHost } from '../reference/index.ts';
import type { ConfigLayer } from './schema.ts';

/** `over` wins, key by key; groups of keys are joined, and registries by their canonical host. */
export function mergeLayers(under: ConfigLayer, over: ConfigLayer): ConfigLayer {
  const merged: ConfigLayer = { ...under, ...over };
  if (under.exclude && over.exclude) merged.exclude = { ...under.exclude, ...over.exclude };
  if (under.pullSecret && over.pullSecret) merged.pullSecret = { ...under.pullSecret, ...over.pullSecret };
  if (under.pullRequest && over.pullRequest)
    merged.pullRequest = { ...under.pullRequest, ...over.pullRequest };
  if (under.watch && over.watch) merged.watch = { ...under.watch, ...over.watch };
  if (over.registries) merged.registries = mergeRegistries(under.registries ?? {}, over.registries);
  return merged;
}

type LayerRegistries = NonNullable<ConfigLayer['registries']>;

function mergeRegistries(under: LayerRegistries, over: LayerRegistries): LayerRegistries {
  const merged = new Map(Object.entries(under));
  for (const [host, settings] of Object.entries(over)) {
    const parsed = parseRegistryHost(host);
    const name = parsed.ok ? parsed.value : host;
    merged.set(name, { ...merged.get(name), ...settings });
  }
  return Object.fromEntries([...merged].toSorted(([a], [b]) => (a < b ? -1 : 1)));
}
