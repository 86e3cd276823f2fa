import PQueue from 'p-queue';
import type { Digest } from '../reference/index.ts';
import type { Registry } from '../registry/index.ts';
import { describeFailure } from './failure.ts';
import { listManifests, type ManifestTree } from './manifest-tree.ts';
import { deleteFound, type Look } from './prune-delete.ts';
import { pruneTag, readPruneRecord } from './prune-record.ts';
import type { PruneOptions, PruneOutcome, PruneRepository, PruneTarget } from './prune-types.ts';
import { referrersTag } from './tags.ts';

/**
 * Deletes what is unused, or with `dryRun` tells what it would delete; in the order of `repositories`. In doubt nothing
 * goes: a digest stays that a tag of someone else names, that an index that stays has among its children, or that is
 * mentioned anywhere; and a repository whose tags or manifests cannot be read is left as it is.
 */
export async function pruneBackups(
  repositories: readonly PruneRepository[],
  options: PruneOptions,
): Promise<PruneOutcome[]> {
  const total = repositories.reduce((sum, { unused }) => sum + unused.length, 0);
  const lookups = new PQueue({ concurrency: options.concurrency * 2 });
  const queue = new PQueue({ concurrency: options.concurrency });
  const deletes = new Set<string>();
  let done = 0;
  const all = await queue.addAll(
    repositories.map((repository) => async () => {
      const outcomes = await pruneRepository(repository, options, lookups, deletes);
      for (const outcome of outcomes) {
        done += 1;
        options.onEvent?.({ kind: 'pruned', outcome, done, total });
      }
      return outcomes;
    }),
  );
  return all.flat();
}

async function pruneRepository(
  repository: PruneRepository,
  options: PruneOptions,
  lookups: PQueue,
  deletes: Set<string>,
): Promise<PruneOutcome[]> {
  const { at, unused } = repository;
  try {
    options.signal?.throwIfAborted();
    const registry = options.registries.open(at.registry, 'push');
    const look = await lookAround(registry, repository, options, lookups);
    if (options.dryRun) return look.map((found) => found.outcome);
    return await deleteFound(registry, at.repository, look, deletes, options);
  } catch (error) {
    const facts = describeFailure(error, options.signal);
    return unused.map((target) => ({ status: 'failed', target, error: facts }));
  }
}

async function lookAround(
  registry: Registry,
  { at, unused, kept }: PruneRepository,
  { mentioned, signal }: PruneOptions,
  lookups: PQueue,
): Promise<readonly Look[]> {
  const tags = await resolveTags(registry, at.repository, lookups, signal);
  const trees = new Map<Digest, Promise<ManifestTree | null>>();
  const read = (root: Digest): Promise<ManifestTree | null> => {
    const tree = trees.get(root) ?? listManifests(registry, at.repository, root, signal);
    trees.set(root, tree);
    return tree;
  };
  const names = new Set(tags.map(({ tag }) => tag));
  const records = new Map<PruneTarget, Digest>();
  const outcomes = new Map<PruneTarget, PruneOutcome>();
  const doomed = new Map<PruneTarget, ManifestTree>();
  const isDoomed = (digest: Digest): boolean => [...doomed.keys()].some((one) => one.digest === digest);
  for (const target of unused) {
    const foreign = tags.find(({ tag, digest }) => digest === target.digest && !isOurs(tag, target));
    if (foreign !== undefined) outcomes.set(target, keep(target, `the tag ${foreign.tag} names it, too`));
    else if (mentioned.has(target.digest)) outcomes.set(target, keep(target, 'it is named by its digest'));
    else {
      let tree = await read(target.digest);
      const left =
        tree === null && names.has(pruneTag(target.digest))
          ? await readPruneRecord(registry, at.repository, target.digest, signal)
          : null;
      if (left !== null) {
        records.set(target, left.digest);
        tree = { all: [target.digest, ...left.below] };
      }
      if (tree === null) outcomes.set(target, { status: 'absent', target });
      else if (tree.all.some((digest) => mentioned.has(digest)))
        outcomes.set(target, keep(target, 'one of its images is named by its digest'));
      else doomed.set(target, tree);
    }
  }

  // What stays in any case keeps its images, and these their signatures.
  const shared = new Set<Digest>();
  const sure = tags.filter(({ tag, digest }) => !referrerForm.test(tag) && !isDoomed(digest));
  if (doomed.size > 0)
    for (const root of new Set([...kept, ...sure.map(({ digest }) => digest)]))
      for (const digest of (await read(root))?.all ?? []) shared.add(digest);
  const subjects = new Set(
    [...doomed.values()].flatMap(({ all }) => all).filter((digest) => !shared.has(digest)),
  );
  const referrerTags = new Set(tags.filter(({ tag }) => isOfSubject(tag, subjects)));
  const staying = tags.filter((one) => !referrerTags.has(one) && ![...doomed.keys()].some(isNamedBy(one)));
  const needed = new Set<Digest>();
  if (doomed.size > 0)
    for (const root of new Set([...kept, ...staying.map(({ digest }) => digest)]))
      for (const digest of (await read(root))?.all ?? []) needed.add(digest);

  const below = new Map<PruneTarget, readonly Digest[]>();
  for (const [target, tree] of doomed) {
    if (needed.has(target.digest)) {
      outcomes.set(target, keep(target, 'an index that stays has it among its images'));
      for (const digest of tree.all) needed.add(digest);
    }
  }
  for (const [target, tree] of doomed) {
    if (outcomes.has(target)) continue;
    const own = tree.all.filter((digest) => !shared.has(digest) && !needed.has(digest));
    const referrers = await findReferrers(registry, at.repository, own, [...referrerTags], names, signal);
    const others = [...new Set([...tree.all.slice(1), ...referrers])].filter(
      (digest) => !needed.has(digest) && !mentioned.has(digest),
    );
    below.set(target, others);
    outcomes.set(target, {
      status: 'unused',
      target,
      tags: tags.filter(({ digest }) => digest === target.digest).map(({ tag }) => tag),
      manifests: records.has(target) ? others : [target.digest, ...others],
    });
  }
  return unused.flatMap((target) => {
    const outcome = outcomes.get(target);
    const record = records.get(target) ?? null;
    return outcome === undefined ? [] : [{ outcome, below: below.get(target) ?? [], record }];
  });
}

