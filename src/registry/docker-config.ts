import { readFile } from 'node:fs/promises';
import { HoldfastError } from '../error.ts';
import type { Credentials } from './settings.ts';

/** What a Docker `config.json` (or podman `auth.json`) says of one repository. */
export type DockerConfigEntry =
  | { readonly kind: 'credentials'; readonly credentials: Credentials }
  /** Ask `docker-credential-<helper>` for `serverAddress`. */
  | { readonly kind: 'helper'; readonly helper: string; readonly serverAddress: string };

export interface DockerConfig {
  /** By host, or by `host/namespace` as podman has them. */
  readonly auths: ReadonlyMap<string, Credentials | null>;
  readonly credHelpers: ReadonlyMap<string, string>;
  readonly credsStore: string | null;
}

/** The key that Docker keeps its own registry's credentials under. */
const dockerHubKey = 'https://index.docker.io/v1/';
const longestFile = 1024 * 1024;

/** Null when the file is not there. */
export async function readDockerConfig(path: string): Promise<DockerConfig | null> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (cause) {
    if (cause instanceof Error && 'code' in cause && (cause.code === 'ENOENT' || cause.code === 'ENOTDIR'))
      return null;
    throw new HoldfastError('environment', `cannot read ${path}: check its rights`, { cause });
  }
  const config = text.length > longestFile ? null : parseDockerConfig(text);
  if (config === null)
    throw new HoldfastError('config', `${path} is not a Docker config.json: write it anew with docker login`);
  return config;
}

/** The text of a `config.json` or of a Kubernetes `.dockerconfigjson`; null when it is none. */
export function parseDockerConfig(text: string): DockerConfig | null {
  const config = parseJsonObject(text);
  if (config === null) return null;
  const auths = new Map<string, Credentials | null>();
  for (const [key, entry] of Object.entries(asObject(config.auths)))
    auths.set(normalizeKey(key), parseAuth(asObject(entry)));
  const credHelpers = new Map<string, string>();
  for (const [key, helper] of Object.entries(asObject(config.credHelpers)))
    if (isHelperName(helper)) credHelpers.set(normalizeKey(key), helper);
  return { auths, credHelpers, credsStore: isHelperName(config.credsStore) ? config.credsStore : null };
}

/**
 * A helper for the host wins over the store, and the store over what is written in the file, as in Docker. Before them
 * comes what is written for the repository or a namespace of it, the longest first (containers-auth.json(5)).
 */
export function findDockerCredentials(
  config: DockerConfig,
  host: string,
  repository = '',
): readonly DockerConfigEntry[] {
  const key = normalizeKey(host);
  const serverAddress = key === 'docker.io' ? dockerHubKey : key;
  const entries: DockerConfigEntry[] = [];
  const names = repository === '' ? [] : repository.split('/');
  for (let length = names.length; length > 0; length -= 1) {
    const credentials = config.auths.get(`${key}/${names.slice(0, length).join('/')}`);
    if (credentials) entries.push({ kind: 'credentials', credentials });
  }
  const helper = config.credHelpers.get(key);
  if (helper !== undefined) entries.push({ kind: 'helper', helper, serverAddress });
  else if (config.credsStore !== null)
    entries.push({ kind: 'helper', helper: config.credsStore, serverAddress });
  const credentials = config.auths.get(key);
  if (credentials) entries.push({ kind: 'credentials', credentials });
  return entries;
}

/**
 * `https://index.docker.io/v1/`, `index.docker.io`, `registry-1.docker.io` → `docker.io`; a URL, or a host with the
 * version of its API → the host; `quay.io/team` stays.
 */
function normalizeKey(key: string): string {
  const [, scheme, host = '', path = ''] = /^(https?:\/\/)?([^/]*)(.*)$/s.exec(key.toLowerCase()) ?? [];
  const name = host === 'index.docker.io' || host === 'registry-1.docker.io' ? 'docker.io' : host;
  const namespace = path.replace(/\/+$/, '');
  return scheme !== undefined || /^\/v[12]$/.test(namespace) ? name : `${name}${namespace}`;
}

/** `auth` is base64 of `user:password`; `identitytoken` wins, and so does the user name `<token>` of helpers. */
function parseAuth(entry: Readonly<Record<string, unknown>>): Credentials | null {
  if (typeof entry.identitytoken === 'string' && entry.identitytoken !== '')
    return { kind: 'identity-token', token: entry.identitytoken };
  if (typeof entry.auth === 'string' && entry.auth !== '') {
    const pair = Buffer.from(entry.auth, 'base64').toString('utf8');
    const colon = pair.indexOf(':');
    // Docker pads the password with NUL bytes in some versions.
    if (colon > 0) return toCredentials(pair.slice(0, colon), pair.slice(colon + 1).replace(/\0+$/, ''));
  }
  if (typeof entry.username === 'string' && typeof entry.password === 'string' && entry.username !== '')
    return toCredentials(entry.username, entry.password);
  return null;
}

/** The user name `<token>` says that the password is an identity token (docker-credential-helpers). */
export function toCredentials(username: string, password: string): Credentials {
  return username === '<token>'
    ? { kind: 'identity-token', token: password }
    : { kind: 'password', username, password };
}

export function parseJsonObject(text: string): Readonly<Record<string, unknown>> | null {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : null;
  } catch {
    return null;
  }
}

function asObject(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}

/** Part of a program's name: never a path. */
function isHelperName(value: unknown): value is string {
  return typeof value === 'string' && /^[A-Za-z0-9][\w.-]{0,100}$/.test(value);
}
