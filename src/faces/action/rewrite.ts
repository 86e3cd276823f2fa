import type { Work } from '../../backup/index.ts';
import type { Environment } from '../../config/index.ts';
import type { Report } from '../../report/index.ts';
import { formatProposal, isUnknown, unpainted } from '../../report/index.ts';
import { runPullRequest } from '../pull-request.ts';
import { inInputs } from './in-inputs.ts';
import type { Inputs } from './inputs.ts';
import { annotate, say } from './log.ts';

/** Copies, proves, and opens or refreshes the pull request. */
export async function runRewrite(work: Work, env: Environment, inputs: Inputs): Promise<Report> {
  const { token, commitVia, recreateClosed, dryRun } = inputs;
  const report = await runPullRequest(work, env, {
    place: { folder: work.cwd },
    token,
    githubApi: null,
    commitVia,
    recreateClosed,
    dryRun,
    onStep: ({ sentence }) => say(dryRun ? `would ${sentence}` : sentence),
    onWait: say,
  });
  return {
    ...report,
    notes: report.notes.map(inInputs),
    proposals: report.proposals.map((proposal) => ({
      ...proposal,
      explanation: proposal.explanation && inInputs(proposal.explanation),
    })),
  };
}

/** Tells what became of it. Answers why the step fails, or null. */
export function judgeRewrite(report: Report, { failOn, dryRun }: Inputs): string | null {
  for (const proposal of report.proposals) say(formatProposal(proposal, { paint: unpainted, dryRun }));
  for (const note of report.notes) say(`note: ${note}`);
  const told = report.proposals.flatMap(({ operation, explanation, warnings }) =>
    operation === 'held' ? [...warnings, explanation ?? 'left alone'] : warnings,
  );
  const said = (status: string) =>
    report.copies.flatMap((copy) =>
      copy.status === status && copy.error ? [nameImage(copy.source, copy.error.message)] : [],
    );
  const failed = said('failed');
  const unread = report.skipped
    .filter(isUnknown)
    .map(({ file, line, message }) => `${file}${line > 0 ? `:${line}` : ''}: ${message}`);
  if (failOn !== 'none') annotate('error', failed);
  annotate('warning', [...told, ...said('private'), ...unread, ...(failOn === 'none' ? failed : [])]);
  // Nobody would ever see the branch: this cannot pass as done.
  const pushed = report.proposals.find(({ operation }) => operation === 'pushed');
  if (pushed) return [pushed.explanation, pushed.url].filter((part) => part !== null).join(' ');
  if (failed.length === 0 || failOn === 'none') return null;
  return `${failed.length} of ${report.copies.length} images could not be copied; their references were left alone.`;
}

/** Most messages name their image already. */
function nameImage(source: string, message: string): string {
  return message.includes(source) ? message : `${source}: ${message}`;
}
