import { formatBasic } from './basic.ts';
import { type Challenge, parseChallenges } from './challenge.ts';
import type { Clock } from './clock.ts';
import type { Redactor } from './redactor.ts';
import { RegistryError } from './registry-error.ts';
import { formatScopes, includesScopes, mergeScopes, parseScopes, type Scopes } from './scopes.ts';
import type { Credentials } from './settings.ts';
import type { Token, TokenService } from './token-service.ts';
import { untilAborted } from './until-aborted.ts';

/** What a request says of who asks. `isFresh`: got for this request, so that asking for another is no use. */
export interface Grant {
  readonly header: string | null;
  readonly isFresh: boolean;
  /** Tells those who wait for the registry's first answer that it came, or that it will not. */
  release(hasAnswered: boolean): void;
}

/** How the registry wants to know who asks; `unknown` until its first answer. */
type Scheme =
  | { readonly kind: 'unknown' | 'open' | 'basic' }
  | { readonly kind: 'bearer'; readonly service: TokenService };

interface HeldToken extends Token {
  readonly scopes: Scopes;
}

interface AuthorizerOptions {
  readonly registry: string;
  readonly findCredentials: () => Promise<Credentials | null>;
  /** Checks the realm, throws `RegistryError` when it is not safe. */
  readonly openTokenService: (realm: string, service: string | null) => TokenService;
  readonly clock: Clock;
  readonly redactor: Redactor;
}

const nothing = (): void => {};

/**
 * Authenticates to one registry for one use. Nothing is sent before the registry has challenged. Tokens are kept by
 * scope until shortly before they expire; each is asked for once, whoever asks.
 */
export class Authorizer {
  readonly #options: AuthorizerOptions;
  #scheme: Scheme = { kind: 'unknown' };
  #firstAnswer: Promise<void> | null = null;
  #credentials: Promise<Credentials | null> | null = null;
  readonly #tokens: HeldToken[] = [];
  readonly #flights = new Map<string, Promise<HeldToken>>();
  /** Scopes that the registry wanted beyond ours, by ours. */
  readonly #extra = new Map<string, Scopes>();

  constructor(options: AuthorizerOptions) {
    this.#options = options;
  }

  /** Before a request. The first one goes bare, and the others wait for what is learned from its answer. */
  async grant(wanted: Scopes, signal?: AbortSignal): Promise<Grant> {
    if (this.#scheme.kind === 'unknown') {
      if (this.#firstAnswer === null) {
        let resolve = nothing;
        this.#firstAnswer = new Promise((settle) => {
          resolve = settle;
        });
        return { header: null, isFresh: false, release: (hasAnswered) => this.#learn(hasAnswered, resolve) };
      }
      await untilAborted(this.#firstAnswer, signal);
      return this.grant(wanted, signal);
    }
    return this.#current(wanted, signal);
  }

  /** After a 401. Null when there is nothing better than what was refused. */
  async renew(header: string, wanted: Scopes, refused: Grant, signal?: AbortSignal): Promise<Grant | null> {
    const challenges = parseChallenges(header);
    const bearer = challenges.find(({ scheme }) => scheme === 'bearer');
    if (bearer?.parameters.realm !== undefined) return this.#renewBearer(bearer, wanted, refused, signal);
    if (!challenges.some(({ scheme }) => scheme === 'basic')) return null;
    this.#scheme = { kind: 'basic' };
    refused.release(true);
    const basic = await this.#basic();
    return basic === null || basic === refused.header ? null : this.#toGrant(basic, true);
  }

  #learn(hasAnswered: boolean, resolve: () => void): void {
    if (this.#scheme.kind === 'unknown') {
      if (hasAnswered) this.#scheme = { kind: 'open' };
      this.#firstAnswer = null;
    }
    resolve();
  }

  async #current(wanted: Scopes, signal: AbortSignal | undefined): Promise<Grant> {
    if (this.#scheme.kind === 'basic') return this.#toGrant(await this.#basic(), false);
    if (this.#scheme.kind !== 'bearer') return this.#toGrant(null, false);
    const { token, isFresh } = await this.#findToken(this.#scheme.service, wanted, signal);
    return this.#toGrant(`Bearer ${token.value}`, isFresh);
  }

  async #renewBearer(
    { parameters }: Challenge,
    wanted: Scopes,
    refused: Grant,
    signal: AbortSignal | undefined,
  ): Promise<Grant | null> {
    const asked = parseScopes(parameters.scope ?? '');
    const isMore = !includesScopes(this.#widen(wanted), asked);
    if (refused.isFresh && !isMore) return null;
    const service = this.#options.openTokenService(parameters.realm ?? '', parameters.service ?? null);
    this.#scheme = { kind: 'bearer', service };
    refused.release(true);
    if (isMore) this.#extra.set(formatScopes(wanted).join(' '), asked);
    this.#forget(refused.header);
    const { token } = await this.#findToken(service, wanted, signal);
    const header = `Bearer ${token.value}`;
    return header === refused.header ? null : this.#toGrant(header, true);
  }

  async #findToken(service: TokenService, wanted: Scopes, signal: AbortSignal | undefined) {
    const scopes = this.#widen(wanted);
    const now = this.#options.clock.now();
    const held = this.#tokens.find((token) => token.refreshAt > now && includesScopes(token.scopes, scopes));
    if (held !== undefined) return { token: held, isFresh: false };
    const key = formatScopes(scopes).join(' ');
    let flight = this.#flights.get(key);
    if (flight === undefined) {
      flight = this.#fetchToken(service, scopes).finally(() => this.#flights.delete(key));
      flight.catch(nothing); // those who wait for it are told, if they still do
      this.#flights.set(key, flight);
    }
    return { token: await untilAborted(flight, signal), isFresh: true };
  }

  async #fetchToken(service: TokenService, scopes: Scopes): Promise<HeldToken> {
    const token = await service.fetchToken(scopes, await this.#findCredentials());
    this.#options.redactor.hide(token.value);
    const held = { ...token, scopes };
    const now = this.#options.clock.now();
    const alive = this.#tokens.filter(
      (other) => other.refreshAt > now && !includesScopes(scopes, other.scopes),
    );
    this.#tokens.splice(0, this.#tokens.length, held, ...alive);
    return held;
  }

  #forget(header: string | null): void {
    const index = this.#tokens.findIndex(({ value }) => header === `Bearer ${value}`);
    if (index >= 0) this.#tokens.splice(index, 1);
  }

  #widen(wanted: Scopes): Scopes {
    const extra = this.#extra.get(formatScopes(wanted).join(' '));
    return extra === undefined ? wanted : mergeScopes(wanted, extra);
  }

  async #basic(): Promise<string | null> {
    const credentials = await this.#findCredentials();
    if (credentials === null) return null;
    if (credentials.kind === 'identity-token')
      throw new RegistryError(
        'unauthorized',
        'it wants a user name and password, and only a token is known',
        {
          registry: this.#options.registry,
        },
      );
    return formatBasic(credentials);
  }

  #findCredentials(): Promise<Credentials | null> {
    this.#credentials ??= this.#options.findCredentials().then((credentials) => {
      if (credentials?.kind === 'password') {
        this.#options.redactor.hide(credentials.password);
        this.#options.redactor.hide(`${credentials.username}:${credentials.password}`);
      } else if (credentials !== null) this.#options.redactor.hide(credentials.token);
      return credentials;
    });
    return this.#credentials;
  }

  #toGrant(header: string | null, isFresh: boolean): Grant {
    return { header, isFresh, release: nothing };
  }
}
