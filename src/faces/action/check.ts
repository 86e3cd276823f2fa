import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { review, type Work } from '../../backup/index.ts';
import type { Config, Environment } from '../../config/index.ts';
import { HoldfastError } from '../../error.ts';
import {
  type Change,
  type GitHub,
  githubAddress,
  githubServer,
  openChange,
  openGitHub,
  parseRemoteUrl,
} from '../../forge/index.ts';
import { formatAnnotations, formatCount, type Report } from '../../report/index.ts';
import { readConfigSource } from '../config-file.ts';
import type { Ending } from './ending.ts';
import type { RunEvent } from './event.ts';
import type { Inputs } from './inputs.ts';
import { explainFailure, type Judged, judge, weigh } from './judge.ts';
import { annotate, group, say } from './log.ts';
import { tellRequest } from './tell-request.ts';
import { completeConfig, withToken, withWork } from './work.ts';

/** A check of one event. */
export interface CheckCall {
  readonly inputs: Inputs;
  readonly event: RunEvent;
  readonly env: Environment;
  /** Of the checkout. */
  readonly cwd: string;
  readonly signal: AbortSignal;
}

/** Looks at the images of the change, and says what it adds that is not backed up. */
export async function runCheck(call: CheckCall): Promise<Ending | null> {
  const { inputs, event, env, cwd, signal } = call;
  const isRestricted = event.kind === 'pull-request' && event.restricted;
  const github = openActionGitHub(inputs, env);
  const change = await openEventChange(call, github);
  return withBase(change, async (base) => {
    // Who writes a change must not choose what it is checked against.
    const file = await readConfigSource(base ?? cwd, inputs.config);
    const config = await completeConfig(inputs, env, file, isRestricted);
    if (config.backup === null && base !== null && (await hasBackup(cwd, inputs, env))) {
      annotate('notice', [
        'The base branch does not name a backup yet: this is checked once the configuration is merged.',
      ]);
      return null;
    }
    return withWork(
      { config, env: isRestricted ? withoutCredentials(env) : withToken(env, inputs), cwd, signal },
      async (work) => {
        const changed = change?.paths ?? null;
        const reach = isRestricted ? 'names' : mayCopy(inputs, event) ? 'copy' : 'look';
        const reviewed = await group('Looking at the images', () =>
          review(withoutPlans(work), { base, changed, isAddedLine: change?.lines.isAdded, reach }),
        );
        const { report, silence, isWhole, needsSecret, excused } = reviewed;
        if (silence !== null)
          annotate('warning', [
            `The backup registry gives no answer, so that images are judged by names and the lock file of the base alone. ${silence}`,
          ]);
        const [first, ...others] = excused;
        if (first !== undefined) {
          const more = others.length === 0 ? '' : ` (and ${others.length} more: the job summary names them)`;
          annotate('warning', [`${first}${more}`]);
        }
        const problems = judge(reviewed, inputs.failOn);
        tellLog(problems, report);
        if (event.kind === 'pull-request' && !event.restricted && github !== null && change !== null)
          await tellRequest({
            inputs,
            config,
            event,
            github,
            change,
            report,
            problems,
            isWhole,
            needsSecret,
          });
        return { report, failure: explainFailure(problems), dryRun: false, problems: weigh(problems) };
      },
    );
  });
}

/** What the event changes; null where there is nothing to compare with, so that everything counts as new. */
async function openEventChange(
  { event, cwd, env, inputs }: CheckCall,
  github: GitHub | null,
): Promise<Change | null> {
  if (!('base' in event) || event.base === null) return null;
  const { base, head } = event;
  try {
    return await openChange(cwd, { base, head }, { environment: env, token: inputs.token, github });
  } catch (error) {
    // Of a request the base also has the configuration, which must not be the request's own.
    if (event.kind !== 'push' || !(error instanceof HoldfastError) || error.code !== 'conflict') throw error;
    annotate('warning', [
      `The commit ${base.slice(0, 12)} of before this push is gone, as after a force-push: every image counts as new.`,
    ]);
    return null;
  }
}

/** What would be copied is no event of a check: its annotations say what is missing. */
function withoutPlans(work: Work): Work {
  const onEvent: Work['onEvent'] = (event) => {
    if (event.kind !== 'finished' || event.outcome.status !== 'planned') work.onEvent?.(event);
  };
  return { ...work, onEvent };
}

/** What is new or fails; what was there before is for the summary alone. */
function tellLog(problems: readonly Judged[], report: Report): void {
  const told = problems.filter(({ added, fails }) => added || fails);
  process.stdout.write(formatAnnotations(weigh(told)));
  for (const note of report.notes) say(`note: ${note}`);
  const old = problems.length - told.length;
  if (old > 0) say(`${formatCount(old, 'problem')} of before: the job summary names them.`);
}

/** Copies are made for people who may write here, never for a fork: it would be a way to fill the registry. */
function mayCopy({ copyOnPullRequest, dryRun, trustedAuthors }: Inputs, event: RunEvent): boolean {
  if (!copyOnPullRequest || dryRun || event.kind !== 'pull-request' || event.restricted) return false;
  return (
    ['OWNER', 'MEMBER', 'COLLABORATOR'].includes(event.association) ||
    trustedAuthors.includes(event.author.toLowerCase())
  );
}

/** GitHub as the environment of the job names it; null without a token. */
function openActionGitHub({ token }: Inputs, env: Environment): GitHub | null {
  const [server, repository] = [env['GITHUB_SERVER_URL'], env['GITHUB_REPOSITORY']];
  if (token === null || !server || !repository) return null;
  const address = githubAddress(parseRemoteUrl(`${server}/${repository}`), null, githubServer(env));
  return address && openGitHub(address, { token, onWait: say });
}

/** Docker's files and the job's token stay out of it. */
function withoutCredentials(env: Environment): Environment {
  const kept = { ...env };
  for (const name of ['GITHUB_TOKEN', 'DOCKER_CONFIG', 'REGISTRY_AUTH_FILE', 'XDG_RUNTIME_DIR'])
    delete kept[name];
  return kept;
}

async function hasBackup(cwd: string, inputs: Inputs, env: Environment): Promise<boolean> {
  const file = await readConfigSource(cwd, inputs.config);
  const config: Config | null = file && (await completeConfig(inputs, env, file, true));
  return config !== null && config.backup !== null;
}

/** The files of the base in a folder that goes when the work is done; null when there is no base. */
async function withBase<T>(change: Change | null, use: (folder: string | null) => Promise<T>): Promise<T> {
  if (change === null) return use(null);
  const folder = await mkdtemp(join(tmpdir(), 'holdfast-base-'));
  try {
    await change.writeBase(folder);
    return await use(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
