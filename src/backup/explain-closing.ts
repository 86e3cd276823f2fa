import { branchName, groupOf, type ProposeOptions, type Target } from '../forge/index.ts';
import { parseLock } from '../plan/index.ts';
import { formatCount, isUnbacked, type Report } from '../report/index.ts';
import type { Part, ProposeWork } from './change-sets.ts';
import { toImageFinding } from './findings.ts';
import { judgeUses } from './plan-work.ts';
import type { Survey } from './survey.ts';
import { surveyWork } from './survey-work.ts';
import type { Work } from './work.ts';

/** What a run knows when a request has nothing to change any more. */
export interface ClosingFacts {
  readonly work: Work;
  readonly survey: Survey;
  readonly report: Report;
  readonly parts: ReadonlyMap<string | null, Pick<Part<never>, 'changes'>>;
  readonly target: Target;
  readonly options: ProposeWork;
}

/** Why the request of a group goes, where it is not because all that it was about is done: then null. */
export function explainClosing(
  group: string | null,
  facts: ClosingFacts,
): NonNullable<ProposeOptions['explainClosing']> {
  return async () => explainGroup(group, facts) ?? (await explainRest(group, facts));
}

/** The setting `group` was changed, and the same is proposed in another request. */
function explainGroup(group: string | null, { parts, options }: ClosingFacts): string | null {
  const changed = [...parts.values()].flatMap(({ changes }) => changes);
  if (options.group === 'directory' && group === null && changed.length > 0)
    return 'Closed: with `group: directory` each top directory has a request of its own, and what this one proposed belongs to those.';
  if (options.group === 'repository' && changed.some(({ path }) => group !== null && groupOf(path) === group))
    return 'Closed: with `group: repository` there is one request for all directories, and what this one proposed belongs to it.';
  return null;
}

/** What the request was about is still there, and is only not to be moved any more. */
async function explainRest(group: string | null, facts: ClosingFacts): Promise<string | null> {
  const { work, report } = facts;
  const about = await listSources(group, facts);
  const concerns = ({ canonical, use }: Report['images'][number]): boolean =>
    canonical !== null && about.has(canonical) && (group === null || groupOf(use.file) === group);
  const stuck = report.images.filter((image) => concerns(image) && isUnbacked(image)).length;
  if (stuck > 0)
    return `Closed: ${formatCount(stuck, 'image reference')} of this request cannot be moved to the backup any more, and nothing else is left to change. The summary of the run says why.`;
  const everything = { images: [], namespaces: [], paths: [] };
  const whole = { ...work, config: { ...work.config, paths: [], exclude: everything } };
  const uses = judgeUses(await surveyWork(whole), whole).map(toImageFinding);
  const left = uses.filter((image) => concerns(image) && image.state !== 'backup').length;
  if (left === 0) return null;
  return `Closed: ${formatCount(left, 'image reference')} of this request ${left === 1 ? 'is' : 'are'} left out now, by \`paths\` or \`exclude\` of the configuration or by a word in the manifest, and nothing else is left to change.`;
}

/** What the request's lock file records and the base's does not. */
async function listSources(
  group: string | null,
  { survey, target: { checkout }, options: { branchPrefix = 'holdfast' } }: ClosingFacts,
): Promise<ReadonlySet<string>> {
  const head = await checkout.findBranch(branchName(branchPrefix, checkout.base.branch, group));
  const bytes = head && (await checkout.readAt(head, survey.lockFile.name));
  const parsed = bytes ? parseLock(bytes.toString('utf8')) : null;
  const merged = new Set(survey.lock.entries.map(({ source }) => source));
  const entries = parsed?.ok ? parsed.value.entries : [];
  return new Set(entries.flatMap(({ source }) => (merged.has(source) ? [] : [source])));
}
