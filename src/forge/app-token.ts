import { createSign } from 'node:crypto';
import { HoldfastError } from '../error.ts';
import { type GitHubOptions, openGitHub } from './github.ts';
import type { GitHubAddress } from './github-address.ts';

/** A GitHub App: its ID and its private key (PEM). */
export interface GitHubApp {
  readonly id: string;
  readonly privateKey: string;
}

/** The token for a repository: of one organisation's installation, good for an hour. */
export type FindToken = (address: GitHubAddress) => Promise<string>;

/** Milliseconds: a token is not used in its last minutes, so that it outlives what is begun with it. */
const spare = 10 * 60_000;

/**
 * Tokens of an App's installations, one for each organisation, made when they are needed and kept until they are
 * nearly over. Throws `HoldfastError` for a key that is none, at once, and when the App is not installed there.
 */
export function openAppTokens(
  app: GitHubApp,
  now: () => number,
  options: Omit<GitHubOptions, 'token'> = {},
): FindToken {
  signAppToken(app, now());
  const known = new Map<string, { readonly token: string; readonly until: number }>();
  return async (address) => {
    const key = `${address.apiUrl} ${address.owner}`.toLowerCase();
    const held = known.get(key);
    if (held !== undefined && held.until - spare > now()) return held.token;
    const github = openGitHub(address, { ...options, token: signAppToken(app, now()) });
    const { id } = await github.ask('look up the installation of the App', async () => {
      const answer = await github.rest.apps.getRepoInstallation(github.at);
      return answer.data;
    });
    const { token, expires_at } = await github.ask('make a token of the App', async () => {
      const answer = await github.rest.apps.createInstallationAccessToken({ installation_id: id });
      return answer.data;
    });
    known.set(key, { token, until: Date.parse(expires_at) });
    return token;
  };
}

/** RS256, good for nine minutes from a minute ago (GitHub docs, "Generating a JSON Web Token for a GitHub App"). */
export function signAppToken({ id, privateKey }: GitHubApp, now: number): string {
  const seconds = Math.floor(now / 1000);
  const encode = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const claims = { iat: seconds - 60, exp: seconds + 540, iss: id };
  const unsigned = `${encode({ alg: 'RS256', typ: 'JWT' })}.${encode(claims)}`;
  try {
    return `${unsigned}.${createSign('RSA-SHA256').update(unsigned).sign(privateKey, 'base64url')}`;
  } catch (cause) {
    throw new HoldfastError(
      'config',
      "The GitHub App's private key cannot be read: it must be the whole PEM file that GitHub gave.",
      { cause },
    );
  }
}
