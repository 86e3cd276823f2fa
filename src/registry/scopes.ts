/** What a token allows: actions by resource (`repository:library/nginx`). distribution: docs/spec/auth/scope.md */
export type Scopes = ReadonlyMap<string, ReadonlySet<string>>;

export function scopeOf(repository: string, ...actions: readonly string[]): Scopes {
  return new Map([[`repository:${repository}`, new Set(actions)]]);
}

/** `repository:a:pull,push repository:b:pull`. The resource's name may hold colons (`localhost:5000/a`). */
export function parseScopes(text: string): Scopes {
  const scopes = new Map<string, ReadonlySet<string>>();
  for (const scope of text.split(' ')) {
    const colon = scope.lastIndexOf(':');
    if (colon <= 0) continue;
    scopes.set(
      scope.slice(0, colon),
      new Set(
        scope
          .slice(colon + 1)
          .split(',')
          .filter(Boolean),
      ),
    );
  }
  return scopes;
}

/** One string for each resource, sorted. */
export function formatScopes(scopes: Scopes): readonly string[] {
  return [...scopes]
    .map(([resource, actions]) => `${resource}:${[...actions].toSorted().join(',')}`)
    .toSorted();
}

export function mergeScopes(...all: readonly Scopes[]): Scopes {
  const merged = new Map<string, Set<string>>();
  for (const scopes of all)
    for (const [resource, actions] of scopes)
      merged.set(resource, new Set([...(merged.get(resource) ?? []), ...actions]));
  return merged;
}

export function includesScopes(scopes: Scopes, wanted: Scopes): boolean {
  for (const [resource, actions] of wanted) {
    const held = scopes.get(resource);
    if (held === undefined || [...actions].some((action) => !held.has(action))) return false;
  }
  return true;
}
