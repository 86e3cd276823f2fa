import http from 'node:http';
import https from 'node:https';
import { Readable } from 'node:stream';
import { HttpsProxyAgent } from 'https-proxy-agent';
import { getProxyForUrl } from 'proxy-from-env';

/** `fetch` that goes through the proxy that the environment names for a URL: Node 20's own does not look. */
export const proxyFetch: typeof fetch = async (input, init) => {
  const url = new URL(input instanceof Request ? input.url : input);
  const proxy = getProxyForUrl(url.href);
  return proxy === '' ? fetch(url, init) : throughTunnel(url, new HttpsProxyAgent(proxy), init ?? {});
};

function throughTunnel(url: URL, agent: http.Agent, init: RequestInit): Promise<Response> {
  return new Promise((resolve, reject) => {
    const request = (url.protocol === 'http:' ? http : https).request(url, {
      agent,
      method: init.method ?? 'GET',
      headers: Object.fromEntries(new Headers(init.headers)),
      ...(init.signal && { signal: init.signal }),
    });
    request.on('error', reject);
    request.on('response', (answer) => {
      const status = answer.statusCode ?? 500;
      const body = [204, 205, 304].includes(status) ? null : (Readable.toWeb(answer) as ReadableStream);
      if (body === null) answer.resume();
      const headers = Object.entries(answer.headersDistinct).flatMap(([name, values]) =>
        (values ?? []).map((value): [string, string] => [name, value]),
      );
      resolve(new Response(body, { status, headers }));
    });
    // Octokit sends JSON text or nothing.
    request.end(typeof init.body === 'string' ? init.body : undefined);
  });
}
