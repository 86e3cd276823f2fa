import type { Digest } from '../reference/index.ts';
import type { Registry } from '../registry/index.ts';
import { CopyFailure, describeFailure, type ErrorFacts } from './failure.ts';
import { formatPruneRecord, pruneTag } from './prune-record.ts';
import type { PruneOptions, PruneOutcome, PruneTarget } from './prune-types.ts';

/**
 * A target, what is decided about it, and what hangs below it: platforms of an index, signatures of both. `record`: of
 * an earlier run that was cut after it deleted the target.
 */
export interface Look {
  readonly outcome: PruneOutcome;
  readonly below: readonly Digest[];
  readonly record: Digest | null;
}

/**
 * Indexes before what they name: registries refuse the other order, and half an image would count as a backup. What
 * is left to do is written down before, or at the first of a run after, as a registry that does not delete would keep
 * what was written. `deletes`: the registries that were seen to delete in this run.
 */
export async function deleteFound(
  registry: Registry,
  repository: string,
  looks: readonly Look[],
  deletes: Set<string>,
  { signal }: PruneOptions,
): Promise<PruneOutcome[]> {
  const done = new Map<Look, PruneOutcome>();
  const gone: Look[] = [];
  const needed = new Set<Digest>();
  for (const look of looks) {
    const { outcome, below } = look;
    if (outcome.status !== 'unused') continue;
    const { target, tags } = outcome;
    const write = async () => look.record ?? (await writeRecord(registry, repository, look));
    const before = deletes.has(registry.host) ? await write() : null;
    try {
      await deleteImage(registry, repository, target.digest, tags, signal);
      deletes.add(registry.host);
      gone.push({ ...look, record: before ?? (await write()) });
    } catch (error) {
      if (before !== null) await dropRecord(registry, repository, target.digest, before);
      done.set(look, { status: 'failed', target, error: describeFailure(error, signal) });
      for (const digest of below) needed.add(digest);
    }
  }
  const ended = new Map<PruneTarget, PruneOutcome>();
  for (const look of gone)
    ended.set(look.outcome.target, await deleteBelow(registry, repository, look, needed, signal));
  return looks.map((look) => done.get(look) ?? ended.get(look.outcome.target) ?? look.outcome);
}

async function deleteImage(
  registry: Registry,
  repository: string,
  digest: Digest,
  tags: readonly string[],
  signal: AbortSignal | undefined,
): Promise<void> {
  await registry.deleteManifest(repository, digest, signal, tags);
  // ECR once answered 404 to what it does not do (fluxcd/pkg#328).
  if ((await registry.headManifest(repository, digest, signal)) !== null)
    throw new CopyFailure('unsupported', `${registry.host} still has ${digest}: delete it by its own means.`);
}

/** Null where there is nothing to write down, or the registry does not take it: then a cut leaves something for good. */
async function writeRecord(
  registry: Registry,
  repository: string,
  { outcome, below }: Look,
): Promise<Digest | null> {
  if (below.length === 0) return null;
  const { digest } = outcome.target;
  const record = formatPruneRecord(digest, below);
  try {
    // Without the signal: a run that is stopped must leave word, too.
    await registry.putManifest(repository, pruneTag(digest), record);
    return record.digest;
  } catch {
    return null;
  }
}

/** As far as that can be done: of an image that is there it says nothing, of one that may be gone everything. */
async function dropRecord(
  registry: Registry,
  repository: string,
  image: Digest,
  record: Digest,
): Promise<void> {
  try {
    if ((await registry.headManifest(repository, image)) === null) return;
    await registry.deleteManifest(repository, record, undefined, [pruneTag(image)]);
  } catch {
    // What stays is taken over by the run that deletes the image.
  }
}

async function deleteBelow(
  registry: Registry,
  repository: string,
  { outcome, below, record }: Look,
  done: Set<Digest>,
  signal: AbortSignal | undefined,
): Promise<PruneOutcome> {
  const { target } = outcome;
  const left: Digest[] = [];
  let cause: ErrorFacts | null = null;
  const attempt = async (digest: Digest, tags: readonly string[] = []): Promise<void> => {
    try {
      await registry.deleteManifest(repository, digest, signal, tags);
    } catch (error) {
      left.push(digest);
      cause ??= describeFailure(error, signal);
    }
  };
  for (const digest of below) {
    if (done.has(digest)) continue;
    done.add(digest);
    await attempt(digest);
  }
  if (cause === null && record !== null) await attempt(record, [pruneTag(target.digest)]);
  if (cause === null) return { ...outcome, status: 'deleted' } as PruneOutcome;
  const { code, message }: ErrorFacts = cause;
  const next =
    record === null
      ? `Delete them by the registry's own means: ${left.join(', ')}.`
      : 'Run again: the next run goes on with them.';
  const count = left.length === 1 ? 'one manifest' : `${left.length} manifests`;
  return {
    status: 'failed',
    target,
    error: {
      code,
      message: `The image is deleted, but ${count} that went with it could not be: ${message} ${next}`,
    },
  };
}
