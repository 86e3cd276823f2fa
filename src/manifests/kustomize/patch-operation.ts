import type { Spot } from '../yaml/walk.ts';

/** Whether a map may be an operation of RFC 6902: in no object, or where Flux took a list of them beside text. */
export function mayBeOperation(spot: Spot): boolean {
  return spot.object === null || isListed(spot);
}

/** `patchesJson6902[n].patch[m]` */
function isListed({ key, parent }: Spot): boolean {
  return typeof key === 'number' && parent?.key === 'patch' && isPatchList(parent.parent);
}

/** `patches[n]`, as all who speak kustomize have it. */
export function isPatchList(spot: Spot | null): boolean {
  const list = spot?.parent?.key;
  return list === 'patches' || list === 'patchesJson6902';
}
