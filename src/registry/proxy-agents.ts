import http from 'node:http';
import net from 'node:net';
import tls from 'node:tls';
import { HttpsProxyAgent } from 'https-proxy-agent';
import { HoldfastError } from '../error.ts';
import { StallError } from './stall-error.ts';

export type TlsOptions = Pick<tls.SecureContextOptions, 'ca' | 'cert' | 'key'>;

/** The URL of a proxy as an environment variable gives it. Its user and password are shown to nobody. */
export function parseProxy(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url !== null && /^https?:$/.test(url.protocol)) return url;
  throw new HoldfastError(
    'config',
    'the proxy of the environment (HTTPS_PROXY, HTTP_PROXY, ALL_PROXY) must be a URL with http:// or https://',
  );
}

type Connect = HttpsProxyAgent<string>['connect'];

/**
 * A CONNECT tunnel whose TLS settings are for what lies behind the proxy, not for the proxy, and whose proxy answers
 * within `timeout` milliseconds. A request that it keeps waiting emits `silence`, once, after a quarter of them, with
 * those that are left: it has no socket yet by which that could be seen.
 */
export class TunnelAgent extends HttpsProxyAgent<string> {
  readonly #secure: TlsOptions;
  readonly #timeout: number;

  constructor(proxy: URL, pool: http.AgentOptions, secure: TlsOptions, timeout: number) {
    super(proxy, pool);
    this.#secure = secure;
    this.#timeout = timeout;
  }

  override async connect(...[request, options]: Parameters<Connect>): ReturnType<Connect> {
    const stop = new AbortController();
    let isLate = false;
    const timer = setTimeout(() => {
      isLate = true;
      stop.abort();
    }, this.#timeout);
    const quarter = this.#timeout / 4;
    const telling = setTimeout(() => request.emit('silence', this.#timeout - quarter), quarter);
    // Read before anything is waited for, and so this tunnel's own.
    this.connectOpts = Object.assign({}, this.connectOpts, { signal: stop.signal });
    try {
      const secure = options.secureEndpoint ? this.#secure : {};
      return await super.connect(request, { ...options, ...secure });
    } catch (error) {
      const seconds = Math.round(this.#timeout / 1000);
      return failedSocket(isLate ? new StallError(`the proxy did not answer for ${seconds} s`) : error);
    } finally {
      clearTimeout(timer);
      clearTimeout(telling);
    }
  }
}

/**
 * Fails once the pool has it: requests that wait for a connection are served when one of the pool closes, and never
 * when there was none.
 */
function failedSocket(error: unknown): net.Socket {
  const socket = new net.Socket();
  socket.cork(); // what is written to it waits for its end
  setImmediate(() => socket.destroy(error instanceof Error ? error : new Error(String(error))));
  return socket;
}

/**
 * Plain HTTP through a proxy, which is told the whole URL (RFC 9112 § 3.2.2): most proxies forbid CONNECT to other ports
 * than 443.
 */
export class ForwardAgent extends http.Agent {
  readonly #proxy: URL;

  constructor(proxy: URL, pool: http.AgentOptions) {
    super(pool);
    this.#proxy = proxy;
  }

  /** What a request of this agent has instead of its own path and beside its own headers. */
  addressTo(url: URL): { readonly path: string; readonly headers: http.OutgoingHttpHeaders } {
    const { username, password } = this.#proxy;
    const user = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
    const basic = { 'proxy-authorization': `Basic ${Buffer.from(user).toString('base64')}` };
    return {
      path: `${url.origin}${url.pathname}${url.search}`,
      headers: username === '' && password === '' ? {} : basic,
    };
  }

  override createConnection(): net.Socket {
    const { protocol, hostname, port } = this.#proxy;
    const host = hostname.replace(/^\[|\]$/g, '');
    return protocol === 'https:'
      ? tls.connect({
          host,
          port: Number(port) || 443,
          ...(net.isIP(host) === 0 ? { servername: host } : {}),
          ALPNProtocols: ['http/1.1'],
        })
      : net.connect({ host, port: Number(port) || 80 });
  }
}
