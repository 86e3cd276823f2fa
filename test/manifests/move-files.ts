import { surveyPullSecrets } from '../../src/backup/survey-pull-secrets.ts';
import {
  type ImageUse,
  rewriteManifest,
  type Scan,
  type SourceFile,
  scanManifests,
} from '../../src/manifests/index.ts';
import {
  type CopyStep,
  emptyLock,
  findBackedUses,
  type JudgedUse,
  type PullSecret,
  parseBackupPrefix,
  parseNaming,
  planCopies,
  planFiles,
  planRewrites,
} from '../../src/plan/index.ts';
import { type Digest, parseDigest } from '../../src/reference/index.ts';

/** What a run makes of a folder when a registry answers for every image. */
export interface Moved {
  readonly files: readonly SourceFile[];
  readonly scan: Scan;
  readonly verdicts: readonly JudgedUse[];
  /** Those that were edited, and those that name a backup already. */
  readonly backed: readonly ImageUse[];
  readonly edited: readonly ImageUse[];
  readonly refused: readonly string[];
}

interface Tree {
  readonly files: readonly SourceFile[];
  readonly templates?: ReadonlySet<string>;
}

const made = demand(parseDigest(`sha256:${'0123456789abcdef'.repeat(4)}`));

/**
 * Finds, plans and edits as a run does; digests that nobody can make are those that are written. `fails` are the
 * sources that cannot be copied.
 */
export function moveFiles(
  { files, templates }: Tree,
  pullSecret: PullSecret | null = null,
  fails: (source: string) => boolean = () => false,
): Moved {
  const scan = scanManifests(files, templates ? { templates } : {});
  const policy = {
    backup: demand(parseBackupPrefix('backup.example')),
    naming: demand(parseNaming('{host}/{path}')),
    exclude: { images: [], namespaces: [], paths: [] },
  };
  const plan = planCopies(scan.uses, policy, emptyLock);
  const rewrites = planRewrites(
    plan.steps.filter(({ canonical }) => !fails(canonical)).map(copyOf),
    'digest',
  );
  const refused: string[] = [];
  const after = new Map(files.map((file) => [file.path, file]));
  const backed = findBackedUses(plan.backups, rewrites);
  const pullSecrets = surveyPullSecrets(
    { files, around: [], namespaces: scan.namespaces },
    backed,
    pullSecret,
  );
  for (const { file: path, change } of planFiles(rewrites, pullSecrets)) {
    const file = after.get(path);
    const result = file && rewriteManifest(file, change);
    if (result?.ok === true) after.set(path, { path, text: result.text });
    else refused.push(`${path}:${result?.line}: ${result?.problem}`);
  }
  return {
    files: [...after.values()],
    scan,
    verdicts: plan.verdicts,
    backed,
    edited: rewrites.map(({ use }) => use),
    refused,
  };
}

function copyOf(step: CopyStep) {
  const digest: Digest = step.source.digest ?? made;
  return { step, digest, tag: step.source.tag ?? 'digest-0123456789ab', platforms: [] };
}

function demand<T>(parsed: { ok: true; value: T } | { ok: false; problem: string }): T {
  if (parsed.ok) return parsed.value;
  throw new Error(parsed.problem);
}
