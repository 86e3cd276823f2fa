import { type ConfigFile, readConfigFile } from './config-file.ts';
import type { ConfigLayer } from './schema.ts';
import type { Config } from './types.ts';

/** A configuration for one repository, and the keys of its file that were not taken, for the log. */
export interface RepositoryConfig {
  readonly config: Config;
  readonly ignored: readonly string[];
}

/**
 * What the file of a cloned repository may set: it is not trusted more than its writers. Paths, rules and pull-request
 * options are taken, exclusions are added to; backup, registries and credentials never come from it, and its
 * `${VAR}` are not expanded, so that nobody reads the daemon's environment by a commit.
 */
export function restrictToRepository(config: Config, file: ConfigFile): RepositoryConfig {
  const { layer } = readConfigFile(file);
  const { exclude = {}, paths, rules, pullRequest } = layer;
  const join = (ours: readonly string[], theirs: readonly string[] = []) => [
    ...new Set([...ours, ...theirs]),
  ];
  return {
    config: {
      ...config,
      paths: paths ?? config.paths,
      exclude: {
        images: join(config.exclude.images, exclude.images),
        namespaces: join(config.exclude.namespaces, exclude.namespaces),
        paths: join(config.exclude.paths, exclude.paths),
      },
      rules: [
        ...config.rules,
        ...(rules ?? []).map((rule) => ({ ...rule, format: rule.format ?? 'reference' })),
      ],
      pullRequest: { ...config.pullRequest, ...pullRequest },
    },
    ignored: Object.keys(layer)
      .filter((key) => !allowed.has(key))
      .toSorted(),
  };
}

const allowed: ReadonlySet<string> = new Set<keyof ConfigLayer>(['paths', 'exclude', 'rules', 'pullRequest']);
