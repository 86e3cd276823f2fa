import type { Clock } from './clock.ts';
import type { Redactor } from './redactor.ts';
import { formatScopes, includesScopes, type Scopes } from './scopes.ts';
import type { Credentials } from './settings.ts';
import type { Token } from './token-service.ts';
import { untilAborted } from './until-aborted.ts';

interface HeldToken extends Token {
  /** Whose it is: a token is found by those alone who would be given the same. */
  readonly holder: string;
  readonly scopes: Scopes;
  /** Tokens that came earlier have smaller ones. */
  readonly serial: number;
}

/** So many tokens are fetched between two looks for those that have expired. */
const sweepEvery = 256;

/**
 * The tokens of one registry, kept by holder and scope until shortly before they expire; each is asked for once,
 * whoever asks. Pulls and pushes with the same credentials, or with none, share them.
 */
export class TokenStore {
  readonly #clock: Clock;
  readonly #redactor: Redactor;
  readonly #flights = new Map<string, Promise<HeldToken>>();
  readonly #tokens = new Set<HeldToken>();
  /** The same, by holder and resource: a run may hold one for each of ten thousand repositories. */
  readonly #index = new Map<string, Set<HeldToken>>();
  #hidden = new Set<string>();
  #serial = 0;

  constructor(clock: Clock, redactor: Redactor) {
    this.#clock = clock;
    this.#redactor = redactor;
  }

  /** `isFresh`: it was asked for now. */
  async find(
    holder: string,
    scopes: Scopes,
    fetch: () => Promise<Token>,
    signal: AbortSignal | undefined,
  ): Promise<{ readonly value: string; readonly isFresh: boolean }> {
    const held = this.#findHeld(holder, scopes);
    if (held !== null) return { value: held.value, isFresh: false };
    const key = `${holder} ${formatScopes(scopes).join(' ')}`;
    let flight = this.#flights.get(key);
    if (flight === undefined) {
      flight = this.#fetch(holder, scopes, fetch).finally(() => this.#flights.delete(key));
      flight.catch(() => {}); // those who wait for it are told, if they still do
      this.#flights.set(key, flight);
    }
    const { value } = await untilAborted(flight, signal);
    return { value, isFresh: true };
  }

  /** A token that was refused before its time: what came before it is no better. */
  forget(value: string): void {
    const refused = [...this.#tokens].findLast((token) => token.value === value);
    if (refused === undefined) return;
    for (const token of this.#tokens)
      if (token.holder === refused.holder && token.serial <= refused.serial) this.#drop(token);
  }

  /** Of several the one that came last. */
  #findHeld(holder: string, scopes: Scopes): HeldToken | null {
    const now = this.#clock.now();
    const [resource = ''] = scopes.keys();
    let found: HeldToken | null = null;
    for (const token of this.#index.get(`${holder} ${resource}`) ?? [])
      if (token.refreshAt > now && includesScopes(token.scopes, scopes)) found = token;
    return found;
  }

  async #fetch(holder: string, scopes: Scopes, fetch: () => Promise<Token>): Promise<HeldToken> {
    const token = await fetch();
    this.#serial += 1;
    if (this.#serial % sweepEvery === 0) this.#sweep();
    const held = { ...token, holder, scopes, serial: this.#serial };
    const [resource = ''] = scopes.keys();
    for (const other of this.#index.get(`${holder} ${resource}`) ?? [])
      if (includesScopes(scopes, other.scopes)) this.#drop(other);
    this.#redactor.hide(held.value);
    this.#hidden.add(held.value);
    this.#tokens.add(held);
    for (const key of keysOf(held)) {
      const tokens = this.#index.get(key) ?? new Set();
      this.#index.set(key, tokens.add(held));
    }
    return held;
  }

  #sweep(): void {
    const now = this.#clock.now();
    for (const token of this.#tokens) if (token.refreshAt <= now) this.#drop(token);
    // What has expired is worth nothing to whoever sees it, and hiding it costs memory and time.
    const alive = new Set([...this.#tokens].map(({ value }) => value));
    for (const value of this.#hidden) if (!alive.has(value)) this.#redactor.forget(value);
    this.#hidden = alive;
  }

  #drop(token: HeldToken): void {
    this.#tokens.delete(token);
    for (const key of keysOf(token)) {
      const tokens = this.#index.get(key);
      tokens?.delete(token);
      if (tokens?.size === 0) this.#index.delete(key);
    }
  }
}

/** A token without any scope is found under the empty resource. */
function keysOf({ holder, scopes }: HeldToken): string[] {
  const resources = scopes.size === 0 ? [''] : [...scopes.keys()];
  return resources.map((resource) => `${holder} ${resource}`);
}

/** Who asks a token server for a token. Never shown: it holds the credentials. */
export function formatHolder(realm: string, service: string | null, credentials: Credentials | null): string {
  return JSON.stringify([realm, service, credentials]);
}
