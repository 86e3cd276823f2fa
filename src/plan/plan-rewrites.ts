import { canChangeTag, canHoldDigest, type ImageUse } from '../manifests/index.ts';
import { type Digest, formatReference } from '../reference/index.ts';
import { byPlace, compareText, editedFile, textKey } from './places.ts';
import type { ChartSwitchPlan } from './plan-chart-switches.ts';
import type { PullSecretPlan } from './plan-pull-secrets.ts';
import type { BackupUse, FilePlan, KnownCopy, Pin, Rewrite } from './types.ts';

/**
 * What each use shall say, for the steps that are proven. A use whose text is right already is not rewritten, so that
 * a second run changes nothing.
 */
export function planRewrites<D extends Digest>(
  copies: readonly KnownCopy<D>[],
  pin: Pin,
): readonly Rewrite<D>[] {
  const named = copies.flatMap((copy) =>
    copy.step.uses
      .filter((use) => canName(use, copy))
      .map((use) => ({ use, to: formatFor(use, copy, pin), proof: copy.digest })),
  );
  const proven = new Set(named.map(({ use }) => placeKey(use, use.written)));
  return named
    .filter(({ use, to }) => use.hold === null && use.written !== to)
    .filter(({ use }) => (use.together ?? []).every((written) => proven.has(placeKey(use, written))))
    .toSorted((a, b) => byPlace(a.use, b.use));
}

function placeKey(use: ImageUse, written: string): string {
  return `${textKey(use) ?? use.field}\n${editedFile(use)}\n${written}`;
}

/**
 * The backup as manifests name it. With a digest the source's own tag stays readable beside it, whatever that tag
 * names in the backup; a tag alone must name the digest. A manifest that pinned a digest keeps one. `pin` is null
 * where no digest can be written.
 */
export function formatBackup({ step, digest, tag }: KnownCopy<Digest>, pin: Pin | null): string {
  return pin !== null && (pin === 'digest' || step.source.digest !== null)
    ? formatReference({ ...step.backup, tag: step.source.tag, digest })
    : formatReference({ ...step.backup, tag, digest: null });
}

function formatFor(use: ImageUse, copy: KnownCopy<Digest>, pin: Pin): string {
  const { step } = copy;
  if (!canChangeTag(use) && !canHoldDigest(use))
    return formatReference({ ...step.backup, tag: step.source.tag, digest: step.source.digest });
  return formatBackup(copy, canHoldDigest(use) ? pin : null);
}

/** Where tag and digest stand elsewhere, the backup must have that very tag or digest. */
export function canName(use: ImageUse, { step, tag, digest }: KnownCopy<Digest>): boolean {
  if (canChangeTag(use) || canHoldDigest(use)) return true;
  return step.source.digest === null ? tag === step.source.tag : digest === step.source.digest;
}

/** Every use that names a backup once the rewrites are made; those are what needs pull secrets. */
export function findBackedUses(
  backups: readonly BackupUse[],
  rewrites: readonly Rewrite<Digest>[],
): readonly ImageUse[] {
  const present = backups.flatMap((backup) => backup.uses);
  return [...new Set([...rewrites.map((rewrite) => rewrite.use), ...present])].toSorted(byPlace);
}

/** What each file shall say; sorted, and each text once, however many aliases use it. */
export function planFiles(
  rewrites: readonly Rewrite<Digest>[],
  pullSecrets: Pick<PullSecretPlan, 'additions'>,
  switches: ChartSwitchPlan['switches'] = [],
): readonly FilePlan[] {
  // What says a tag alone is moved by the edit of its name, which is a rewrite, too.
  const edited = rewrites.filter(({ use }) => use.nameAt === undefined);
  const names = [...edited.map(({ use }) => use.file), ...pullSecrets.additions.map(({ file }) => file)];
  return [...new Set(names)].toSorted(compareText).map((file): FilePlan => {
    const images = new Map<string, { readonly use: ImageUse; readonly to: string }>();
    for (const { use, to } of edited) {
      if (use.file === file) images.set(textKey(use) ?? use.field, { use, to });
    }
    const additions = pullSecrets.additions
      .filter((addition) => addition.file === file)
      .map(({ document, podSpec, names }) => ({ document, podSpec, names }));
    const turned = switches.filter((each) => each.file === file).map(({ place }) => place);
    return {
      file,
      change: {
        images: [...images.values()],
        ...(turned.length > 0 && { switches: turned }),
        pullSecrets: additions,
      },
    };
  });
}
