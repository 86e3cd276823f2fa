import { hideSecret } from './secret.ts';

/** What git needs from around it. Variables that would point git at another repository or start a program stay out. */
const kept = new Set([
  'GIT_SSH',
  'GIT_SSH_COMMAND',
  'GIT_SSH_VARIANT',
  'GIT_SSL_CAINFO',
  'GIT_SSL_CAPATH',
  'GIT_SSL_CERT',
  'GIT_SSL_KEY',
  'GIT_SSL_NO_VERIFY',
  'GIT_CONFIG_NOSYSTEM',
  'GIT_CONFIG_GLOBAL',
  'GIT_CONFIG_SYSTEM',
]);
/** simple-git guards these too; none has a meaning for what we run. */
const dropped = new Set(['EDITOR', 'VISUAL', 'PAGER', 'PREFIX', 'SSH_ASKPASS']);

/** Settings that make git do what we say and nothing else, whatever the user's configuration says. */
const settings: readonly (readonly [key: string, value: string])[] = [
  ['core.hooksPath', '/dev/null'],
  ['core.quotePath', 'false'],
  ['core.fsmonitor', 'false'],
  ['commit.gpgSign', 'false'],
  ['push.gpgSign', 'false'],
  ['push.followTags', 'false'],
  ['push.recurseSubmodules', 'no'],
  ['fetch.recurseSubmodules', 'no'],
  ['fetch.prune', 'false'],
  ['gc.auto', '0'],
  ['maintenance.auto', 'false'],
  ['advice.detachedHead', 'false'],
  ['http.followRedirects', 'false'],
  // A server that took the connection and says nothing; one that works on an answer sends a sign of life every 5 seconds
  // (git-config(1), uploadpack.keepAlive).
  ['http.lowSpeedLimit', '1'],
  ['http.lowSpeedTime', '60'],
];

/**
 * The environment of a git child. Our settings and the credential ride in `GIT_CONFIG_COUNT`, after those that were
 * there: never in argv, the remote's URL or a file. An empty value first resets the list of extra headers, so that
 * the one that `actions/checkout` left is not sent beside ours; the key is the whole URL, which outranks its key.
 */
export function gitEnvironment(
  around: Readonly<Record<string, string | undefined>>,
  credential: { readonly url: string; readonly header: string } | null,
  more: Readonly<Record<string, string>> = {},
): Record<string, string> {
  const environment: Record<string, string> = {};
  for (const [name, value] of Object.entries(around)) {
    const upper = name.toUpperCase();
    if (value === undefined || dropped.has(upper)) continue;
    if (upper.startsWith('GIT_') && !kept.has(upper)) continue;
    // Whatever stands there may be a secret of theirs: a token, a registry's password.
    environment[name] = hideSecret(value);
  }
  const entries = [...inheritedSettings(around), ...settings];
  if (credential) {
    const key = `http.${credential.url}.extraHeader`;
    entries.push([key, ''], [key, hideSecret(credential.header)]);
  }
  entries.forEach(([key, value], index) => {
    environment[`GIT_CONFIG_KEY_${index}`] = key;
    environment[`GIT_CONFIG_VALUE_${index}`] = value;
  });
  environment['GIT_CONFIG_COUNT'] = String(entries.length);
  environment['GIT_TERMINAL_PROMPT'] = '0';
  environment['GIT_ASKPASS'] = '';
  environment['SSH_ASKPASS'] = '';
  environment['LC_ALL'] = 'C';
  return { ...environment, ...more };
}

function inheritedSettings(
  around: Readonly<Record<string, string | undefined>>,
): (readonly [string, string])[] {
  const count = Number.parseInt(around['GIT_CONFIG_COUNT'] ?? '0', 10);
  const entries: (readonly [string, string])[] = [];
  for (let index = 0; index < count; index += 1) {
    const key = around[`GIT_CONFIG_KEY_${index}`];
    const value = around[`GIT_CONFIG_VALUE_${index}`];
    if (key !== undefined && value !== undefined) entries.push([key, hideSecret(value)]);
  }
  return entries;
}

/** Names that simple-git passes on only when they are listed. */
export function guardedNames(environment: Readonly<Record<string, string>>): string[] {
  return Object.keys(environment).filter((name) => /^(?:GIT_|SSH_ASKPASS$)/i.test(name));
}
