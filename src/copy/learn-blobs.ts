import type { BackupRepository } from '../plan/index.ts';
import type { Digest } from '../reference/index.ts';
import type { Run } from './job.ts';
import { parseManifest } from './manifest-parts.ts';

/** Images of the backup that are looked into: each costs a request or a few at the backup, none at a source. */
const mostImages = 256;

/**
 * Finds out which blobs the images have that were there before, so that a new image mounts what it shares with them
 * and does not fetch it again. Begun when the first large blob would be moved; all who move one wait for it.
 */
export async function learnBlobs(run: Run): Promise<void> {
  run.learning.begun ??= learnAll(run);
  await run.learning.begun;
}

async function learnAll(run: Run): Promise<void> {
  const images = run.learning.present.slice(0, mostImages);
  await run.lookups.addAll(
    images.map(
      ({ at, digest }) =>
        () =>
          learnImage(run, at, digest, 0),
    ),
  );
  run.learning.isDone = true;
}

/** What cannot be read teaches nothing. */
async function learnImage(run: Run, at: BackupRepository, digest: Digest, depth: number): Promise<void> {
  if (depth > 1 || run.options.signal?.aborted === true) return;
  try {
    const backup = run.options.registries.open(at.registry, 'push');
    // Docker Hub: bytes cost less than pulls.
    if (backup.pullsLeft() !== null) return;
    const raw = await backup.getManifest(at.repository, digest, run.options.signal);
    if (raw === null) return;
    const { blobs, manifests } = parseManifest(raw);
    for (const blob of blobs) run.contents.addBlob(at, blob, true);
    for (const child of manifests) await learnImage(run, at, child.digest, depth + 1);
  } catch {
    // A mount is worth a try, not a failure.
  }
}
