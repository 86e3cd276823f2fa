import type { ImageUse } from '../types.ts';
import type { AbsentValues, ChartRelease } from './chart-releases.ts';

/**
 * The values that are not here and may say another tag or name for an image that is edited: they are merged over the
 * values that say it. Sorted, each once.
 */
export function findAbsentValues(
  uses: readonly ImageUse[],
  releases: readonly ChartRelease[],
): readonly AbsentValues[] {
  if (releases.every(({ absent }) => absent.length === 0)) return [];
  const edited = new Set(
    uses.flatMap(({ hold, file, document, field }) => (hold === null ? `${file} ${document} ${field}` : [])),
  );
  const found = new Map<string, AbsentValues>();
  for (const { values, absent } of releases) {
    for (const one of absent) {
      const isOver = values.some(
        ({ source, rank }) =>
          rank <= one.rank &&
          [...source.fields.keys()].some((field) => edited.has(`${source.file} ${source.document} ${field}`)),
      );
      if (isOver) found.set(`${one.file} ${one.object} ${one.source}`, one);
    }
  }
  return [...found.keys()].toSorted().flatMap((key) => found.get(key) ?? []);
}

/** Named one by one in a sentence; of more, their number. */
const most = 5;

/** One sentence for people; none where nothing is absent. */
export function describeAbsent(absent: readonly AbsentValues[]): readonly string[] {
  if (absent.length === 0) return [];
  const named = absent.slice(0, most).map(({ source, object, file }) => `${source} of ${object} (${file})`);
  const more = absent.length > most ? [`${absent.length - most} more`] : [];
  return [
    'Values that are not here to be read are merged over images of Helm values, and count as if they said nothing of ' +
      `them: ${[...named, ...more].join(', ')}.`,
  ];
}
