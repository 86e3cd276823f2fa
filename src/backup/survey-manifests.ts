import { describeAbsent, findIdleRules, scanManifests } from '../manifests/index.ts';
import { readManifests } from '../source/index.ts';
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
    namespaces: found.namespaces,
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
