import { type Descriptor, RegistryError } from '../registry/index.ts';
import type { Job } from './job.ts';
import { lookUp } from './look-up.ts';

/**
 * Sets aside the pulls that the children of an index need, where the registry counts them, so that no image is begun
 * that cannot be ended: what was pulled of it would be wasted. Throws `rate-limited` when they are not there.
 */
export async function claimPulls(job: Job, children: readonly Descriptor[]): Promise<void> {
  const { run, source, at, backup } = job;
  const left = (): number => (source.pullsLeft() ?? Infinity) - (run.claimed.get(source.host) ?? 0);
  let needed = children.filter(({ digest }) => !run.contents.hasManifest(at, digest));
  if (left() < needed.length && run.contents.isInhabited(at)) {
    // What the backup has is not pulled. Asked for only now that it counts.
    for (const { digest } of needed) {
      const found = await lookUp(backup, at.repository, digest, run.options.signal);
      if (found?.digest === digest) run.contents.addManifest(at, digest, found);
    }
    needed = needed.filter(({ digest }) => !run.contents.hasManifest(at, digest));
  }
  const free = left();
  if (free < needed.length)
    throw new RegistryError(
      'rate-limited',
      `its ${children.length} parts need ${needed.length} more pulls, and ${Math.max(free, 0)} are left for them`,
      { registry: source.host, repository: job.step.source.repository },
    );
  if (free !== Infinity) change(job, needed.length);
}

/** One of those that were set aside is made. */
export function spendPull(job: Job): void {
  if (job.claimed > 0) change(job, -1);
}

/** What was set aside and not made is there for others again. */
export function returnPulls(job: Job): void {
  change(job, -job.claimed);
}

function change(job: Job, by: number): void {
  const { claimed } = job.run;
  job.claimed += by;
  claimed.set(job.source.host, (claimed.get(job.source.host) ?? 0) + by);
}
