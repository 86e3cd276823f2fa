import PQueue from 'p-queue';
import type { Registries } from '../registry/index.ts';
import type { Run } from './job.ts';

/** All transfers over the same connections, whoever began them. */
const shared = new WeakMap<Registries, PQueue>();

/**
 * Moves one blob when there is room: in its run, and among all that share the connections. More transfers than
 * connections would wait for each other for ever: those with an upload for a download to go on after a cut, and those
 * with the downloads for an upload.
 */
export async function transfer({ options, transfers }: Run, work: () => Promise<void>): Promise<void> {
  const { registries } = options;
  let all = shared.get(registries);
  if (all === undefined) {
    all = new PQueue({ concurrency: registries.connections });
    shared.set(registries, all);
  }
  const room = all;
  await transfers.add(() => room.add(work));
}
