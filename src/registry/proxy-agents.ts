import http from 'node:http';
import net from 'node:net';
import tls from 'node:tls';
import { HttpsProxyAgent } from 'https-proxy-agent';
import { HoldfastError } from '../error.ts';

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

/** A CONNECT tunnel whose TLS settings are for what lies behind the proxy, not for the proxy. */
export class TunnelAgent extends HttpsProxyAgent<string> {
  readonly #secure: TlsOptions;

  constructor(proxy: URL, pool: http.AgentOptions, secure: TlsOptions) {
    super(proxy, pool);
    this.#secure = secure;
  }

  override connect(...[request, options]: Parameters<HttpsProxyAgent<string>['connect']>) {
    return super.connect(request, options.secureEndpoint ? { ...options, ...this.#secure } : options);
  }
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