interface NamedTag {
  readonly tag: string;
  readonly digest: Digest;
}

/** What every tag of the repository names at this moment: no lock file is believed before something is deleted. */
async function resolveTags(
  registry: Registry,
  repository: string,
  lookups: PQueue,
  signal: AbortSignal | undefined,
): Promise<readonly NamedTag[]> {
  const tags = await registry.listTags(repository, signal);
  const heads = await lookups.addAll(
    tags.map((tag) => async () => {
      const head = await registry.headManifest(repository, tag, signal);
      return head === null ? [] : [{ tag, digest: head.digest }];
    }),
  );
  return heads.flat();
}

/** The tags that lock files record, and the anchor of whatever source tag it was copied for. */
function isOurs(tag: string, { tags, digest }: PruneTarget): boolean {
  const hex = digest.slice(digest.indexOf(':') + 1);
  return tags.includes(tag) || tag.endsWith(`-${hex.slice(0, 12)}`);
}

function isNamedBy({ digest }: NamedTag): (target: PruneTarget) => boolean {
  return (target) => target.digest === digest;
}

/** `sha256-<hex>`, and cosign's `sha256-<hex>.sig`. */
const referrerForm = /^(sha(?:256|512)-[0-9a-f]{64})(?:\.(?:sig|att|sbom))?$/;

function isOfSubject(tag: string, subjects: ReadonlySet<Digest>): boolean {
  const stem = referrerForm.exec(tag)?.[1];
  return stem !== undefined && [...subjects].some((digest) => referrersTag(digest) === stem);
}

async function findReferrers(
  registry: Registry,
  repository: string,
  subjects: readonly Digest[],
  referrerTags: readonly NamedTag[],
  tags: ReadonlySet<string>,
  signal: AbortSignal | undefined,
): Promise<readonly Digest[]> {
  const found: Digest[] = [];
  for (const subject of subjects) {
    const own = new Set([subject]);
    found.push(...referrerTags.filter(({ tag }) => isOfSubject(tag, own)).map(({ digest }) => digest));
    const listed = await registry.listReferrers(repository, subject, signal, tags);
    found.push(...listed.map(({ digest }) => digest));
  }
  return found;
}

function keep(target: PruneTarget, explanation: string): PruneOutcome {
  return { status: 'kept', target, explanation };
}
