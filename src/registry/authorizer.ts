import { formatBasic } from './basic.ts';
import { type Challenge, parseChallenges } from './challenge.ts';
import type { Redactor } from './redactor.ts';
import { RegistryError } from './registry-error.ts';
import type { RegistryProduct } from './registry-product.ts';
import { formatScopes, includesScopes, mergeScopes, parseScopes, type Scopes } from './scopes.ts';
import type { Credentials } from './settings.ts';
import type { TokenService } from './token-service.ts';
import { formatHolder, type TokenStore } from './token-store.ts';
import { untilAborted } from './until-aborted.ts';

/** What a request says of who asks. `isFresh`: got for this request, so that asking for another is no use. */
export interface Grant {
  readonly header: string | null;
  readonly isFresh: boolean;
  /** Tells those who wait for the registry's first answer that it came, or that it will not. */
  release(hasAnswered: boolean): void;
}

/** What a request needs to be allowed; `repository` may have credentials of its own. */
export interface Need {
  readonly repository: string;
  readonly scopes: Scopes;
  readonly signal: AbortSignal | undefined;
}

/** How the registry wants to know who asks; `unknown` until its first answer. */
type Scheme =
  | { readonly kind: 'unknown' | 'open' | 'basic' }
  | {
      readonly kind: 'bearer';
      readonly realm: string;
      readonly serviceName: string | null;
      readonly service: TokenService;
    };

/** What the first use of a registry learned for all of them. */
export interface Learned {
  /** Where it sends for tokens. */
  bearer: { readonly realm: string; readonly serviceName: string | null } | null;
  product: RegistryProduct | null;
}

/** `refused`: what it found before and was not taken, so that what may be newer is looked up. */
export type FindCredentials = (
  repository: string,
  refused?: Credentials | null,
) => Promise<Credentials | null>;

interface AuthorizerOptions {
  readonly registry: string;
  readonly findCredentials: FindCredentials;
  /** Checks the realm, throws `RegistryError` when it is not safe. */
  readonly openTokenService: (realm: string, service: string | null) => TokenService;
  /** Shared with the registry's other uses. */
  readonly tokens: TokenStore;
  /** The same, so that the registry need not challenge each use. */
  readonly learned: Learned;
  readonly redactor: Redactor;
}

const nothing = (): void => {};

/** Authenticates to one registry for one use. Nothing is sent before the registry has challenged. */
export class Authorizer {
  readonly #options: AuthorizerOptions;
  #scheme: Scheme = { kind: 'unknown' };
  #firstAnswer: Promise<void> | null = null;
  /** Until the first request has failed: what waits for another one, and so on, waits for each in turn. */
  #goesAlone = true;
  /** Scopes that the registry wanted beyond ours, by ours. */
  readonly #extra = new Map<string, Scopes>();

  constructor(options: AuthorizerOptions) {
    this.#options = options;
  }

  /**
   * Before a request. The first one goes bare, and the others wait for what is learned from its answer; when it has
   * none they all go bare.
   */
  async grant(need: Need): Promise<Grant> {
    if (this.#scheme.kind === 'unknown' && this.#options.learned.bearer !== null) {
      const { realm, serviceName } = this.#options.learned.bearer;
      this.#openBearer(realm, serviceName);
    }
    if (this.#scheme.kind === 'unknown') {
      if (this.#firstAnswer === null) {
        let resolve = nothing;
        if (this.#goesAlone)
          this.#firstAnswer = new Promise((settle) => {
            resolve = settle;
          });
        return { header: null, isFresh: false, release: (hasAnswered) => this.#learn(hasAnswered, resolve) };
      }
      await untilAborted(this.#firstAnswer, need.signal);
      return this.grant(need);
    }
    return this.#current(need);
  }

  /** After a 401. Null when there is nothing better than what was refused. */
  async renew(header: string, need: Need, refused: Grant): Promise<Grant | null> {
    const challenges = parseChallenges(header);
    const bearer = challenges.find(({ scheme }) => scheme === 'bearer');
    if (bearer?.parameters.realm !== undefined) return this.#renewBearer(bearer, need, refused);
    if (!challenges.some(({ scheme }) => scheme === 'basic')) return null;
    // Harbor asks for a password whenever it was shown a token, an expired one too (goharbor/harbor#17930).
    if (
      this.#scheme.kind === 'bearer' &&
      refused.header?.startsWith('Bearer ') === true &&
      !refused.isFresh
    ) {
      this.#options.tokens.forget(refused.header.replace(/^Bearer /, ''));
      const { value } = await this.#findToken(this.#scheme, need);
      return this.#toGrant(`Bearer ${value}`, true);
    }
    this.#scheme = { kind: 'basic' };
    refused.release(true);
    const credentials = await this.#findCredentials(need.repository);
    const known = this.#basic(credentials);
    const basic =
      known === refused.header
        ? this.#basic(await this.#findCredentials(need.repository, credentials))
        : known;
    return basic === null || basic === refused.header ? null : this.#toGrant(basic, true);
  }

  #learn(hasAnswered: boolean, resolve: () => void): void {
    if (this.#scheme.kind === 'unknown') {
      if (hasAnswered) this.#scheme = { kind: 'open' };
      else this.#goesAlone = false;
      this.#firstAnswer = null;
    }
    resolve();
  }

