import { HoldfastError } from '../error.ts';
import {
  findIdleRules,
  findNamespaces,
  type ImageUse,
  type Namespaces,
  type Scan,
  type SourceFile,
  scanManifests,
} from '../manifests/index.ts';
import {
  type CopyPlan,
  type CopyPolicy,
  type CopyStep,
  compileJudge,
  emptyLock,
  type JudgedUse,
  type LockFile,
  mergeSteps,
  parseBackupPrefix,
  parseLock,
  parseNaming,
  planCopies,
} from '../plan/index.ts';
import { parseImageReference, quote } from '../reference/index.ts';
import { type FoundLock, openCluster, readCluster, readLock, readManifests } from '../source/index.ts';
import type { Work } from './work.ts';

/** The manifests as they stand, before any registry is asked. */
export interface Survey {
  /** Absolute; the paths of all files are relative to it. */
  readonly root: string;
  readonly files: readonly SourceFile[];
  /** Files that decide about those, and are not edited; see `Reading`. */
  readonly around: readonly SourceFile[];
  /** Where the root lies in the checkout around it, if there is one. */
  readonly place: string | null;
  /** Files, or live objects, that were looked at. */
  readonly read: number;
  readonly live?: true;
  readonly scan: Scan;
  readonly notes: readonly string[];
  readonly lockFile: FoundLock;
  readonly lock: LockFile;
}

/** Reads the folder, the cluster or the command line, and finds every image there. */
export async function surveyWork(work: Work): Promise<Survey> {
  if (work.cluster !== undefined) return surveyCluster(work, work.cluster);
  return work.images === undefined ? surveyManifests(work) : surveyImages(work, work.images);
}

async function surveyManifests(work: Work): Promise<Survey> {
  const { config, cwd, paths, signal } = work;
  const { rules } = config;
  const reading = await readManifests(paths, {
    cwd,
    include: config.paths,
    rules,
    ...(signal && { signal }),
  });
  const found = scanManifests(reading.files, { ...reading, rules });
  return {
    root: reading.root,
    files: reading.files,
    around: reading.around,
    place: reading.place,
    read: reading.files.length,
    scan: { uses: found.uses, skipped: [...reading.skipped, ...found.skipped] },
    notes: [
      ...(reading.exposed
        ? [
            'A kustomization builds this folder, and no git checkout is around it: overlays elsewhere that decide its ' +
              'images by their names are not known.',
          ]
        : []),
      ...findIdleRules(rules, found.uses).map(
        ({ apiVersion, kind, field }) =>
          `The rule for ${field} of ${kind} (${apiVersion}) found no image: nothing here has that field, or its path is another.`,
      ),
    ],
    ...(await openLock(reading.root)),
  };
}

async function surveyCluster(work: Work, options: NonNullable<Work['cluster']>): Promise<Survey> {
  const cluster = await openCluster({ ...options, ...(work.signal && { signal: work.signal }) });
  const { uses, objects, notes } = await readCluster(cluster);
  return {
    root: work.cwd,
    files: [],
    around: [],
    place: null,
    read: objects,
    live: true,
    scan: { uses, skipped: [] },
    notes,
    ...(await openLock(work.cwd)),
  };
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
    place: null,
    read: 0,
    scan,
    notes: [],
    ...(await openLock(cwd)),
  };
}

async function openLock(root: string): Promise<Pick<Survey, 'lockFile' | 'lock'>> {
  const lockFile = await readLock(root);
  return { lockFile, lock: parseLockFile(lockFile) };
}

/** Throws `config` with the line that is wrong. */
export function parseLockFile({ name, text }: FoundLock): LockFile {
  if (text === null) return emptyLock;
  const parsed = parseLock(text);
  if (parsed.ok) return parsed.value;
  throw new HoldfastError(
    'config',
    `${name}: ${parsed.problem}. Mend it, or take it back from git; it is the record of every copy.`,
  );
}

/** What each use is, without asking where its copy would go: `scan` needs no backup. */
export function judgeUses(survey: Survey, work: Work): readonly JudgedUse[] {
  const { backup, exclude, includeOther } = work.config;
  const prefix = backup === null ? null : demand(parseBackupPrefix(backup));
  const judge = compileJudge({ backup: prefix, exclude, includeOther, placesOf: openPlaces(survey) });
  return survey.scan.uses.map((use) => ({ use, verdict: judge(use) }));
}

/** Where uses run, as for pull secrets; nothing is read before somebody asks. */
function openPlaces({ files, around, place }: Survey): NonNullable<CopyPolicy['placesOf']> {
  let namespaces: Namespaces | null = null;
  return ({ file, document, workload }) => {
    namespaces ??= findNamespaces([...files, ...around], place);
    return namespaces.of(file, document, workload);
  };
}

/** Every decision that names alone allow; the lock file comes before what runs. Throws `config` without a backup. */
export function planWork(survey: Survey, work: Work): CopyPlan {
  const known = new Set(survey.lock.entries.map(({ source }) => source));
  const entries = [...survey.lock.entries];
  for (const entry of work.running ?? []) {
    if (known.has(entry.source)) continue;
    known.add(entry.source);
    entries.push(entry);
  }
  const policy = { ...policyOf(work), placesOf: openPlaces(survey) };
  const plan = planCopies(survey.scan.uses, policy, { entries });
  const { only } = work;
  if (only === undefined) return plan;
  return { ...plan, steps: plan.steps.filter(({ canonical }) => only.has(canonical)) };
}

export function policyOf({ config }: Work): CopyPolicy {
  if (config.backup === null)
    throw new HoldfastError(
      'config',
      'No backup registry is given: write --backup REGISTRY/PREFIX (such as ghcr.io/acme/backup), ' +
        'or `backup: …` in .holdfast.yaml.',
    );
  return {
    backup: demand(parseBackupPrefix(config.backup)),
    naming: demand(parseNaming(config.naming)),
    exclude: config.exclude,
    includeOther: config.includeOther,
  };
}

/** Candidates, and what names a backup already: a copy that was lost is made again, a moved tag is told. */
export function stepsOf(plan: CopyPlan): readonly CopyStep[] {
  return mergeSteps([...plan.steps, ...plan.backups.flatMap(({ step }) => (step === null ? [] : [step]))]);
}

function demand<T>(parsed: { ok: true; value: T } | { ok: false; problem: string }): T {
  if (parsed.ok) return parsed.value;
  throw new HoldfastError('config', `${parsed.problem}.`);
}
