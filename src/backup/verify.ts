import {
  type CopyOutcome,
  copyImages,
  type Damage,
  type VerifyOutcome,
  verifyBackups,
} from '../copy/index.ts';
import { HoldfastError } from '../error.ts';
import { type BackupUse, mergeSteps } from '../plan/index.ts';
import type { BackupFinding, Report } from '../report/index.ts';
import { copyOptions } from './copy.ts';
import { findStrayTag } from './find-stray-tag.ts';
import { toImageFinding } from './findings.ts';
import { planWork, policyOf } from './plan-work.ts';
import { blank, nothing, reported } from './reporting.ts';
import { inShard } from './sharding.ts';
import { surveyWork } from './survey-work.ts';
import type { Work } from './work.ts';

interface VerifyChoice {
  /** Read every blob again and hash it. */
  readonly deep: boolean;
  /** Bring again from upstream what is broken, and look once more. */
  readonly repair: boolean;
}

/** Proves that every manifest, config and blob of each backup that the manifests name is there, as it was copied. */
export async function verify(work: Work, choice: VerifyChoice): Promise<Report> {
  const survey = await surveyWork(work);
  const planned = planWork(survey, work);
  const backups = planned.backups.filter(({ reference }) => inShard(reference, work));
  const first = await lookInto(backups, work, choice.deep);
  const findings = choice.repair ? await repairBroken(backups, first, work, choice.deep) : first;
  const isWhole = findings.every(({ status }) => status === 'whole' || status === 'repaired');
  return {
    ...blank('verify', survey),
    images: planned.verdicts.map(toImageFinding),
    ...reported(survey, [], nothing, planned.backups.length === 0 ? [describeNothing(work)] : []),
    backups: findings,
    attention: !isWhole,
  };
}

/** A prefix with a typing error must not pass for a proof. */
function describeNothing(work: Work): string {
  const { registry, repository } = policyOf(work).backup;
  const prefix = repository === '' ? registry : `${registry}/${repository}`;
  return `No manifest names a backup below ${prefix}: nothing was looked at.`;
}

async function lookInto(
  backups: readonly BackupUse[],
  { registries, config, onEvent, signal }: Work,
  deep: boolean,
): Promise<readonly BackupFinding[]> {
  const references = backups.map(({ reference }) => reference);
  const outcomes = await verifyBackups(references, {
    registries,
    concurrency: config.concurrency,
    deep,
    foreignLayers: config.foreignLayers,
    ...(onEvent && { onEvent }),
    ...(signal && { signal }),
  });
  if (signal?.aborted === true)
    throw new HoldfastError('interrupted', 'Stopped before every backup was looked at. Run again.');
  return Promise.all(
    outcomes.flatMap((outcome, index) => {
      const backup = backups[index];
      return backup === undefined
        ? []
        : [toFinding(backup, outcome, { registries, ...(signal && { signal }) })];
    }),
  );
}

async function toFinding(
  backup: BackupUse,
  outcome: VerifyOutcome,
  work: Pick<Work, 'registries' | 'signal'>,
): Promise<BackupFinding> {
  const { canonical, locked, step } = backup;
  const known = { backup: canonical, source: locked?.source ?? step?.canonical ?? null };
  if (outcome.status === 'failed') {
    const none = { digest: null, manifests: 0, blobs: 0, bytes: 0, damages: [] };
    return { ...known, ...none, status: 'failed', error: outcome.error };
  }
  const { digest, manifests, blobs, bytes } = outcome;
  const strayed = await findStrayTag(backup, digest, work);
  // Whether somebody else's image is whole is not ours to say.
  const damages = strayed === null ? outcome.damages : [strayed];
  const status = damages.length === 0 ? 'whole' : 'broken';
  return { ...known, digest, manifests, blobs, bytes, damages, status, error: null };
}

/** Copies the broken ones again, part by part, then proves them again: what a registry says of a repair is no proof. */
async function repairBroken(
  backups: readonly BackupUse[],
  findings: readonly BackupFinding[],
  work: Work,
  deep: boolean,
): Promise<readonly BackupFinding[]> {
  const broken = backups.filter((_, index) => findings[index]?.status === 'broken');
  if (broken.length === 0) return findings;
  const wrong = findings.flatMap(({ damages }) => damages.filter(isWrong).map(({ digest }) => digest));
  const outcomes = await copyImages(mergeSteps(broken.flatMap(({ step }) => (step === null ? [] : [step]))), {
    ...copyOptions(work),
    // What is broken is brought back as it was, also where the tag names something newer by now.
    updates: 'ignore',
    repair: true,
    resend: new Set(wrong),
  });
  const again = new Map(
    (await lookInto(broken, work, deep)).map((finding) => [finding.backup, finding] as const),
  );
  const bySource = new Map(outcomes.map((outcome) => [outcome.step.canonical, outcome]));
  return findings.map((finding, index) => {
    const after = again.get(finding.backup);
    if (finding.status !== 'broken' || after === undefined) return finding;
    if (after.status === 'whole') return { ...after, status: 'repaired', damages: finding.damages };
    const step = backups[index]?.step ?? null;
    return { ...after, error: explain(step === null ? undefined : bySource.get(step.canonical), after) };
  });
}

function isWrong({ kind }: { readonly kind: string }): boolean {
  return kind === ('wrong-bytes' satisfies Damage['kind']);
}

function explain(outcome: CopyOutcome | undefined, after: BackupFinding): BackupFinding['error'] {
  if (after.error !== null) return after.error;
  const moved = after.damages.find(({ kind }) => kind === 'moved');
  if (moved !== undefined)
    return {
      code: 'moved',
      message:
        'No tag of the backup is ever moved, not even back: name the image otherwise, or delete the tag and run again.',
    };
  if (outcome === undefined)
    return { code: 'unknown-source', message: 'Neither lock file nor naming tells what this is a copy of.' };
  if ('error' in outcome) return outcome.error;
  if (after.damages.some(isWrong))
    return {
      code: 'unproven',
      message:
        'The registry took the bytes again and still answers wrong ones: delete the image there, collect its garbage, and run again.',
    };
  return { code: 'unproven', message: 'It was copied again, and is still not whole.' };
}
