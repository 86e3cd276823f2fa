import { HoldfastError } from '../error.ts';
import { findPodSpecs, findServiceAccounts, type SourceFile } from '../manifests/index.ts';
import { type FilePlan, planRestore } from '../plan/index.ts';
import type { Report } from '../report/index.ts';
import { toImageFinding } from './findings.ts';
import { applyEdits, type Edits } from './plan-edits.ts';
import { judgeUses, policyOf } from './plan-work.ts';
import { blank, reported } from './reporting.ts';
import type { Survey } from './survey.ts';
import { surveyWork } from './survey-work.ts';
import type { Work } from './work.ts';
import { writeEdits } from './write-back.ts';

/** The way back: manifests name their sources again, as the lock file knows them. Offline. */
export async function restore(work: Work, { dryRun = false } = {}): Promise<Report> {
  const survey = await surveyWork(work);
  const { folder, name, text } = survey.lockFile;
  if (text === null)
    throw new HoldfastError(
      'usage',
      `There is no ${name} in ${folder}, and nothing else tells the sources: restore where it is committed.`,
    );
  const { files, left } = planRestore(
    survey.scan.uses,
    survey.lock,
    work.config.backup === null ? null : policyOf(work).backup,
  );
  const edits = applyEdits(survey.files, files);
  const done = dryRun ? edits : await writeEdits(survey, edits);
  const notes = left.map(({ use, explanation }) => `${use.file}:${use.line} ${use.written}: ${explanation}`);
  return {
    ...blank('restore', survey),
    images: judgeUses(survey, work).map(toImageFinding),
    ...reported(survey, [], done, [...notes, ...describeAdditions(survey, files, done, work)]),
    attention: left.length > 0 || done.refused.length > 0,
  };
}

/** What a rewrite may have added stays, as nothing tells it from what a person wrote; and none of it does harm. */
function describeAdditions(
  survey: Survey,
  files: readonly FilePlan[],
  { changes }: Edits,
  { config }: Work,
): readonly string[] {
  if (changes.length === 0) return [];
  const changed = new Set(changes.map(({ path }) => path));
  const overlays = files
    .filter(({ file }) => changed.has(file))
    .filter(({ change }) => change.images.some(({ use }) => use.field.includes('images[')))
    .map(({ file }) => file);
  const secret = config.pullSecret?.name ?? null;
  const holders = survey.files
    .filter((file) => secret !== null && namesSecret(file, secret))
    .map(({ path }) => path);
  const switched = changes
    .filter(({ before }) => /\ballowInsecureImages["']?: *true\b/.test(before))
    .map(({ path }) => path);
  const note = (paths: readonly string[], sentence: string): readonly string[] =>
    paths.length === 0 ? [] : [`${paths.join(', ')}: ${sentence}`];
  return [
    ...note(
      overlays,
      'the entries of `images` stay, also those that a rewrite added, and name the sources again; take out by hand those that only repeat what their base says.',
    ),
    ...note(
      holders,
      `the pull secret ${secret} stays, also where a rewrite added it; take it out by hand where nothing else needs it.`,
    ),
    ...note(switched, 'allowInsecureImages stays true; set it back by hand if it was not so before.'),
  ];
}

function namesSecret(file: SourceFile, secret: string): boolean {
  return (
    file.text.includes(secret) &&
    [...findPodSpecs(file), ...findServiceAccounts(file)].some(
      ({ imagePullSecrets }) => imagePullSecrets?.includes(secret) === true,
    )
  );
}
