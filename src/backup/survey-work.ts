import { HoldfastError } from '../error.ts';
import type { ImageUse } from '../manifests/index.ts';
import { parseImageReference, quote } from '../reference/index.ts';
import { openLock } from './open-lock.ts';
import type { Survey } from './survey.ts';
import type { Work } from './work.ts';

/** Reads the folder, the cluster or the command line, and finds every image there. */
export async function surveyWork(work: Work): Promise<Survey> {
  if (work.images !== undefined) return surveyImages(work, work.images);
  // Loaded only where they are asked for: what reads manifests is a third of the program.
  if (work.cluster !== undefined) {
    const { surveyCluster } = await import('./survey-cluster.ts');
    return surveyCluster(work, work.cluster);
  }
  const { surveyManifests } = await import('./survey-manifests.ts');
  return surveyManifests(work);
}

async function surveyImages({ cwd }: Work, images: readonly string[]): Promise<Survey> {
  const uses = images.map((written, index): ImageUse => {
    const parsed = parseImageReference(written);
    if (!parsed.ok) throw new HoldfastError('usage', `--image ${quote(written)}: ${parsed.problem}.`);
    return {
      file: '--image',
      line: 0,
      column: 0,
      range: [0, 0],
      written,
      layer: 'other',
      field: `[${index}]`,
      workload: { apiVersion: '', kind: '', name: null, namespace: null },
      document: 0,
      podSpec: null,
      hold: null,
      heldBy: null,
    };
  });
  const scan = { uses, skipped: [] };
  return {
    root: cwd,
    files: [],
    around: [],
    read: 0,
    scan,
    notes: [],
    ...(await openLock(cwd)),
  };
}
