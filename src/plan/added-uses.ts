import type { ImageUse } from '../manifests/index.ts';

/**
 * The uses that a change adds. Each use of the base accounts for one use of the head with the same text: best the one
 * at the same field of the same object, else one in the same file, else anywhere, so that neither moved lines nor
 * moved files count as new. `isAdded`: whether the change wrote a use's line; uses on lines that it left alone are
 * accounted for first, so that what is put before them is what is new.
 */
export function findAddedUses(
  head: readonly ImageUse[],
  base: readonly ImageUse[],
  isAdded: (use: ImageUse) => boolean = () => false,
): ReadonlySet<ImageUse> {
  const added = new Set(head);
  let rest = base;
  const untouched = (use: ImageUse): boolean => !isAdded(use);
  const all = (): boolean => true;
  const passes = [
    [placeKey, untouched],
    [fileKey, untouched],
    [placeKey, all],
    [fileKey, all],
    [textKey, all],
  ] as const;
  for (const [keyOf, isMeant] of passes) {
    const waiting = new Map<string, ImageUse[]>();
    for (const use of added) {
      if (!isMeant(use)) continue;
      const same = waiting.get(keyOf(use));
      if (same === undefined) waiting.set(keyOf(use), [use]);
      else same.push(use);
    }
    rest = rest.filter((use) => {
      const match = waiting.get(keyOf(use))?.shift();
      if (match === undefined) return true;
      added.delete(match);
      return false;
    });
  }
  return added;
}

function placeKey({ file, workload, field, written }: ImageUse): string {
  const { kind, namespace, name } = workload;
  return JSON.stringify([file, kind, namespace, name, field, written]);
}

function fileKey({ file, written }: ImageUse): string {
  return JSON.stringify([file, written]);
}

function textKey({ written }: ImageUse): string {
  return written;
}
