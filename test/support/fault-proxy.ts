import { Agent, request as httpRequest, type IncomingMessage } from 'node:http';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { type Faults, listen, planFaults, type RequestRecord, type Serve } from '../../src/embedded/index.ts';

export interface FaultProxy {
  readonly url: string;
  readonly host: string;
  readonly requests: readonly RequestRecord[];
  setFaults(faults: Faults): void;
  close(): Promise<void>;
}

/**
 * Stands before a real registry and injects the same faults as the embedded one, streaming. The Host header is
 * passed on, so that the registry's absolute Locations lead back through the proxy. `target` is an http URL.
 */
export async function startFaultProxy(target: string, faults: Faults = []): Promise<FaultProxy> {
  const agent = new Agent({ keepAlive: true });
  const requests: RequestRecord[] = [];
  let plan = planFaults(faults);
  const listener = await listen(forwardTo(target, agent), {
    faults: { next: (request) => plan.next(request) },
    record: (request) => void requests.push(request),
  });
  return {
    url: listener.url,
    host: listener.host,
    requests,
    setFaults(next) {
      plan = planFaults(next);
    },
    async close() {
      await listener.close();
      agent.destroy();
    },
  };
}

const hopByHop = new Set(['connection', 'keep-alive', 'transfer-encoding']);

function forwardTo(target: string, agent: Agent): Serve {
  return async (asked) => {
    const query = asked.query.toString();
    const upstream = httpRequest(`${target}${asked.path}${query ? `?${query}` : ''}`, {
      method: asked.method,
      headers: asked.headers,
      agent,
    });
    const answered = new Promise<IncomingMessage>((resolve, reject) => {
      upstream.on('response', resolve);
      upstream.on('error', reject);
    });
    pipeline(Readable.from(asked.body), upstream).catch((error: Error) => upstream.destroy(error));
    const incoming = await answered;
    const headers = Object.entries(incoming.headers).flatMap(([name, value]) =>
      value === undefined || hopByHop.has(name) ? [] : [[name, value] as const],
    );
    return {
      status: incoming.statusCode ?? 502,
      headers: Object.fromEntries(headers),
      body: asked.method === 'HEAD' ? (incoming.resume(), null) : incoming,
    };
  };
}
