import type { CopyFinding } from './types.ts';

/**
 * The `registryAliases` of a Renovate configuration that let it look for new versions upstream: where each registry's
 * images are in the backup. Null when the names in the backup do not keep the path, which an alias needs.
 */
export function formatRegistryAliases(
  copies: readonly Pick<CopyFinding, 'source' | 'backup'>[],
): string | null {
  const aliases = new Map<string, string>();
  for (const { source, backup } of copies) {
    const slash = source.indexOf('/');
    const registry = source.slice(0, slash);
    const path = withoutTag(source.slice(slash + 1));
    const place = withoutTag(backup);
    if (slash > 0 && place.endsWith(`/${path}`)) aliases.set(place.slice(0, -path.length - 1), registry);
  }
  if (aliases.size === 0) return null;
  const sorted = [...aliases].toSorted(([a], [b]) => (a < b ? -1 : 1));
  return JSON.stringify({ registryAliases: Object.fromEntries(sorted) }, null, 2);
}

function withoutTag(name: string): string {
  return name.replace(/@.*$/, '').replace(/:[^/:]+$/, '');
}
