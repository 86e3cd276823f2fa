import type { IncomingHttpHeaders, IncomingMessage, OutgoingHttpHeaders } from 'node:http';
import type { Socket } from 'node:net';
import type { Readable } from 'node:stream';
import { reachOf, reachOfHost } from './addresses.ts';
import { Authorizer, type FindCredentials, type Grant, type Learned } from './authorizer.ts';
import { discardBody, readBody } from './body.ts';
import type { Clock } from './clock.ts';
import type { Connections } from './connections.ts';
import { exchange, SourceError } from './exchange.ts';
import { findConnectionFailure } from './failure.ts';
import type { Pace } from './pace.ts';
import type { Refusal } from './quirks.ts';
import { type AnonymousLimit, parseRateLimit } from './rate-limit.ts';
import type { Redactor } from './redactor.ts';
import { RegistryError } from './registry-error.ts';
import { findProduct } from './registry-product.ts';
import { PassingFailure, withRetries } from './retry.ts';
import { isPassingStatus, parseRetryAfter } from './retry-policy.ts';
import { findTargetProblem } from './safe-target.ts';
import type { Scopes } from './scopes.ts';
import { parseServerMessage } from './server-message.ts';
import { codeOfStatus, describeStatus } from './status-meaning.ts';
import { type AskTokenServer, createTokenService, type TokenService } from './token-service.ts';
import type { TokenStore } from './token-store.ts';
import type { RateLimit, RegistryErrorCode } from './types.ts';

/** A request in the registry's terms. */
export interface Request {
  readonly method: 'GET' | 'HEAD' | 'PUT' | 'POST' | 'PATCH' | 'DELETE';
  /** `/v2/…`, or the URL of an upload session. */
  readonly target: string | URL;
  readonly repository: string;
  readonly scopes: Scopes;
  readonly headers?: OutgoingHttpHeaders;
  readonly body?: Buffer | Readable | undefined;
  /** Answers that the caller understands; every other one is thrown. */
  readonly accept: readonly number[];
  /** Most bytes of the body of an accepted answer; `stream`: the caller reads it. Default 64 KiB. */
  readonly read?: number | 'stream';
  /** Closes an upload: all of its bytes are there, and may be moved before the answer comes. */
  readonly isClosing?: true;
  /** Asks for little, which a registry has at hand: silence is noticed sooner. */
  readonly isBrief?: true;
  /** There is another way: fewer attempts, and no word on the registry when they fail. */
  readonly isOptional?: true;
  readonly signal: AbortSignal | undefined;
}

export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  /** Where it came from, after redirects. */
  readonly url: URL;
  /** Empty for HEAD and for streams. */
  readonly body: Buffer;
  readonly message: IncomingMessage;
}

export interface EndpointOptions {
  /** The registry's own name, for errors and credentials. */
  readonly host: string;
  readonly base: URL;
  readonly connections: Connections;
  readonly pace: Pace;
  readonly clock: Clock;
  readonly redactor: Redactor;
  readonly idleTimeout: number;
  /** Milliseconds until the head of the answer to a brief request. */
  readonly briefTimeout: number;
  readonly userAgent: string;
  readonly findCredentials: FindCredentials;
  readonly tokens: TokenStore;
  readonly learned: Learned;
  readonly anonymousLimit: AnonymousLimit;
  /** It never shows credentials, whatever we hold. */
  readonly isAnonymous: boolean;
  readonly mayBeAnonymous: boolean;
  /** Aborted when the run is over: ends what is shared and so belongs to no one request. */
  readonly closing: AbortSignal;
  /** Attempts at one request; default `retryBounds.attempts`. */
  readonly attempts?: number;
  /** Of a mirror: told when it is passed over from now on. */
  readonly passOver?: (until: Date, why: string) => void;
  /** Turns the problem of an answer into what it means at this registry. */
  readonly explain: (refusal: Refusal) => string | null;
}

const mostRedirects = 5;
const redirects = new Set([301, 302, 303, 307, 308]);
const smallBody = 64 * 1024;
const longestTokenAnswer = 256 * 1024;

