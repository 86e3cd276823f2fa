import type { Digest } from '../reference/index.ts';
import { RegistryError } from '../registry/index.ts';
import { CopyFailure } from './failure.ts';
import type { Job, Pulls } from './job.ts';
import { lookUp } from './look-up.ts';

/**
 * Sets aside the pulls that these manifests need, where the registry counts them, so that no image is begun that
 * cannot be ended: what was pulled of it would be wasted. A pull under way may be counted twice, so where too few seem
 * to be left its end is waited for. Throws `rate-limited` when they are not there: as the registry's error when it has
 * too few, as this image's when others need them.
 */
export async function claimPulls(job: Job, wanted: readonly Digest[], what: string): Promise<void> {
  const { run, source, at, backup } = job;
  const pulls = pullsOf(job);
  const missing = (): readonly Digest[] => wanted.filter((digest) => !run.contents.hasManifest(at, digest));
  const left = (): number => (source.hasMirrors ? Infinity : (source.pullsLeft() ?? Infinity));
  const free = (): number => left() - pulls.claimed - pulls.underWay.size;
  if (free() < missing().length && run.contents.isInhabited(at)) {
    // What the backup has is not pulled. Asked for only now that it counts.
    for (const digest of missing()) {
      const found = await lookUp(backup, at.repository, digest, run.options.signal);
      if (found?.digest === digest) run.contents.addManifest(at, digest, found);
    }
  }
  while (free() < missing().length && pulls.underWay.size > 0) await Promise.race(pulls.underWay);
  const needed = missing().length;
  // Where none is left at all, the request for the first says so, and until when.
  if (needed === 0 || left() === Infinity || left() <= 0) return;
  if (free() < needed) {
    const some = (count: number): string => `${count} more pull${count === 1 ? '' : 's'}`;
    const problem = `${what} ${some(needed)}, and ${Math.max(free(), 0)} are left for it`;
    if (left() < needed)
      throw new RegistryError('rate-limited', problem, {
        registry: source.host,
        repository: job.step.source.repository,
      });
    throw new CopyFailure('rate-limited', `${job.step.canonical}: ${problem}, as other images were begun.`);
  }
  change(job, needed);
}

/** Makes one pull, which is one of those that were set aside where there are any. */
export function countPull<T>(job: Job, ask: () => Promise<T>): Promise<T> {
  if (job.claimed > 0) change(job, -1);
  const { underWay } = pullsOf(job);
  const asked = ask();
  const end = (): void => void underWay.delete(ended);
  const ended: Promise<void> = asked.then(end, end);
  underWay.add(ended);
  return asked;
}

/** What was set aside and not made is there for others again. */
export function returnPulls(job: Job): void {
  change(job, -job.claimed);
}

function change(job: Job, by: number): void {
  job.claimed += by;
  pullsOf(job).claimed += by;
}

function pullsOf({ run, source }: Job): Pulls {
  let pulls = run.pulls.get(source.host);
  if (pulls === undefined) {
    pulls = { claimed: 0, underWay: new Set() };
    run.pulls.set(source.host, pulls);
  }
  return pulls;
}
