import { readFileSync } from 'node:fs';
import http from 'node:http';
import https from 'node:https';
import tls from 'node:tls';
import { getProxyForUrl } from 'proxy-from-env';
import { HoldfastError } from '../error.ts';
import { publicLookup } from './addresses.ts';
import { ForwardAgent, parseProxy, type TlsOptions, TunnelAgent } from './proxy-agents.ts';
import { PlainDownloadAgent, SecureDownloadAgent } from './reused-reads.ts';
import type { RegistrySettings } from './settings.ts';

/**
 * Pools of HTTP/1.1 connections, one for each origin: HTTP/2 puts all streams of an origin on one connection, whose
 * flow control costs other clients 65 % of their time. Of Node's clients its own is the cheapest: to GET a GiB in six
 * blobs and PUT it, both at docker-registry 2.8.2, took 0.9 s of CPU and 100 MB (undici 7: 1.3 s, 140 MB), over TLS 1.9 s
 * and 90 MB (undici 2.3 s, 125 MB; node:http2 2.1 s, 210 MB). A registry's client certificate goes to its own origins alone.
 */
export class Connections {
  readonly #pools = new Map<string, http.Agent>();
  readonly #most: number;
  readonly #proxyFor: (url: string) => string;
  readonly #tls: TlsOptions;
  readonly #ownOrigins: ReadonlySet<string>;
  readonly #connectTimeout: number;

  constructor(options: {
    readonly most: number;
    readonly proxyFor: ((url: string) => string) | undefined;
    readonly settings: RegistrySettings;
    readonly ownOrigins: readonly string[];
    /** Milliseconds in which a proxy opens a tunnel. */
    readonly connectTimeout: number;
  }) {
    this.#most = options.most;
    this.#proxyFor = options.proxyFor ?? getProxyForUrl;
    this.#tls = readTlsFiles(options.settings);
    this.#ownOrigins = new Set(options.ownOrigins);
    this.#connectTimeout = options.connectTimeout;
  }

  /**
   * `guarded`: names that lead to private addresses are refused (not behind a proxy, which looks names up itself).
   * Downloads have a pool of their own: a copy within one registry holds one while its upload waits for a connection,
   * and with one pool many such copies would wait for each other for ever.
   */
  agentFor(url: URL, lane: 'download' | 'other', guarded: boolean): http.Agent {
    const key = `${lane} ${guarded} ${url.protocol}${url.host}`;
    let agent = this.#pools.get(key);
    if (agent === undefined) {
      agent = this.#createAgent(url, lane, guarded);
      this.#pools.set(key, agent);
    }
    return agent;
  }

  /** False behind a proxy, whose address says nothing of the server's. */
  isDirect(url: URL): boolean {
    return this.#proxyFor(url.href) === '';
  }

  close(): void {
    for (const agent of this.#pools.values()) agent.destroy();
    this.#pools.clear();
  }

  #createAgent(url: URL, lane: 'download' | 'other', guarded: boolean): http.Agent {
    const pool = { keepAlive: true, maxSockets: this.#most, scheduling: 'lifo' as const };
    // An authority may have signed the token server and the storage too; our key is shown to the registry alone.
    const { ca, ...client } = this.#tls;
    const secure = {
      ...(ca === undefined ? {} : { ca }),
      ...(this.#ownOrigins.has(url.origin) ? client : {}),
    };
    const proxy = this.#proxyFor(url.href);
    if (proxy !== '')
      return url.protocol === 'http:'
        ? new ForwardAgent(parseProxy(proxy), pool)
        : new TunnelAgent(parseProxy(proxy), pool, secure, this.#connectTimeout);
    const lookup = guarded ? { lookup: publicLookup } : {};
    const isDownload = lane === 'download';
    const [Plain, Secure] = isDownload
      ? [PlainDownloadAgent, SecureDownloadAgent]
      : [http.Agent, https.Agent];
    if (url.protocol === 'http:') return new Plain({ ...pool, ...lookup });
    return new Secure({ ...pool, ...lookup, ...secure });
  }
}

function readTlsFiles({ caFile, clientCert }: RegistrySettings): TlsOptions {
  return {
    ...(caFile === undefined ? {} : { ca: [...tls.rootCertificates, readPem(caFile)] }),
    ...(clientCert === undefined ? {} : { cert: readPem(clientCert.cert), key: readPem(clientCert.key) }),
  };
}

function readPem(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (cause) {
    throw new HoldfastError(
      'config',
      `cannot read the certificate file ${path}: check the path and its rights`,
      {
        cause,
      },
    );
  }
}
