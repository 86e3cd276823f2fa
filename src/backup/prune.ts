import { type PruneOutcome, type PruneRepository, pruneBackups } from '../copy/index.ts';
import { HoldfastError } from '../error.ts';
import type { GitAccess } from '../forge/index.ts';
import { listRecordedCopies, type PruneDecision, planPrune, type RecordedCopy } from '../plan/index.ts';
import type { PruneFinding, Report } from '../report/index.ts';
import { forgetCopies } from './forget-copies.ts';
import { policyOf } from './plan-work.ts';
import { type Evidence, gatherEvidence, openRoots, type Roots, readLockVersions } from './prune-roots.ts';
import type { Work } from './work.ts';

/** Who uses the backup, and what stays beside. */
export interface PruneChoice {
  /** Git repositories, by URL or folder. */
  readonly repositories: readonly string[];
  readonly clusters: readonly NonNullable<Work['cluster']>[];
  /** Globs on names of sources and backups. */
  readonly keep: readonly string[];
  /** Days of history whose images stay. */
  readonly history: number;
  /** Copies that were recorded within so many days stay. */
  readonly minAge: number;
  /** Delete; else only list. */
  readonly yes: boolean;
  readonly now: Date;
  /** How git gets at a repository; the token is for that address alone. */
  readonly accessTo: (place: string) => GitAccess;
}

const day = 86_400;

/**
 * Backups that lock files record and nothing in the named repositories and clusters uses. All of them are read before
 * the first registry is asked, and one that cannot be read stops the run: what is not seen might be in use.
 */
export async function prune(work: Work, choice: PruneChoice): Promise<Report> {
  if (choice.repositories.length === 0)
    throw new HoldfastError(
      'usage',
      'To delete what nothing uses, everything that does must be known: name each repository whose manifests use ' +
        'this backup with --repository URL, and each cluster with --cluster CONTEXT.',
    );
  const { backup } = policyOf(work);
  const roots = await openRoots(choice);
  try {
    const versions = await readLockVersions(roots, choice);
    const copies = listRecordedCopies(versions, backup);
    const { rules } = work.config;
    const evidence = await gatherEvidence(roots, copies, backup, { ...choice, rules }, work.signal);
    const decisions = planPrune(copies, evidence.used, {
      keep: choice.keep,
      youngest: choice.now.getTime() / 1000 - choice.minAge * day,
    });
    const outcomes = await pruneBackups(groupByRepository(decisions, evidence.named), {
      registries: work.registries,
      concurrency: work.config.concurrency,
      mentioned: evidence.digests,
      dryRun: !choice.yes,
      ...(work.onEvent && { onEvent: work.onEvent }),
      ...(work.signal && { signal: work.signal }),
    });
    const notes = choice.yes ? await forgetCopies(roots.histories, outcomes) : [];
    return toReport(work, roots, evidence.files, decisions, outcomes, notes);
  } finally {
    await roots.close();
  }
}

/** Only repositories in which something may go. */
function groupByRepository(
  decisions: readonly PruneDecision[],
  named: Evidence['named'],
): readonly PruneRepository[] {
  const groups = new Map<string, PruneDecision[]>();
  for (const decision of decisions) {
    const { registry, repository } = decision.copy.at;
    const key = `${registry}/${repository}`;
    groups.set(key, [...(groups.get(key) ?? []), decision]);
  }
  return [...groups].flatMap(([key, group]): PruneRepository[] => {
    const unused = group.flatMap(({ copy, reason }) => (reason === null ? [copy] : []));
    // What is named by digest is a root of its own, also where no lock file knows it and no tag names it.
    const kept = new Set([
      ...group.flatMap(({ copy, reason }) => (reason === null ? [] : [copy.digest])),
      ...(named.get(key) ?? []),
    ]);
    const at = group[0]?.copy.at;
    return at === undefined || unused.length === 0 ? [] : [{ at, unused, kept: [...kept] }];
  });
}

function toReport(
  work: Work,
  roots: Roots,
  files: number,
  decisions: readonly PruneDecision[],
  outcomes: readonly PruneOutcome[],
  notes: readonly string[],
): Report {
  const byCopy = new Map(outcomes.map((outcome) => [nameOf(outcome.target), outcome]));
  const prunings = decisions.map(({ copy, reason }): PruneFinding => {
    const known = { backup: nameOf(copy), sources: copy.sources, tags: copy.tags, manifests: 0, error: null };
    if (reason !== null) return { ...known, status: 'kept', reason, explanation: null };
    const outcome = byCopy.get(nameOf(copy));
    if (outcome === undefined || outcome.status === 'absent')
      return { ...known, status: 'absent', reason: null, explanation: null };
    if (outcome.status === 'kept')
      return { ...known, status: 'kept', reason: 'needed', explanation: outcome.explanation };
    if (outcome.status === 'failed')
      return { ...known, status: 'failed', reason: null, explanation: null, error: outcome.error };
    const { status, tags, manifests } = outcome;
    return { ...known, status, tags, manifests: manifests.length, reason: null, explanation: null };
  });
  return {
    command: 'prune',
    root: work.cwd,
    files,
    images: [],
    copies: [],
    edits: [],
    changes: [],
    skipped: [],
    proposals: [],
    backups: [],
    prunings,
    shards: [],
    notes: [...describe(roots, prunings), ...notes],
    attention: prunings.some(({ status }) => status === 'failed'),
  };
}

function nameOf({ at, digest }: Pick<RecordedCopy, 'at' | 'digest'>): string {
  return `${at.registry}/${at.repository}@${digest}`;
}

function describe({ histories, clusters }: Roots, prunings: readonly PruneFinding[]): readonly string[] {
  const names = [...histories.map(({ name }) => name), ...clusters.map(({ name }) => `the cluster ${name}`)];
  const looked = `Looked at ${names.join(', ')}, and nowhere else: what uses the backup from elsewhere is not seen.`;
  const has = (status: PruneFinding['status']): boolean => prunings.some((one) => one.status === status);
  if (has('unused')) return [looked, 'Nothing was deleted; --yes deletes what is listed as unused.'];
  if (has('deleted'))
    return [
      looked,
      'Registries free the space in their own time; CNCF distribution by registry garbage-collect.',
    ];
  return [looked];
}
