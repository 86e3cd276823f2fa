import type { Clock } from './clock.ts';
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

/**
 * The tokens of one registry, kept by holder and scope until shortly before they expire; each is asked for once,
 * whoever asks. Pulls and pushes with the same credentials, or with none, share them.
 */
export class TokenStore {
  readonly #clock: Clock;
  readonly #flights = new Map<string, Promise<HeldToken>>();
  #tokens: readonly HeldToken[] = [];
  #serial = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** `isFresh`: it was asked for now. */
  async find(
    holder: string,
    scopes: Scopes,
    fetch: () => Promise<Token>,
    signal: AbortSignal | undefined,
  ): Promise<{ readonly value: string; readonly isFresh: boolean }> {
    const held = this.#alive().find(
      (token) => token.holder === holder && includesScopes(token.scopes, scopes),
    );
    if (held !== undefined) return { value: held.value, isFresh: false };
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
    const refused = this.#tokens.find((token) => token.value === value);
    if (refused === undefined) return;
    this.#tokens = this.#tokens.filter(
      ({ holder, serial }) => holder !== refused.holder || serial > refused.serial,
    );
  }

  async #fetch(holder: string, scopes: Scopes, fetch: () => Promise<Token>): Promise<HeldToken> {
    const token = await fetch();
    this.#serial += 1;
    const held = { ...token, holder, scopes, serial: this.#serial };
    const others = this.#alive().filter(
      (other) => other.holder !== holder || !includesScopes(scopes, other.scopes),
    );
    this.#tokens = [held, ...others];
    return held;
  }

  #alive(): readonly HeldToken[] {
    const now = this.#clock.now();
    return this.#tokens.filter((token) => token.refreshAt > now);
  }
}

/** Who asks a token server for a token. Never shown: it holds the credentials. */
export function formatHolder(realm: string, service: string | null, credentials: Credentials | null): string {
  return JSON.stringify([realm, service, credentials]);
}