  async #current(need: Need): Promise<Grant> {
    if (this.#scheme.kind === 'basic')
      return this.#toGrant(this.#basic(await this.#findCredentials(need.repository)), false);
    if (this.#scheme.kind !== 'bearer') return this.#toGrant(null, false);
    const { value, isFresh } = await this.#findToken(this.#scheme, need);
    return this.#toGrant(`Bearer ${value}`, isFresh);
  }

  async #renewBearer({ parameters }: Challenge, need: Need, refused: Grant): Promise<Grant | null> {
    const asked = parseScopes(parameters.scope ?? '');
    const isMore = !includesScopes(this.#widen(need.scopes), asked);
    if (refused.isFresh && !isMore) return null;
    const { realm = '', service: serviceName = null } = parameters;
    const scheme = this.#openBearer(realm, serviceName);
    this.#options.learned.bearer = { realm, serviceName };
    refused.release(true);
    if (isMore) this.#extra.set(formatScopes(need.scopes).join(' '), asked);
    if (refused.header !== null) this.#options.tokens.forget(refused.header.replace(/^Bearer /, ''));
    const { value } = await this.#findToken(scheme, need);
    const header = `Bearer ${value}`;
    return header === refused.header ? null : this.#toGrant(header, true);
  }

  #openBearer(realm: string, serviceName: string | null) {
    const service = this.#options.openTokenService(realm, serviceName);
    const scheme = { kind: 'bearer', realm, serviceName, service } as const;
    this.#scheme = scheme;
    return scheme;
  }

  async #findToken({ realm, serviceName, service }: Scheme & { readonly kind: 'bearer' }, need: Need) {
    const credentials = await this.#findCredentials(need.repository);
    const holder = formatHolder(realm, serviceName, credentials);
    const scopes = this.#widen(need.scopes);
    const renew = (refused: Credentials) => this.#findCredentials(need.repository, refused);
    const fetch = () => service.fetchToken(scopes, credentials, renew);
    return this.#options.tokens.find(holder, scopes, fetch, need.signal);
  }

  #widen(wanted: Scopes): Scopes {
    const extra = this.#extra.get(formatScopes(wanted).join(' '));
    return extra === undefined ? wanted : mergeScopes(wanted, extra);
  }

  #basic(credentials: Credentials | null): string | null {
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

  /** Not kept: where they come from knows how long they count. */
  async #findCredentials(repository: string, refused?: Credentials | null): Promise<Credentials | null> {
    return this.#hide(await this.#options.findCredentials(repository, refused));
  }

  #hide(credentials: Credentials | null): Credentials | null {
    const { redactor } = this.#options;
    if (credentials?.kind === 'password') {
      redactor.hide(credentials.password);
      redactor.hide(`${credentials.username}:${credentials.password}`);
    } else if (credentials !== null) redactor.hide(credentials.token);
    return credentials;
  }

  #toGrant(header: string | null, isFresh: boolean): Grant {
    return { header, isFresh, release: nothing };
  }
}
