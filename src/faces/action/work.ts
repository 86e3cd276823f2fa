import type { Work } from '../../backup/index.ts';
import { type Config, type ConfigFile, type Environment, loadConfig } from '../../config/index.ts';
import { unpainted } from '../../report/index.ts';
import { readConfigSource } from '../config-file.ts';
import { formatFinished, formatWaiting } from '../progress.ts';
import { openConfiguredRegistries } from '../registries.ts';
import type { Inputs } from './inputs.ts';
import { say } from './log.ts';
import { maskRegistries } from './secrets.ts';

/** The configuration of a run whose files are trusted: inputs, environment, and the file of the checkout. */
export async function loadRunConfig(inputs: Inputs, env: Environment, folder: string): Promise<Config> {
  const file = await readConfigSource(folder, inputs.config);
  return completeConfig(inputs, env, file);
}

/** `withoutSecrets`: for requests of strangers, which reach no registry and have no secrets to reach one with. */
export async function completeConfig(
  inputs: Inputs,
  env: Environment,
  file: ConfigFile | null,
  withoutSecrets = false,
): Promise<Config> {
  const flags = withoutSecrets
    ? inputs.settings.filter(({ key }) => !key.startsWith('registries'))
    : inputs.settings;
  const config = await loadConfig({ flags, env, file, withoutSecrets });
  maskRegistries(config.registries);
  return config;
}

/** Opens the registries for as long as the work takes; what happens is told in the log. */
export async function withWork<T>(
  parts: {
    readonly config: Config;
    readonly env: Environment;
    readonly cwd: string;
    readonly signal: AbortSignal;
  },
  use: (work: Work) => Promise<T>,
): Promise<T> {
  const { config, env, cwd, signal } = parts;
  const registries = openConfiguredRegistries(config, env, (registry, until, why, kind) =>
    say(formatWaiting({ kind, registry, until, why })),
  );
  const onEvent: Work['onEvent'] = (event) => {
    if (event.kind === 'finished') say(formatFinished(event.outcome, unpainted));
  };
  try {
    return await use({ config, paths: [], cwd, registries, onEvent, signal });
  } finally {
    registries.close();
  }
}

/** Inside of Actions the job's token opens ghcr.io, however the workflow handed it in. */
export function withToken(env: Environment, { token }: Inputs): Environment {
  return token === null || env['GITHUB_TOKEN'] ? env : { ...env, GITHUB_TOKEN: token };
}
