import { HoldfastError } from '../error.ts';
import { parseBackupPrefix, safeNamespaces } from '../plan/index.ts';
import type { ConfigFile } from './config-file.ts';
import { type Environment, expandCredentials, resolveFiles } from './expand-variables.ts';
import { mergeLayers } from './merge-layers.ts';
import type { ConfigLayer } from './schema.ts';
import { readEnvironment, readSetting, type Setting } from './settings.ts';
import type { Config, PullRequestSettings, WatchSettings } from './types.ts';

/** Everything that a configuration is made from; a face collects it. */
export interface ConfigSources {
  /** Flags, or inputs of the Action. */
  readonly flags: readonly Setting[];
  readonly env: Environment;
  readonly file: ConfigFile | null;
  /** The seeds' own variables (`seedSettings`), which the daemon reads; weaker than ours. */
  readonly seeds?: readonly Setting[];
  /** Leave `${VAR}` as they stand: for a run without secrets, which reaches no registry. */
  readonly withoutSecrets?: boolean;
}

/**
 * One validated configuration: flags over environment over file over defaults, key by key; a list replaces a list,
 * and registries are joined by host. The safe namespaces are always among the excluded. Throws `usage` for a flag and
 * `config` for the rest, naming file and line or variable, key and cure.
 */
export async function loadConfig({
  flags,
  env,
  file,
  seeds = [],
  withoutSecrets = false,
}: ConfigSources): Promise<Config> {
  const layers: ConfigLayer[] = [];
  if (file !== null) {
    // Loaded only where there is one: it takes the YAML package along.
    const { readConfigFile } = await import('./config-file.ts');
    const { layer, locate } = readConfigFile(file);
    layers.push(resolveFiles(withoutSecrets ? layer : expandCredentials(layer, env, locate), file.path));
  }
  for (const setting of seeds) layers.push(await readSetting(setting, env, 'config'));
  for (const setting of readEnvironment(env)) layers.push(await readSetting(setting, env, 'config'));
  for (const setting of flags) layers.push(await readSetting(setting, env, 'usage'));
  return complete(layers.reduce(mergeLayers, {}));
}

const pullRequestDefaults: PullRequestSettings = {
  base: null,
  labels: [],
  reviewers: [],
  teamReviewers: [],
  assignees: [],
  milestone: null,
  draft: false,
  group: 'repository',
  author: null,
  maxRequests: null,
  maxFiles: null,
  maxImages: null,
};

const watchDefaults: WatchSettings = {
  mode: 'eager',
  listen: ':8080',
  upstreamMinutes: 60,
  events: false,
  readPullSecrets: false,
};

function complete(layer: ConfigLayer): Config {
  return {
    backup: layer.backup === undefined ? null : formatBackup(layer.backup),
    naming: layer.naming ?? '{host}/{path}',
    pin: layer.pin ?? 'digest',
    paths: layer.paths ?? [],
    exclude: {
      images: layer.exclude?.images ?? [],
      namespaces: [...new Set([...safeNamespaces, ...(layer.exclude?.namespaces ?? [])])],
      paths: layer.exclude?.paths ?? [],
    },
    includePrivate: layer.includePrivate ?? false,
    includeOther: layer.includeOther ?? false,
    referrers: layer.referrers ?? true,
    foreignLayers: layer.foreignLayers ?? false,
    convertSchema1: layer.convertSchema1 ?? false,
    createRepositories: layer.createRepositories ?? false,
    pullSecret: completePullSecret(layer.pullSecret),
    platforms: layer.platforms ?? 'all',
    concurrency: layer.concurrency ?? 8,
    updates: layer.updates ?? 'report',
    registries: layer.registries ?? {},
    rules: (layer.rules ?? []).map((rule) => ({ ...rule, format: rule.format ?? 'reference' })),
    pullRequest: { ...pullRequestDefaults, ...layer.pullRequest },
    watch: { ...watchDefaults, ...layer.watch },
    repositories: (layer.repositories ?? []).map(({ url, path = '', branch = null, namespaces = ['*'] }) => ({
      url,
      path,
      branch,
      namespaces,
    })),
  };
}

export function completePullSecret(given: ConfigLayer['pullSecret']): Config['pullSecret'] {
  if (given?.name !== undefined) return { name: given.name, attach: given.attach ?? 'pod' };
  if (given?.attach === undefined || given.attach === 'none') return null;
  throw new HoldfastError(
    'config',
    'pullSecret.attach is set without a name: write pullSecret.name, --pull-secret NAME or HOLDFAST_PULL_SECRET_NAME',
  );
}

function formatBackup(text: string): string {
  const parsed = parseBackupPrefix(text);
  if (!parsed.ok) throw new HoldfastError('config', parsed.problem);
  const { registry, repository } = parsed.value;
  return repository === '' ? registry : `${registry}/${repository}`;
}
