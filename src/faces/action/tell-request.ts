import { createHash } from 'node:crypto';
import type { Config } from '../../config/index.ts';
import { HoldfastError } from '../../error.ts';
import { type Change, type GitHub, keepComment, suggestLines } from '../../forge/index.ts';
import { formatCount, type Report, renderReviewComment, renderSuggestions } from '../../report/index.ts';
import type { RunEvent } from './event.ts';
import type { Inputs } from './inputs.ts';
import type { Judged } from './judge.ts';
import { say } from './log.ts';

/**
 * Says it on the pull request itself: suggestions on its lines, and one comment. The annotations have said it already,
 * so what GitHub refuses here is one line of the log, and never fails the step.
 */
export async function tellRequest(parts: {
  readonly inputs: Inputs;
  readonly config: Config;
  readonly event: Extract<RunEvent, { kind: 'pull-request' }>;
  readonly github: GitHub;
  readonly change: Change;
  readonly report: Report;
  readonly problems: readonly Judged[];
  /** Whether the report's edits are all that can be suggested, and Pods need a pull secret besides. */
  readonly isWhole: boolean;
  readonly needsSecret: boolean;
}): Promise<void> {
  const { inputs, config, event, github, change, report, problems, isWhole, needsSecret } = parts;
  if (inputs.dryRun) return;
  const request = { number: event.number, head: event.head, key: keyOf(config) };
  const told = problems.filter(({ added, fails }) => added || fails);
  if (inputs.suggestions)
    await attempt('suggestions', async () => {
      const added = told.filter((one) => one.added).map(({ problem }) => problem);
      const lines = renderSuggestions(added, report, { fits: change.lines.isShown, needsSecret });
      const same =
        lines.length === 0 ? new Set() : await change.findSameInHead(lines.map(({ path }) => path));
      const { added: count, removed } = await suggestLines(
        github,
        request,
        lines.filter(({ path }) => same.has(path)),
        isWhole,
      );
      if (count > 0) say(`made ${formatCount(count, 'suggestion')} on the pull request`);
      if (removed > 0) say(`took back ${formatCount(removed, 'suggestion')} of an earlier run`);
    });
  if (inputs.comment)
    await attempt('the comment', async () => {
      const { body, resolved } = renderReviewComment(told.map(({ problem }) => problem));
      await keepComment(github, request, { body: told.length === 0 ? null : body, resolved });
    });
}

/** What two checks in one workflow differ in. */
function keyOf({ backup, paths, exclude }: Config): string {
  const facts = JSON.stringify([backup, paths.toSorted(), exclude.paths.toSorted()]);
  return createHash('sha256').update(facts).digest('hex').slice(0, 12);
}

async function attempt(what: string, work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (!(error instanceof HoldfastError)) throw error;
    say(`without ${what}: ${error.message}`);
  }
}
