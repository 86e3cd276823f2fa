import { HoldfastError } from '../error.ts';
import { nearest } from '../plan/index.ts';
import { type Environment, expandCredentials } from './expand-variables.ts';
import { checkLayer, formatKey } from './problems.ts';
import type { ConfigLayer } from './schema.ts';

/** One value from outside of the file. `from` is what a person calls it: `--naming`, `HOLDFAST_NAMING`. */
export interface Setting {
  readonly from: string;
  /** Dotted key; `registries.*.endpoint` takes `HOST=URL`, `registries.*.plainHttp` takes hosts. */
  readonly key: SettingKey;
  /** `registries` of a map is taken as it is, from text `${VAR}` is expanded. */
  readonly value: string | number | boolean | readonly string[] | { readonly [key: string]: unknown };
}

type Kind = 'text' | 'list' | 'number' | 'switch' | 'yaml' | 'platforms' | 'endpoints' | 'hosts';

/** How text becomes the value of each key. Lists are separated by commas or line ends. */
const kinds = {
  backup: 'text',
  naming: 'text',
  pin: 'text',
  paths: 'list',
  'exclude.images': 'list',
  'exclude.namespaces': 'list',
  'exclude.paths': 'list',
  includePrivate: 'switch',
  includeOther: 'switch',
  referrers: 'switch',
  foreignLayers: 'switch',
  convertSchema1: 'switch',
  createRepositories: 'switch',
  'pullSecret.name': 'text',
  'pullSecret.attach': 'text',
  platforms: 'platforms',
  concurrency: 'number',
  updates: 'text',
  registries: 'yaml',
  'registries.*.endpoint': 'endpoints',
  'registries.*.plainHttp': 'hosts',
  rules: 'yaml',
  'pullRequest.base': 'text',
  'pullRequest.labels': 'list',
  'pullRequest.reviewers': 'list',
  'pullRequest.teamReviewers': 'list',
  'pullRequest.assignees': 'list',
  'pullRequest.milestone': 'number',
  'pullRequest.draft': 'switch',
  'pullRequest.group': 'text',
  'pullRequest.author': 'text',
  'pullRequest.maxRequests': 'number',
  'pullRequest.maxFiles': 'number',
  'pullRequest.maxImages': 'number',
  'watch.mode': 'text',
  'watch.listen': 'text',
  'watch.upstreamMinutes': 'number',
  'watch.events': 'switch',
  'watch.readPullSecrets': 'switch',
  repositories: 'yaml',
} as const satisfies Record<string, Kind>;

/** A key that a flag, an Action input or a variable can set. */
export type SettingKey = keyof typeof kinds;

function isSettingKey(key: string): key is SettingKey {
  return Object.hasOwn(kinds, key);
}

/** `exclude.images` is `HOLDFAST_EXCLUDE_IMAGES`; `registries.*.endpoint` is `HOLDFAST_ENDPOINT`. */
function formatVariable(key: SettingKey): string {
  const words = key.replace(/^registries\.\*\./, '').replace(/([a-z])([A-Z])/g, '$1_$2');
  return `HOLDFAST_${words.replaceAll('.', '_').toUpperCase()}`;
}

/** Every `HOLDFAST_` variable, sorted by key, with the key that it sets. */
export const variables: ReadonlyMap<string, SettingKey> = new Map(
  Object.keys(kinds)
    .filter(isSettingKey)
    .map((key) => [formatVariable(key), key]),
);

/**
 * The `HOLDFAST_` variables that are set; an empty one counts as not set. Kubernetes adds variables of its own for a
 * Service of our name, so only a likely slip is an error.
 */
export function readEnvironment(env: Environment): readonly Setting[] {
  const settings: Setting[] = [];
  for (const name of Object.keys(env).toSorted()) {
    const value = env[name];
    if (!name.startsWith('HOLDFAST_') || value === undefined || value.trim() === '') continue;
    const key = variables.get(name);
    if (key !== undefined) settings.push({ from: name, key, value });
    else refuseSlip(name);
  }
  return settings;
}

