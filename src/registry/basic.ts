import type { Credentials } from './settings.ts';

/** The Authorization header of RFC 7617. */
export function formatBasic({ username, password }: Credentials & { readonly kind: 'password' }): string {
  return `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`;
}
