import { setMaxListeners } from 'node:events';
import { HoldfastError } from '../error.ts';
import { findRepositoryProblem } from '../reference/index.ts';
import { systemClock } from './clock.ts';
import { Connections } from './connections.ts';
import { CredentialSources } from './credentials.ts';
import { createEcrRepositories } from './ecr.ts';
import { Endpoint, type EndpointOptions } from './endpoint.ts';
import { Pace } from './pace.ts';
import { explainAnswer, findQuirks } from './quirks.ts';
import { Redactor } from './redactor.ts';
import { RegistryClient } from './registry-client.ts';
import type { RegistriesOptions, RegistrySettings } from './settings.ts';
import { TokenStore } from './token-store.ts';
import type { Registries, RegistryUse } from './types.ts';

const usualConnections = 16;
const usualIdleTimeout = 60_000;
/** Of the head of a manifest: a cache in front of a slow registry may take some seconds. */
const usualBriefTimeout = 20_000;
/** A mirror is worth a second attempt, not a wait: there is another place to ask. */
const mirrorAttempts = 2;
const mirrorBriefTimeout = 10_000;

/** All registries of a run. Nothing is asked before a method of one is called. */
export function openRegistries(options: RegistriesOptions = {}): Registries {
  const clock = options.clock ?? systemClock;
  const idleTimeout = options.idleTimeout ?? usualIdleTimeout;
  const most = options.connections ?? usualConnections;
  const redactor = new Redactor();
  const credentials = new CredentialSources(options);
  const clients = new Map<string, RegistryClient>();
  const paces = new Map<string, Pace>();
  const sharedBy = new Map<string, Pick<EndpointOptions, 'tokens' | 'learned' | 'anonymousLimit'>>();
  const opened: Connections[] = [];
  const closing = new AbortController();
  setMaxListeners(0, closing.signal);

  function open(host: string, use: RegistryUse): RegistryClient {
    const key = `${use} ${host}`;
    let client = clients.get(key);
    if (client === undefined) {
      client = createClient(host, use);
      clients.set(key, client);
    }
    return client;
  }

  function createClient(host: string, use: RegistryUse): RegistryClient {
    const settings = options.settings?.[host] ?? {};
    const hasMirrors = use === 'pull' || use === 'anonymous';
    const mirrors = hasMirrors ? (settings.mirrors ?? []).map((url) => parseMirror(host, url)) : [];
    return new RegistryClient({
      host,
      use,
      own: createEndpoint(host, baseOf(host, settings), settings, use),
      mirrors: mirrors.map(({ base, prefix }) => {
        const own = options.settings?.[base.host] ?? {};
        return { endpoint: createEndpoint(base.host, base, own, use, true), prefix };
      }),
      clock,
      idleTimeout,
      stopAt: settings.stopAt ?? 0,
      createRepository: use === 'push' ? repositoryCreator(host, settings) : null,
    });
  }

  /** `owner`: the host whose credentials are sent there. */
  function createEndpoint(
    owner: string,
    base: URL,
    settings: RegistrySettings,
    use: RegistryUse,
    isMirror = false,
  ): Endpoint {
    return new Endpoint({
      host: owner,
      base,
      connections: openConnections(settings, [base.origin]),
      // What is passed over as a mirror may be a backup too, which is worth more patience.
      pace: paceOf(owner, isMirror),
      clock,
      redactor,
      idleTimeout,
      briefTimeout: Math.min(idleTimeout, isMirror ? mirrorBriefTimeout : usualBriefTimeout),
      userAgent: options.userAgent ?? 'holdfast',
      findCredentials: (repository, refused) => credentials.find(owner, repository, use, refused),
      ...sharedAt(base.origin),
      isAnonymous: use === 'anonymous',
      mayBeAnonymous: use !== 'push',
      closing: closing.signal,
      ...(isMirror && {
        attempts: mirrorAttempts,
        passOver: (until: Date, why: string) => options.onWait?.(owner, until, why, 'passed-over'),
      }),
      explain: (refusal) => explainAnswer(owner, refusal),
    });
  }

  function repositoryCreator(host: string, settings: RegistrySettings) {
    const findCredentials = options.createRepositories;
    if (findCredentials === undefined) return null;
    const connections = openConnections(settings, []);
    const { ecrApi: api } = options;
    return createEcrRepositories({
      host,
      findCredentials,
      api,
      connections,
      clock,
      pace: paceOf(host),
      redactor,
      idleTimeout,
    });
  }

  function openConnections(settings: RegistrySettings, ownOrigins: readonly string[]): Connections {
    const { proxyFor } = options;
    const connectTimeout = Math.min(idleTimeout, usualBriefTimeout);
    const connections = new Connections({ most, proxyFor, settings, ownOrigins, connectTimeout });
    opened.push(connections);
    return connections;
  }

  /** A token is for the address that asked for it; its holder keeps the names apart that lead there. */
  function sharedAt(origin: string) {
    let shared = sharedBy.get(origin);
    if (shared === undefined) {
      shared = {
        tokens: new TokenStore(clock, redactor),
        learned: { bearer: null, product: null },
        anonymousLimit: { heard: null },
      };
      sharedBy.set(origin, shared);
    }
    return shared;
  }

  function paceOf(host: string, isMirror = false): Pace {
    const key = `${isMirror} ${host}`;
    let pace = paces.get(key);
    if (pace === undefined) {
      pace = new Pace(clock, (until, why) => options.onWait?.(host, until, why, 'waiting'));
      paces.set(key, pace);
    }
    return pace;
  }

  return {
    open,
    connections: most,
    close: () => {
      closing.abort(new Error('the registries were closed'));
      for (const connections of opened) connections.close();
    },
  };
}

function baseOf(host: string, settings: RegistrySettings): URL {
  if (settings.endpoint !== undefined) return parseEndpoint(host, settings.endpoint);
  const named = findQuirks(host).find(({ endpoint }) => endpoint !== undefined)?.endpoint ?? host;
  return parseEndpoint(host, `${settings.plainHttp === true ? 'http' : 'https'}://${named}`);
}

/** What stands behind the host is put before repositories' names, as in a proxy project of Harbor or Artifactory. */
function parseMirror(host: string, text: string): { readonly base: URL; readonly prefix: string } {
  const url = URL.canParse(text) ? new URL(text) : null;
  const prefix = url?.pathname.replace(/^\/|\/$/g, '') ?? '';
  if (url !== null) url.pathname = '/';
  if (prefix !== '' && findRepositoryProblem(prefix) !== null)
    throw new HoldfastError(
      'config',
      `the path of the mirror ${url?.origin}/${prefix} of ${host} must be the start of repositories' names there`,
    );
  return { base: parseEndpoint(host, url?.href ?? text), prefix: prefix === '' ? '' : `${prefix}/` };
}

function parseEndpoint(host: string, text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : null;
  const isPlain = url !== null && url.pathname === '/' && url.search === '' && url.hash === '';
  if (url === null || !isPlain || !/^https?:$/.test(url.protocol))
    throw new HoldfastError(
      'config',
      `the address of ${host} must be a URL such as https://10.0.0.8:5000, without a path`,
    );
  if (url.username !== '' || url.password !== '')
    throw new HoldfastError(
      'config',
      `the address of ${host} must have no user or password in it: use username and password`,
    );
  return url;
}