/** One layer of settings that were checked one by one, so that a problem names the flag or variable it came by. */
export async function readSetting(
  setting: Setting,
  env: Environment,
  code: 'usage' | 'config',
): Promise<ConfigLayer> {
  const fail = (message: string) => new HoldfastError(code, `${setting.from}: ${message}`);
  const value = await readValue(setting, fail);
  const path = setting.key.split('.').filter((part) => part !== '*');
  const isPerHost = setting.key.includes('*');
  const layer = isPerHost ? { registries: value } : nest(path, value);
  const checked = checkLayer(layer);
  if (checked.ok)
    return setting.key === 'registries' && typeof setting.value === 'string'
      ? expandCredentials(checked.value, env, () => setting.from)
      : checked.value;
  throw fail(
    checked.problems
      .map((problem) => {
        const below = formatKey(problem.path.slice(isPerHost ? 1 : path.length));
        return below === '' || !/[a-z]/i.test(below) ? problem.message : `${below}: ${problem.message}`;
      })
      .join('; '),
  );
}

async function readValue(setting: Setting, fail: (message: string) => HoldfastError): Promise<unknown> {
  const kind: Kind = kinds[setting.key];
  const { value } = setting;
  const list = readList(value);
  switch (kind) {
    case 'list':
      return list;
    case 'platforms':
      return list.length === 1 && list[0] === 'all' ? 'all' : list;
    case 'endpoints':
      return Object.fromEntries(list.map((item) => splitEndpoint(item, fail)));
    case 'hosts':
      return Object.fromEntries(list.map((host) => [host, { plainHttp: true }]));
    case 'number':
      return typeof value === 'string' && /^\s*-?[0-9]+\s*$/.test(value) ? Number(value) : value;
    case 'switch':
      return typeof value === 'string' ? (switches.get(value.trim().toLowerCase()) ?? value) : value;
    case 'yaml':
      if (typeof value !== 'string') return value;
      try {
        // Loaded only here: few runs need it for their settings.
        const { parse } = await import('yaml');
        return parse(value, { prettyErrors: false });
      } catch (cause) {
        throw new HoldfastError('config', `${setting.from}: it is neither valid YAML nor JSON`, { cause });
      }
    case 'text':
      return typeof value === 'string' ? value.trim() : value;
  }
}

const switches: ReadonlyMap<string, boolean> = new Map([
  ['true', true],
  ['1', true],
  ['yes', true],
  ['false', false],
  ['0', false],
  ['no', false],
]);

function readList(value: Setting['value']): string[] {
  if (typeof value === 'string') return splitList(value);
  if (typeof value !== 'object') return [String(value)];
  return Array.isArray(value) ? value.map(String) : [];
}

/** A comma inside braces belongs to a glob. */
function splitList(text: string): string[] {
  return text
    .split(/,(?![^{}]*\})|\r?\n/)
    .map((item) => item.trim())
    .filter((item) => item !== '');
}

function splitEndpoint(
  item: string,
  fail: (message: string) => HoldfastError,
): [string, { endpoint: string }] {
  const equals = item.indexOf('=');
  if (equals <= 0) throw fail('write it as REGISTRY=URL, such as docker.io=http://localhost:5000');
  return [item.slice(0, equals), { endpoint: item.slice(equals + 1) }];
}

function nest([first, ...rest]: readonly string[], value: unknown): unknown {
  return first === undefined ? value : { [first]: nest(rest, value) };
}

function refuseSlip(name: string): void {
  if (/_(?:SERVICE|PORT)(?:_|$)/.test(name)) return;
  const near = nearest(name, [...variables.keys()], 2);
  if (near !== null)
    throw new HoldfastError('config', `The variable ${name} is not known: did you mean ${near}?`);
}
