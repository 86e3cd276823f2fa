import { setSecret } from '@actions/core';
import type { Config } from '../../config/index.ts';

/** Has the runner hide a token, and the forms of it that are sent: the header of git's basic authentication. */
export function maskToken(token: string | null): void {
  if (token === null) return;
  mask(token);
  mask(basic('x-access-token', token));
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
