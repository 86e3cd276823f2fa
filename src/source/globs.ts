/** Says whether a path is wanted: matched by an `include` glob, if there are any, and by no `exclude` glob. */
export async function compileGlobs(
  include: readonly string[],
  exclude: readonly string[],
): Promise<(path: string) => boolean> {
  if (include.length === 0 && exclude.length === 0) return () => true;
  // Loaded only when asked for: most runs have no globs.
  const { default: picomatch } = await import('picomatch');
  const included = include.length === 0 ? () => true : picomatch([...include], { dot: true });
  const excluded = exclude.length === 0 ? () => false : picomatch([...exclude], { dot: true });
  return (path) => included(path) && !excluded(path);
}
