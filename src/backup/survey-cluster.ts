import { openCluster, readCluster } from '../source/index.ts';
import { openLock } from './open-lock.ts';
import type { Survey } from './survey.ts';
import type { Work } from './work.ts';

/** Reads the workloads of a cluster, and finds every image there. */
export async function surveyCluster(work: Work, options: NonNullable<Work['cluster']>): Promise<Survey> {
  const cluster = await openCluster({ ...options, ...(work.signal && { signal: work.signal }) });
  const { uses, objects, notes } = await readCluster(cluster);
  return {
    root: work.cwd,
    files: [],
    around: [],
    read: objects,
    live: true,
    scan: { uses, skipped: [] },
    notes,
    ...(await openLock(work.cwd)),
  };
}
