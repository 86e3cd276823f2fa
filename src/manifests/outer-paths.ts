/**
 * A path from the scanned root as one from the folder that holds all files. `place` is where the root lies in that
 * folder: `../over/a.yaml` is `apps/over/a.yaml` where the root is `apps/base`.
 */
export function toOuter(place: string, path: string): string {
  const segments = place === '' ? [] : place.split('/');
  let rest = path;
  for (; rest.startsWith('../'); rest = rest.slice(3)) segments.pop();
  return [...segments, rest].join('/');
}

/** The way back. */
export function fromOuter(place: string, path: string): string {
  if (place === '') return path;
  const segments = place.split('/');
  const steps = path.split('/');
  let same = 0;
  while (same < segments.length && segments[same] === steps[same]) same++;
  return '../'.repeat(segments.length - same) + steps.slice(same).join('/');
}