/** One address at which a registry answers: authentication, redirects, retries and errors of every request to it. */
export class Endpoint {
  readonly #options: EndpointOptions;
  readonly #authorizer: Authorizer;
  #rateLimit: RateLimit | null = null;
  #isInside: boolean;
  readonly #seen = new WeakSet<Socket>();
  readonly #origin: string;

  constructor(options: EndpointOptions) {
    this.#options = options;
    this.#origin = options.base.origin;
    const reach = reachOfHost(options.base.hostname);
    this.#isInside = reach !== null && reach !== 'public';
    this.#authorizer = new Authorizer({
      registry: options.host,
      findCredentials: options.findCredentials,
      openTokenService: (realm, service) => this.#openTokenService(realm, service),
      tokens: options.tokens,
      learned: options.learned,
      redactor: options.redactor,
    });
  }

  get host(): string {
    return this.#options.host;
  }

  /** There is another place to ask. */
  get isMirror(): boolean {
    return this.#options.passOver !== undefined;
  }

  get base(): URL {
    return this.#options.base;
  }

  get closing(): AbortSignal {
    return this.#options.closing;
  }

  rateLimit(): RateLimit | null {
    return this.#rateLimit;
  }

  /** The same, or what another use heard where neither of them has credentials. */
  async findRateLimit(repository: string): Promise<RateLimit | null> {
    const { anonymousLimit, findCredentials } = this.#options;
    if (this.#rateLimit !== null || anonymousLimit.heard === null) return this.#rateLimit;
    return (await findCredentials(repository)) === null ? anonymousLimit.heard : null;
  }

  /** A request that may be sent again as it is. */
  send(request: Request): Promise<Answer> {
    return this.attempt(() => this.sendOnce(request), request.signal, request.isOptional);
  }

  /** Runs what may throw `PassingFailure` again and again, within the bounds of retries. */
  attempt<T>(run: () => Promise<T>, signal: AbortSignal | undefined, isOptional = false): Promise<T> {
    const { host: registry, clock, pace, attempts: most, passOver } = this.#options;
    return withRetries(run, { registry, clock, pace, signal, most, passOver, isOptional });
  }

  /** Throws `PassingFailure` where another attempt, with a body opened anew, may succeed. */
  async sendOnce(request: Request): Promise<Answer> {
    const grant = await this.#authorizer.grant(request);
    let hasAnswered = false;
    try {
      const answer = await this.#sendGranted(request, grant);
      hasAnswered = true;
      return answer;
    } catch (error) {
      hasAnswered = error instanceof RegistryError && error.status !== null;
      throw error;
    } finally {
      grant.release(hasAnswered);
    }
  }

  /** The URL of a Location header, relative or absolute, with or without query. */
  resolveLocation(answer: Answer, repository: string): URL {
    return this.resolveUrl(answer.headers.location ?? null, answer.url, repository);
  }

  /** A URL that an answer names, once it is known to be safe to ask. */
  resolveUrl(text: string | null, from: URL, repository: string): URL {
    const url = text === null ? null : parseUrl(text, from);
    if (url === null) throw this.error('invalid', 'its answer has no usable Location', { repository });
    const { base } = this.#options;
    const problem = findTargetProblem(url, { from, base, isInside: this.#isInside });
    if (problem !== null) throw this.error('invalid', `its answer ${problem}`, { repository });
    url.hash = '';
    url.username = '';
    url.password = '';
    return url;
  }

  error(
    code: RegistryErrorCode,
    problem: string,
    circumstances: { repository?: string; status?: number; detail?: string; cause?: unknown } = {},
  ): RegistryError {
    // A problem may quote what an answer named, and an answer may give back what it was sent.
    const { host: registry, redactor } = this.#options;
    return new RegistryError(code, redactor.clean(problem, 500), { registry, ...circumstances });
  }

  async #sendGranted(request: Request, grant: Grant): Promise<Answer> {
    const answer = await this.#follow(request, grant);
    // Who we are is a matter between us and the registry: the challenge of a storage that it sends us to is none.
    if (answer.status !== 401 || answer.url.origin !== this.#origin) return this.#take(request, answer);
    const challenge = answer.headers['www-authenticate'] ?? '';
    const failure = await this.#readRefusal(request, answer);
    const refused = failure instanceof PassingFailure ? failure.error : failure;
    const renewed = await this.#authorizer.renew(challenge, request, grant);
    if (renewed === null) throw refused;
    if (request.body !== undefined && !Buffer.isBuffer(request.body))
      throw new PassingFailure(refused, { free: 'refreshed' });
    const second = await this.#follow(request, renewed);
    if (second.status === 401) throw await this.#readRefusal(request, second);
    return this.#take(request, second);
  }

  /** The answer after redirects. Only reads follow them, and credentials stay at the registry's own origin. */
  async #follow(request: Request, grant: Grant): Promise<Answer> {
    const { base } = this.#options;
    let url = typeof request.target === 'string' ? new URL(request.target, base) : request.target;
    for (let hops = 0; ; hops += 1) {
      const isOwn = url.origin === this.#origin;
      const message = await this.#exchange(request, url, isOwn, grant);
      const status = message.statusCode ?? 0;
      const answer: Answer = { status, headers: message.headers, url, body: Buffer.alloc(0), message };
      if (isOwn) {
        this.#rateLimit = parseRateLimit(message.headers) ?? this.#rateLimit;
        if (this.#options.isAnonymous) this.#options.anonymousLimit.heard = this.#rateLimit;
        this.#learnReach(message, url);
        if (status >= 400) this.#options.learned.product ??= findProduct(message.headers);
      }
      const isRead = request.method === 'GET' || request.method === 'HEAD';
      if (!isRead || !redirects.has(status)) return answer;
      await discardBody(message, this.#options.idleTimeout);
      if (hops === mostRedirects) throw this.error('invalid', 'it redirects in a loop', request);
      url = this.resolveLocation(answer, request.repository);
    }
  }

  /** Once for each connection, not for each answer. */
  #learnReach({ socket }: IncomingMessage, url: URL): void {
    if (this.#isInside || this.#seen.has(socket)) return;
    this.#seen.add(socket);
    const { remoteAddress } = socket;
    if (remoteAddress === undefined || !this.#options.connections.isDirect(url)) return;
    if (reachOf(remoteAddress) === 'private') this.#isInside = true;
  }

  async #exchange(request: Request, url: URL, isOwn: boolean, grant: Grant): Promise<IncomingMessage> {
    const { connections, idleTimeout, briefTimeout, userAgent, pace } = this.#options;
    const headers: OutgoingHttpHeaders = { 'user-agent': userAgent, ...request.headers };
    if (isOwn && grant.header !== null) headers.authorization = grant.header;
    if (Buffer.isBuffer(request.body)) headers['content-length'] = request.body.length;
    try {
      return await exchange({
        method: request.method,
        url,
        headers,
        body: request.body,
        agent: connections.agentFor(
          url,
          request.read === 'stream' ? 'download' : 'other',
          !isOwn && !this.#isInside,
        ),
        idleTimeout: request.isBrief ? briefTimeout : idleTimeout,
        isClosing: request.isClosing,
        onSilence: (left) => pace.hearNothing(left),
        signal: request.signal,
      });
    } catch (error) {
      throw this.#toFailure(error, request, url);
    }
  }

  /** The accepted answer with its body read, or the error that it is. */
  async #take(request: Request, answer: Answer): Promise<Answer> {
    const { message } = answer;
    if (!request.accept.includes(answer.status)) throw await this.#readRefusal(request, answer);
    if (request.method === 'HEAD') {
      message.resume();
      return answer;
    }
    if (request.read === 'stream') return answer;
    try {
      const body = await readBody(message, request.read ?? smallBody, this.#options.idleTimeout);
      return { ...answer, body };
    } catch (error) {
      throw this.#toFailure(error, request);
    }
  }

  async #readRefusal(
    { method, repository, headers: sent }: Pick<Request, 'method' | 'repository' | 'headers'>,
    { status, headers, message }: Answer,
  ): Promise<RegistryError | PassingFailure> {
    const { redactor, idleTimeout, clock, explain, learned } = this.#options;
    const body =
      method === 'HEAD'
        ? Buffer.alloc(0)
        : await readBody(message, smallBody, idleTimeout).catch(() => Buffer.alloc(0));
    if (method === 'HEAD') message.resume();
    const said = parseServerMessage(body, headers['content-type']);
    const detail = redactor.clean(said.text);
    const mediaType = typeof sent?.['content-type'] === 'string' ? sent['content-type'] : null;
    const known = explain({ status, code: said.code, repository, mediaType, product: learned.product });
    const error = this.error(codeOfStatus(status), known ?? describeStatus(status), {
      repository,
      status,
      detail,
    });
    if (!isPassingStatus(status)) return error;
    return new PassingFailure(error, { retryAfter: parseRetryAfter(headers['retry-after'], clock.now()) });
  }

  /** `url`: what was asked, where that may be another host than the registry's. */
  #toFailure(
    error: unknown,
    { repository, signal }: Pick<Request, 'repository' | 'signal'>,
    url: URL = this.#options.base,
  ): unknown {
    if (error instanceof SourceError) return error.cause;
    if (signal?.aborted) return this.error('interrupted', 'the run was stopped', { repository });
    const failure = findConnectionFailure(error);
    if (failure === null) return error;
    const elsewhere = url.host === this.#options.base.host ? '' : `it sends to ${url.host}, and there `;
    const by = this.#options.connections.isDirect(url)
      ? ''
      : 'by way of the proxy that HTTP_PROXY or HTTPS_PROXY names, ';
    const told = this.error(failure.code, `${by}${elsewhere}${failure.problem}`, {
      repository,
      cause: error,
    });
    if (!failure.isWorthRetrying) return told;
    const isStale = error instanceof Error && 'reusedSocket' in error && error.reusedSocket === true;
    return new PassingFailure(told, { free: isStale ? 'stale' : null });
  }

  #openTokenService(realm: string, service: string | null): TokenService {
    const { base, host: registry, mayBeAnonymous, clock } = this.#options;
    const url = parseUrl(realm);
    if (url === null) throw this.error('invalid', 'its token realm is no URL');
    const problem = findTargetProblem(url, { from: base, base, isInside: this.#isInside });
    if (problem !== null) throw this.error('invalid', `its token realm ${problem}`);
    const ask: AskTokenServer = (request) =>
      this.attempt(() => this.#askTokenServer(request), this.#options.closing);
    return createTokenService({ registry, realm: url, service, mayBeAnonymous, ask, clock });
  }

  async #askTokenServer({ method, url, authorization, form }: Parameters<AskTokenServer>[0]) {
    const { base, closing, connections, idleTimeout, briefTimeout, userAgent, redactor, pace } =
      this.#options;
    const request = { method, repository: '', signal: closing };
    try {
      const message = await exchange({
        method,
        url,
        headers: {
          'user-agent': userAgent,
          accept: 'application/json',
          ...(authorization === null ? {} : { authorization }),
          ...(form === null ? {} : { 'content-type': 'application/x-www-form-urlencoded' }),
        },
        body: form === null ? undefined : Buffer.from(form.toString()),
        agent: connections.agentFor(url, 'other', url.origin !== base.origin && !this.#isInside),
        idleTimeout: briefTimeout,
        onSilence: (left) => pace.hearNothing(left),
        signal: closing,
      });
      const answer: Answer = {
        status: message.statusCode ?? 0,
        headers: message.headers,
        url,
        body: Buffer.alloc(0),
        message,
      };
      if (isPassingStatus(answer.status)) throw await this.#readRefusal(request, answer);
      const body = await readBody(message, longestTokenAnswer, idleTimeout);
      const isGood = answer.status === 200;
      const said = isGood ? '' : parseServerMessage(body, message.headers['content-type']).text;
      return {
        status: answer.status,
        text: isGood ? body.toString('utf8') : '',
        detail: redactor.clean(said),
      };
    } catch (error) {
      throw error instanceof RegistryError || error instanceof PassingFailure
        ? error
        : this.#toFailure(error, request, url);
    }
  }
}

function parseUrl(text: string, base?: URL): URL | null {
  return URL.canParse(text, base?.href) ? new URL(text, base) : null;
}
