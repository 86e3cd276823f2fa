import { isDeepStrictEqual } from 'node:util';
import { formatBasic } from './basic.ts';
import type { Clock } from './clock.ts';
import { parseJsonObject } from './docker-config.ts';
import { RegistryError } from './registry-error.ts';
import { formatScopes, type Scopes } from './scopes.ts';
import type { Credentials } from './settings.ts';

export interface Token {
  readonly value: string;
  /** Milliseconds since 1970: some time before it expires. */
  readonly refreshAt: number;
}

/** Gives tokens for scopes: distribution docs/spec/auth/token.md and oauth.md. */
export interface TokenService {
  /** `renew` looks for something newer than credentials that were refused. */
  fetchToken(
    scopes: Scopes,
    credentials: Credentials | null,
    renew: (refused: Credentials) => Promise<Credentials | null>,
  ): Promise<Token>;
}

/** One request to the token server: its answer's status and text, after retries. */
export type AskTokenServer = (request: {
  readonly method: 'GET' | 'POST';
  readonly url: URL;
  readonly authorization: string | null;
  readonly form: URLSearchParams | null;
}) => Promise<{ readonly status: number; readonly text: string; readonly detail: string }>;

interface TokenServiceOptions {
  readonly registry: string;
  readonly realm: URL;
  readonly service: string | null;
  /** Pulls: when the credentials are refused, what is public can still be had without. */
  readonly mayBeAnonymous: boolean;
  readonly ask: AskTokenServer;
  readonly clock: Clock;
}

export function createTokenService(options: TokenServiceOptions): TokenService {
  const { registry, mayBeAnonymous } = options;
  let refused: Credentials | null = null;

  async function fetchToken(
    scopes: Scopes,
    credentials: Credentials | null,
    renew: (refused: Credentials) => Promise<Credentials | null>,
  ): Promise<Token> {
    const used = isDeepStrictEqual(credentials, refused) ? null : credentials;
    const start = options.clock.now();
    const { status, text, detail } = await request(scopes, used);
    if (status === 200) return parseToken(text, start, registry);
    if (used !== null && (status === 401 || status === 403 || status === 400)) {
      const renewed = await renew(used);
      if (renewed !== null && !isDeepStrictEqual(renewed, used))
        return fetchToken(scopes, renewed, async () => null);
      if (mayBeAnonymous) {
        refused = used;
        return fetchToken(scopes, null, renew);
      }
    }
    const code = status === 403 ? 'denied' : 'unauthorized';
    const problem =
      used === null
        ? 'its token server gives no token without credentials: log in with docker login'
        : 'its token server refused the credentials: log in again, or check what they may do';
    throw new RegistryError(code, problem, { registry, status, detail });
  }

  function request(scopes: Scopes, credentials: Credentials | null) {
    const { realm, service, ask } = options;
    if (credentials?.kind === 'identity-token') {
      const form = new URLSearchParams({ grant_type: 'refresh_token', client_id: 'holdfast' });
      if (service !== null) form.set('service', service);
      form.set('scope', formatScopes(scopes).join(' '));
      form.set('refresh_token', credentials.token);
      return ask({ method: 'POST', url: realm, authorization: null, form });
    }
    const url = new URL(realm);
    if (service !== null) url.searchParams.set('service', service);
    for (const scope of formatScopes(scopes)) url.searchParams.append('scope', scope);
    const authorization = credentials === null ? null : formatBasic(credentials);
    return ask({ method: 'GET', url, authorization, form: null });
  }

  return { fetchToken };
}

/** A token lives 60 s when its server does not say how long. */
function parseToken(text: string, start: number, registry: string): Token {
  const answer = parseJsonObject(text) ?? {};
  const value = [answer.token, answer.access_token].find(
    (token) => typeof token === 'string' && token !== '',
  );
  if (typeof value !== 'string' || !/^[\x21-\x7e]+$/.test(value))
    throw new RegistryError('invalid', 'its token server answered without a token', { registry });
  const seconds = typeof answer.expires_in === 'number' && answer.expires_in > 0 ? answer.expires_in : 60;
  const life = Math.min(seconds, 24 * 3600) * 1000;
  return { value, refreshAt: start + life - Math.min(10_000, life / 5) };
}
