import { type Logger, pino } from 'pino';
import type { Config } from '../../config/index.ts';

type Environment = Readonly<Record<string, string | undefined>>;

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

/** What stands before the `@` of a URL, as it is written and as it is meant: whole, and the password alone. */
function findUserInfo(address: string): readonly string[] {
  const url = URL.canParse(address) ? new URL(address) : null;
  if (url === null || (url.username === '' && url.password === '')) return [];
  const written = url.password === '' ? [url.username] : [url.password, `${url.username}:${url.password}`];
  return written.flatMap((text) => [text, decode(text)]);
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** The text without the secrets, in whatever form, and without what any URL in it opens. */
export function hide(line: string, secrets: readonly string[]): string {
  let shown = line.replace(/\b(https?:\/\/)[^\s/?#"'\\]+@/gi, '$1***@');
  for (const secret of secrets) {
    // As text of a JSON line it may have escapes, and as a credential it is in base64.
    for (const form of [secret, JSON.stringify(secret).slice(1, -1), Buffer.from(secret).toString('base64')])
      shown = shown.replaceAll(form, '***');
  }
  return shown;
}
