import { isDeepStrictEqual } from 'node:util';
import { type ConfigFile, readConfigFile } from './config-file.ts';
import { configFileNames } from './config-file-names.ts';
import { completePullSecret } from './load-config.ts';
import type { ConfigLayer } from './schema.ts';
import type { Config } from './types.ts';

/** A configuration for one repository, and the keys of its file that were not taken, for the log. */
export interface RepositoryConfig {
  readonly config: Config;
  readonly ignored: readonly string[];
  /** Those of them that decide what a request says: with both at work, each would rewrite the other's. */
  readonly conflicts: readonly string[];
}

/** The configuration file of a repository, by the first name that it has one of; `read` answers null where there is none. */
export async function findRepositoryFile(
  read: (path: string) => Promise<Buffer | null>,
): Promise<ConfigFile | null> {
  for (const path of configFileNames) {
    const bytes = await read(path);
    if (bytes !== null) return { path, text: bytes.toString('utf8') };
  }
  return null;
}

/**
 * What the file of a cloned repository may set: it is not trusted more than its writers. What its writers could write
 * into its manifests themselves is taken: paths, rules, how an image is named, pull-request options; exclusions are
 * added to. Where copies go, what is copied with whose credentials, and registries never come from it, and its
 * `${VAR}` are not expanded, so that nobody reads the daemon's environment by a commit.
 */
export function restrictToRepository(config: Config, file: ConfigFile): RepositoryConfig {
  const { layer } = readConfigFile(file);
  const { exclude = {}, paths, rules, pullRequest, pin, updates, includeOther, pullSecret } = layer;
  const join = (ours: readonly string[], theirs: readonly string[] = []) => [
    ...new Set([...ours, ...theirs]),
  ];
  const ignored = Object.entries(layer)
    .filter(([key, value]) => !allowed.has(key) && !isSame(config[key as keyof Config], value))
    .map(([key]) => key)
    .toSorted();
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
      pin: pin ?? config.pin,
      updates: updates ?? config.updates,
      includeOther: includeOther ?? config.includeOther,
      pullSecret: pullSecret === undefined ? config.pullSecret : completePullSecret(pullSecret),
    },
    ignored,
    conflicts: ignored.filter((key) => deciding.has(key)),
  };
}

const allowed: ReadonlySet<string> = new Set<keyof ConfigLayer>([
  'paths',
  'exclude',
  'rules',
  'pullRequest',
  'pin',
  'updates',
  'includeOther',
  'pullSecret',
]);
const deciding: ReadonlySet<string> = new Set<keyof ConfigLayer>([
  'backup',
  'naming',
  'platforms',
  'includePrivate',
  'convertSchema1',
]);

/** A backup may be written with capitals. */
function isSame(ours: unknown, theirs: unknown): boolean {
  if (typeof ours === 'string' && typeof theirs === 'string')
    return ours.toLowerCase() === theirs.toLowerCase();
  return isDeepStrictEqual(ours, theirs);
}
