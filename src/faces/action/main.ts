import { readFile } from 'node:fs/promises';
import { debug, setFailed, summary } from '@actions/core';
import type { Environment } from '../../config/index.ts';
import { HoldfastError } from '../../error.ts';
import { defuse, escapeText, printable, renderSummary } from '../../report/index.ts';
import { describeFailure, formatDetails } from '../failure.ts';
import { checkCreateRepositories } from '../registries.ts';
import { runCheck } from './check.ts';
import type { Ending } from './ending.ts';
import { parseEvent } from './event.ts';
import { inInputs } from './in-inputs.ts';
import { readInputs } from './inputs.ts';
import { annotate, group, say } from './log.ts';
import { decideMode } from './mode.ts';
import { writeOutputs } from './outputs.ts';
import { requireCheckout } from './require-checkout.ts';
import { judgeRewrite, runRewrite } from './rewrite.ts';
import { maskToken } from './secrets.ts';
import { loadRunConfig, withToken, withWork } from './work.ts';

/** Below GitHub's 1 MiB, with room for what else the step may write. */
const summaryLimit = 1_000_000;

/** One run of the Action, from its inputs to its outputs, summary and exit code. */
export async function main(env: Environment, cwd: string, signal: AbortSignal): Promise<void> {
  try {
    const workspace = env['GITHUB_WORKSPACE'] || cwd;
    const ending = await run(trustCheckout(withoutInputs(env), workspace), workspace, signal);
    if (ending === null) return;
    const { report, failure, ...shown } = ending;
    if (report.files === 0)
      annotate('warning', [
        'No manifest was found: look at the inputs paths and exclude-paths, and at what actions/checkout checks out.',
      ]);
    await writeOutputs(report, env);
    await writeSummary(env, renderSummary(report, { limit: summaryLimit, ...shown }));
    if (failure !== null) setFailed(printable(failure));
  } catch (error) {
    const message = inInputs(describeFailure(error).message);
    for (const line of formatDetails(error).split('\n')) debug(defuse(line));
    setFailed(printable(message));
    await writeSummary(env, `## holdfast\n\n**Stopped:** ${escapeText(message)}\n`);
  }
}

async function run(env: Environment, cwd: string, signal: AbortSignal): Promise<Ending | null> {
  const inputs = readInputs();
  maskToken(inputs.token, env['GITHUB_ACTOR']);
  const event = parseEvent(env, await readPayload(env));
  if (event.kind !== 'pull-request-target') await requireCheckout(cwd);
  if (event.kind === 'pull-request' || event.kind === 'merge-group') {
    const { why } = decideMode(inputs.mode, event, null);
    say(`mode: check (${why})`);
    return runCheck({ inputs, event, env, cwd, signal });
  }
  const config = await loadRunConfig(inputs, env, cwd);
  const { mode, why } = decideMode(inputs.mode, event, config.pullRequest.base);
  say(`mode: ${mode} (${why})`);
  if (mode === 'none') return null;
  if (mode === 'check') return runCheck({ inputs, event, env, cwd, signal });
  if (!inputs.dryRun) checkCreateRepositories(config, env);
  return withWork({ config, env: withToken(env, inputs), cwd, signal }, async (work) => {
    const report = await group('Copying and proposing', () => runRewrite(work, env, inputs));
    return { report, failure: judgeRewrite(report, inputs), dryRun: inputs.dryRun };
  });
}

/** Inputs may be secrets, and children (git, credential helpers) have no use for them. */
function withoutInputs(env: Environment): Environment {
  return Object.fromEntries(Object.entries(env).filter(([name]) => !name.startsWith('INPUT_')));
}

/**
 * In a job with a `container` the checkout belongs to the runner's user and we are another, which git takes for an
 * attack. The workspace is the job's own; this is said in the environment, after what stands there (git-config(1)).
 */
function trustCheckout(env: Environment, workspace: string): Environment {
  const count = Number.parseInt(env['GIT_CONFIG_COUNT'] ?? '0', 10) || 0;
  return {
    ...env,
    [`GIT_CONFIG_KEY_${count}`]: 'safe.directory',
    [`GIT_CONFIG_VALUE_${count}`]: workspace,
    GIT_CONFIG_COUNT: String(count + 1),
  };
}

async function readPayload(env: Environment): Promise<unknown> {
  const path = env['GITHUB_EVENT_PATH'];
  if (!path) return {};
  try {
    return JSON.parse(await readFile(path, 'utf8'));
  } catch (cause) {
    throw new HoldfastError(
      'environment',
      `The event file ${path} cannot be read: run the Action in a workflow of GitHub.`,
      {
        cause,
      },
    );
  }
}

/** A summary that cannot be written is no reason to fail. */
async function writeSummary(env: Environment, text: string): Promise<void> {
  if (!env['GITHUB_STEP_SUMMARY']) return;
  try {
    await summary.addRaw(text).write();
  } catch (error) {
    summary.emptyBuffer();
    say(`The job summary could not be written: ${describeFailure(error).message}`);
  }
}
