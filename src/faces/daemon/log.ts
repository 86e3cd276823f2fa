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
  const theirs = Object.entries(env).flatMap(([name, value]) =>
    /(?:PASSWORD|TOKEN|SECRET|PRIVATE_KEY|CREDENTIALS?)$/i.test(name) && value ? [value.trim()] : [],
  );
  // What is that short stands in other words, too.
  return [...new Set([...ours, ...theirs])].filter((secret) => secret.length >= 4);
}

/** The text without the secrets, in whatever form. */
export function hide(line: string, secrets: readonly string[]): string {
  let shown = line;
  for (const secret of secrets) {
    // As text of a JSON line it may have escapes, and as a credential it is in base64.
    for (const form of [secret, JSON.stringify(secret).slice(1, -1), Buffer.from(secret).toString('base64')])
      shown = shown.replaceAll(form, '***');
  }
  return shown;
}
