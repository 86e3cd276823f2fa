import type { ImageUse } from '../manifests/index.ts';
import type { Digest } from '../reference/index.ts';
import { compareText, textKey } from './places.ts';
import { canName } from './plan-rewrites.ts';
import type { KnownCopy } from './types.ts';

/**
 * A sentence for each place that stays although its image is in the backup: its tag stands elsewhere, or its text names
 * other images, too. `candidates` are the uses that name a source. Sorted.
 */
export function explainLeft(
  copies: readonly KnownCopy<Digest>[],
  candidates: ReadonlySet<ImageUse>,
): readonly string[] {
  const known = copies.flatMap((copy) => copy.step.uses.map((use) => ({ use, copy })));
  const proven = new Set(
    known.flatMap(({ use, copy }) => (canName(use, copy) ? `${textKey(use)} ${use.written}` : [])),
  );
  const notes = new Map<string, string>();
  for (const { use, copy } of known) {
    if (use.hold !== null || !candidates.has(use)) continue;
    const { file, line, written, together = [], nameAt } = use;
    const place = `${nameAt?.file ?? file}:${nameAt?.line ?? line}`;
    const other = together.find((each) => !proven.has(`${textKey(use)} ${each}`));
    if (!canName(use, copy))
      notes.set(
        place,
        `${place} stays as it is: the tag of ${written} in the backup is taken by another image, and the copy's own (${copy.tag}) cannot be written there.`,
      );
    else if (other !== undefined && !notes.has(place))
      notes.set(
        place,
        `${place} stays as it is: its name is also that of ${other}, which is not proven to be in the backup.`,
      );
  }
  return [...notes.values()].toSorted(compareText);
}
