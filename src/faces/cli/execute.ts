import {
  check,
  copy,
  plan,
  planShards,
  readShard,
  restore,
  rewrite,
  scan,
  verify,
  type Work,
} from '../../backup/index.ts';
import { loadConfig, type Setting } from '../../config/index.ts';
import type { CopyEvent } from '../../copy/index.ts';
import { HoldfastError } from '../../error.ts';
import { printable, type Report } from '../../report/index.ts';
import { readConfigSource } from '../config-file.ts';
import { findToken } from '../find-token.ts';
import { checkCreateRepositories, openConfiguredRegistries } from '../registries.ts';
import { clusterOptions } from './cluster.ts';
import type { CommandName } from './command-name.ts';
import type { Io } from './io.ts';
import { type OptionRow, optionRows } from './options.ts';
import type { Invocation } from './program.ts';

interface CallOptions {
  readonly dryRun: boolean;
  readonly deep: boolean;
  readonly repair: boolean;
  readonly matrix: number | null;
  /** Where `helm` is looked for; null where nothing is to be rendered. */
  readonly render: { readonly path: string | undefined } | null;
}

type UseCase = (work: Work, options: CallOptions) => Promise<Report>;

const useCases: Readonly<
  Record<Exclude<CommandName, 'demo' | 'pr' | 'prune' | 'secret' | 'watch'>, UseCase>
> = {
  scan,
  plan: (work, { matrix, render }) => (matrix === null ? plan(work, { render }) : planShards(work, matrix)),
  check,
  copy,
  restore,
  verify: (work, { deep, repair, dryRun }) => verify(work, { deep, repair: repair && !dryRun }),
  rewrite: (work, { dryRun }) => (dryRun ? plan(work) : rewrite(work)),
};

/** Translates the call into configuration and work, and runs its use case. */
export async function execute(
  invocation: Invocation,
  io: Io,
  onEvent: (event: CopyEvent) => void,
): Promise<Report> {
  const { command, paths, values } = invocation;
  if (command === 'demo' || command === 'secret' || command === 'watch')
    throw new TypeError(`${command} is no use case`);
  const named = typeof values['config'] === 'string' ? values['config'] : null;
  const file = await readConfigSource(io.cwd, named);
  const config = await loadConfig({ flags: readSettings(values), env: io.env, file });
  const isWriting = command === 'copy' || command === 'rewrite' || command === 'pr';
  if (isWriting && values['dry-run'] !== true) checkCreateRepositories(config, io.env);
  const registries = openConfiguredRegistries(config, io.env, (registry, until, why, kind) =>
    onEvent({ kind, registry, until, why }),
  );
  try {
    const plain = { config, paths, cwd: io.cwd, registries, onEvent, signal: io.signal };
    if (command === 'prune') {
      const { executePrune } = await import('./prune.ts');
      return await executePrune(plain, invocation, io);
    }
    const work = { ...plain, ...readTarget(invocation, io), ...readPart(values) };
    if (command === 'pr') return await executePullRequest(work, invocation, io);
    return await useCases[command](work, readCall(values, io));
  } finally {
    registries.close();
  }
}

async function executePullRequest(work: Work, { values }: Invocation, io: Io): Promise<Report> {
  // Loaded only here: git and GitHub take longer to load than the rest.
  const { runPullRequest } = await import('../pull-request.ts');
  const dryRun = values['dry-run'] === true;
  const say = (text: string) => values['quiet'] !== true && io.stderr.write(`${printable(text)}\n`);
  return runPullRequest(work, io.env, {
    place: typeof values['clone'] === 'string' ? { clone: values['clone'] } : { folder: io.cwd },
    token: findToken(io.env),
    githubApi: typeof values['github-api'] === 'string' ? values['github-api'] : null,
    commitVia: values['commit-via'] === 'api' ? 'api' : 'git',
    recreateClosed: (values['recreate-closed'] ?? 'auto') as 'auto' | 'always' | 'never',
    dryRun,
    named: readSettings(values).map(({ key }) => key),
    onStep: ({ sentence }) => say(dryRun ? `would ${sentence}` : sentence),
    onWait: say,
  });
}

function readCall(values: Invocation['values'], io: Io): CallOptions {
  return {
    dryRun: values['dry-run'] === true,
    deep: values['deep'] === true,
    repair: values['repair'] === true,
    matrix: typeof values['matrix'] === 'number' ? values['matrix'] : null,
    render: values['render'] === true ? { path: io.env['PATH'] } : null,
  };
}

function readPart({ shard, refresh }: Invocation['values']): Pick<Work, 'shard' | 'refresh'> {
  return { refresh: refresh === true, ...(typeof shard === 'string' && { shard: readShard(shard) }) };
}

/** What stands in place of paths. */
function readTarget({ paths, values }: Invocation, io: Io): Pick<Work, 'images' | 'cluster'> {
  const { image, cluster } = values;
  const given = [paths.length > 0 && 'paths', image && '--image', cluster && '--cluster'].filter(Boolean);
  if (given.length > 1)
    throw new HoldfastError(
      'usage',
      `Give ${given.join(' or ')}, not both: each is a place to take images from.`,
    );
  if (Array.isArray(image)) return { images: image };
  if (!cluster) return {};
  return { cluster: clusterOptions(typeof cluster === 'string' ? cluster : null, io.env) };
}

/** The options that were written and stand for a key of the configuration. */
export function readSettings(values: Invocation['values']): Setting[] {
  const rows: readonly OptionRow[] = optionRows;
  return rows.flatMap(({ flag, key }) => {
    const value = values[flag];
    return key === null || value === undefined ? [] : [{ from: `--${flag}`, key, value }];
  });
}
