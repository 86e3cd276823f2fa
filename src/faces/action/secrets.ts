import { setSecret } from '@actions/core';
import type { Config } from '../../config/index.ts';

/** Has the runner hide a token, and the forms in which it is sent: to git, and as `actor` to ghcr.io. */
export function maskToken(token: string | null, actor: string | undefined): void {
  if (token === null) return;
  mask(token);
  for (const username of ['x-access-token', actor]) if (username) mask(basic(username, token));
}

/** The same for what the configuration opens registries with. */
export function maskRegistries(registries: Config['registries']): void {
  for (const { username, password } of Object.values(registries)) {
    if (password === undefined) continue;
    mask(password);
    if (username !== undefined) mask(basic(username, password));
  }
}

/** One line at a time: that is how the runner looks for it. */
function mask(secret: string): void {
  for (const line of secret.split(/\r?\n/)) if (line.trim() !== '') setSecret(line);
}

function basic(username: string, password: string): string {
  return Buffer.from(`${username}:${password}`).toString('base64');
}
