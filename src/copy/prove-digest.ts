import { setTimeout as sleep } from 'node:timers/promises';
import type { ProvenDigest } from '../plan/index.ts';
import type { Digest } from '../reference/index.ts';
import { CopyFailure } from './failure.ts';
import type { Job } from './job.ts';
import { lookUp } from './look-up.ts';

/*
 * What is proven, and by whom. Blobs: by us, who hash what passes, or by the backup registry, where it was seen to
 * refuse a wrong digest. Child manifests: by the registry's answer to their PUT, and by its refusal of an index whose
 * children are missing. The image itself: read back here, its bytes hashed, by the digest that manifests will name;
 * and its tag, which must name that digest.
 */

/**
 * Milliseconds to wait for what was just written and is not there yet: where a registry has replicas, one may answer
 * before another has told it (Azure's: containers/image#750).
 */
const patience = [200, 600, 1200];

/** Reads the image back from the backup registry. */
export async function proveDigest(job: Job, digest: Digest, tag: string): Promise<ProvenDigest> {
  const { backup, at, run } = job;
  const { signal } = run.options;
  const readBack = () =>
    Promise.all([
      backup.getManifest(at.repository, digest, signal),
      lookUp(backup, at.repository, tag, signal),
    ]);
  let [raw, tagged] = await readBack();
  for (const delay of patience) {
    if (raw !== null && tagged !== null) break;
    await sleep(delay, undefined, signal === undefined ? {} : { signal });
    [raw, tagged] = await readBack();
  }
  if (raw?.digest === digest && tagged?.digest === digest) return proven(digest);
  const what =
    raw?.digest === digest ? `its tag ${tag} names ${tagged?.digest ?? 'nothing'}` : 'it is not there';
  throw new CopyFailure(
    'unproven',
    `${at.registry}/${at.repository} took ${digest}, but read back ${what}; nothing may rely on it.`,
  );
}

/** Of an image that was there: the answer of this run's HEAD, which named tag and digest. */
export function proven(digest: Digest): ProvenDigest {
  return digest as ProvenDigest;
}
