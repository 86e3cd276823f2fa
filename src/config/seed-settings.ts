import { HoldfastError } from '../error.ts';
import { parseBackupPrefix } from '../plan/index.ts';
import type { Environment } from './expand-variables.ts';
import type { Setting, SettingKey } from './settings.ts';

interface TextSetting extends Setting {
  readonly value: string;
}

/** The variables of the three programs that holdfast grew from, and which key each of them sets. */
const single: readonly (readonly [variable: string, key: SettingKey])[] = [
  // image-cloner
  ['BACKUP_REGISTRY', 'backup'],
  ['NAMESPACES_TO_IGNORE', 'exclude.namespaces'],
  ['MAX_CONCURRENT_RECONCILES', 'concurrency'],
  // image-clone-controller
  ['EXCLUDE_NAMESPACES', 'exclude.namespaces'],
];

/** A registry whose account stands in variables of its own. */
const accounts = [
  // image-clone-controller; its repository was a flag, so HOLDFAST_BACKUP says the rest.
  { registry: 'REGISTRY', repository: null, username: 'REGISTRY_USERNAME', password: 'REGISTRY_PASSWORD' },
  // copyimage-controller
  {
    registry: 'PRIV_OCI_REGISTRY',
    repository: 'PRIV_OCI_REPOSITORY',
    username: 'PRIV_OCI_REGISTRY_USERNAME',
    password: 'PRIV_OCI_REGISTRY_PASSWORD',
  },
] as const;

/**
 * What the seeds' own variables mean here, so that a migration keeps its settings. Two that name different backups are
 * an error, unless `HOLDFAST_BACKUP` decides.
 */
export function seedSettings(env: Environment): readonly Setting[] {
  const texts: TextSetting[] = [];
  for (const [from, key] of single) {
    const value = read(env, from);
    if (value !== null) texts.push({ from, key, value });
  }
  const found = accounts.flatMap((account) => findAccount(account, env) ?? []);
  const backups = [...texts.filter(({ key }) => key === 'backup'), ...found.map(({ backup }) => backup)];
  return [
    ...oneBackup(backups, env),
    ...joinLists(texts.filter(({ key }) => key === 'exclude.namespaces')),
    ...texts.filter(({ key }) => key === 'concurrency'),
    ...found.flatMap(({ credentials }) => credentials ?? []),
  ];
}

/** Values often come from Secrets that end in a line end. */
function read(env: Environment, name: string): string | null {
  const value = env[name]?.trim() ?? '';
  return value === '' ? null : value;
}

interface Account {
  readonly backup: TextSetting;
  readonly credentials: Setting | null;
}

function findAccount(names: (typeof accounts)[number], env: Environment): Account | null {
  const registry = read(env, names.registry);
  const repository = names.repository === null ? null : read(env, names.repository);
  const username = read(env, names.username);
  const password = read(env, names.password);
  const isAnonymous = username === null && password === null;
  if (registry === null) {
    if (isAnonymous) return null;
    throw new HoldfastError(
      'config',
      `${names.username} is set without ${names.registry}: set it too (docker.io for Docker Hub)`,
    );
  }
  const host = registry.split('/')[0] ?? registry;
  const account = { ...(username === null ? {} : { username }), ...(password === null ? {} : { password }) };
  return {
    backup: {
      from: names.registry,
      key: 'backup',
      value: repository === null ? registry : `${registry}/${repository}`,
    },
    credentials: isAnonymous ? null : { from: names.password, key: 'registries', value: { [host]: account } },
  };
}

/** `HOLDFAST_BACKUP` takes the place of all; else what is set must mean one backup. */
function oneBackup(backups: readonly TextSetting[], env: Environment): readonly TextSetting[] {
  const [first, ...rest] = backups;
  if (first === undefined || read(env, 'HOLDFAST_BACKUP') !== null) return [];
  const other = rest.find(({ value }) => canonical(value) !== canonical(first.value));
  if (other === undefined) return [first];
  throw new HoldfastError(
    'config',
    `${first.from} and ${other.from} name different backups: set HOLDFAST_BACKUP to the one that is meant`,
  );
}

function canonical(backup: string): string {
  const parsed = parseBackupPrefix(backup);
  return parsed.ok ? `${parsed.value.registry}/${parsed.value.repository}` : backup;
}

/** Both names may be set while a migration goes on; then both lists count. */
function joinLists(lists: readonly TextSetting[]): readonly Setting[] {
  if (lists.length < 2) return lists;
  const from = lists.map((setting) => setting.from).join(', ');
  return [{ from, key: 'exclude.namespaces', value: lists.map(({ value }) => value).join(',') }];
}
