import { type Logger, pino } from 'pino';
import type { Config, Environment } from '../../config/index.ts';

export type Log = Logger;

/** JSON lines. No secret that we hold gets through, whatever field or sentence it stands in. */
export function openLog(
  write: (text: string) => unknown,
  secrets: () => readonly string[],
  level: 'info' | 'debug',
): Log {
  return pino(
    {
      level,
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      redact: { paths: ['password', 'token', 'authorization', '*.password', '*.token', '*.authorization'] },
    },
    { write: (line: string) => void write(hide(line, secrets())) },
  );
}

/** Everything that opens something: from the configuration, and what the environment calls so. */
export function findSecrets(config: Config | null, env: Environment): readonly string[] {
  const ours = Object.values(config?.registries ?? {}).flatMap(({ password }) => password ?? []);
  const inAddresses = (config?.repositories ?? []).flatMap(({ url }) => findUserInfo(url));
  const theirs = Object.entries(env).flatMap(([name, value]) =>
    /(?:PASSWORD|TOKEN|SECRET|PRIVATE_KEY|CREDENTIALS?)$/i.test(name) && value ? [value.trim()] : [],
  );
  // What is that short stands in other words, too.
  return [...new Set([...ours, ...inAddresses, ...theirs])].filter((secret) => secret.length >= 4);
}

/**
 * What stands before the `@` of an address, as it is written and as it is meant: whole, and the password alone; and what
 * its query holds.
 */
function findUserInfo(address: string): readonly string[] {
  const queried = [...address.matchAll(secretParameter)].map(([, , value = '']) => value);
  const url = /^(?:https?|ssh):/i.test(address) && URL.canParse(address) ? new URL(address) : null;
  const [user, password] = url === null ? splitUserInfo(address) : [url.username, url.password];
  // The user of an address for ssh is no secret.
  const written =
    password === '' ? [url?.protocol === 'ssh:' ? '' : user] : [password, `${user}:${password}`];
  return [...written, ...queried].flatMap((text) => [text, decode(text)]);
}

/** Of what is no URL, such as one with a `/` in its password: all up to the last `@`. */
function splitUserInfo(address: string): readonly [user: string, password: string] {
  if (/^[\w.-]+@[\w.-]+:/.test(address)) return ['', ''];
  const info = /^(?:[a-z][a-z0-9+.-]*:\/\/)?(.*)@/is.exec(address)?.[1] ?? '';
  const [user = '', ...rest] = info.split(':');
  return [user, rest.join(':')];
}

const secretParameter =
  /([?&][\w.-]*(?:token|secret|password|key|sig|signature|auth|credential)[\w.-]*=)([^\s&#"'\\]+)/gi;

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** The text without the secrets, in whatever form, and without what any URL in it opens. */
export function hide(line: string, secrets: readonly string[]): string {
  let shown = line
    .replace(/\b((?:https?|ssh):\/\/)([^\s"'\\]+)/gi, hideUserInfo)
    .replace(secretParameter, '$1***');
  for (const secret of secrets) {
    // As text of a JSON line it may have escapes, and as a credential it is in base64.
    for (const form of [secret, JSON.stringify(secret).slice(1, -1), Buffer.from(secret).toString('base64')])
      shown = shown.replaceAll(form, '***');
  }
  return shown;
}

/** Of what is no URL, all up to the last `@`. */
function hideUserInfo(address: string, scheme: string, rest: string): string {
  const info = URL.canParse(address) ? /^[^/?#]+(?=@)/ : /^.+(?=@)/;
  const isUser = /^ssh:/i.test(scheme) && !(info.exec(rest)?.[0].includes(':') ?? false);
  return isUser ? address : `${scheme}${rest.replace(info, '***')}`;
}
