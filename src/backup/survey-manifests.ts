import {
  describeAbsent,
  findIdleRules,
  findNamespaces,
  type Namespaces,
  scanManifests,
} from '../manifests/index.ts';
import type { CopyPolicy } from '../plan/index.ts';
import { type Reading, readManifests } from '../source/index.ts';
import { openLock } from './open-lock.ts';
import type { Survey } from './survey.ts';
import type { Work } from './work.ts';

/** Reads the folder, and finds every image there. */
export async function surveyManifests(work: Work): Promise<Survey> {
  const { config, cwd, paths, signal } = work;
  const { rules } = config;
  const reading = await readManifests(paths, {
    cwd,
    include: config.paths,
    rules,
    ...(signal && { signal }),
  });
  const found = scanManifests(reading.files, { ...reading, rules });
  return {
    root: reading.root,
    files: reading.files,
    around: reading.around,
    place: reading.place,
    placesOf: openPlaces(reading),
    read: reading.files.length,
    scan: { uses: found.uses, skipped: [...reading.skipped, ...found.skipped] },
    notes: [
      ...(reading.exposed
        ? [
            'A kustomization builds this folder, and no git checkout is around it: overlays elsewhere that decide its ' +
              'images by their names are not known.',
          ]
        : []),
      ...describeAbsent(found.absent),
      ...findIdleRules(rules, found.uses).map(
        ({ apiVersion, kind, field }) =>
          `The rule for ${field} of ${kind} (${apiVersion}) found no image: nothing here has that field, or its path is another.`,
      ),
    ],
    ...(await openLock(reading.root)),
  };
}

/** Where uses run, as for pull secrets; nothing is read before somebody asks. */
function openPlaces({ files, around, place }: Reading): NonNullable<CopyPolicy['placesOf']> {
  let namespaces: Namespaces | null = null;
  return ({ file, document, workload }) => {
    namespaces ??= findNamespaces([...files, ...around], place);
    return namespaces.of(file, document, workload);
  };
}
