import { afterEach, describe, expect, it } from 'vitest';
import {
  type EmbeddedRegistry,
  everyFault,
  type Fault,
  type Faults,
  planFaults,
  startRegistry,
} from '../../src/embedded/index.ts';
import { findDockerRegistry, startDockerRegistry } from '../support/docker-registry.ts';
import { startFaultProxy } from '../support/fault-proxy.ts';
import { ask } from '../support/http-client.ts';
import { bytesBlob, sha256 } from '../support/images.ts';
import { pushBlob } from '../support/push-image.ts';

const closers: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).toReversed()) await close();
});

interface Faulty {
  readonly url: string;
  readonly requests: EmbeddedRegistry['requests'];
  setFaults(faults: Faults): void;
}

async function start(kind: 'embedded' | 'docker-registry'): Promise<Faulty> {
  if (kind === 'embedded') {
    const registry = await startRegistry();
    closers.push(() => registry.close());
    return registry;
  }
  const registry = await startDockerRegistry();
  const proxy = await startFaultProxy(registry.url);
  closers.push(
    () => registry.close(),
    () => proxy.close(),
  );
  return proxy;
}

const content = Buffer.alloc(300_000, 'fault ');
const real = findDockerRegistry() === null ? [] : (['docker-registry'] as const);

/** Reads until the answer ends, or nothing came for a while. */
async function readFor(url: string, ms: number): Promise<{ bytes: number; ended: boolean }> {
  const stop = new AbortController();
  const reply = await fetch(url, { signal: stop.signal });
  let bytes = 0;
  const timer = setTimeout(() => stop.abort(), ms);
  try {
    for await (const chunk of reply.body ?? []) bytes += (chunk as Uint8Array).length;
    return { bytes, ended: true };
  } catch {
    return { bytes, ended: false };
  } finally {
    clearTimeout(timer);
  }
}

describe.each(['embedded', ...real] as const)('faults in front of %s', (kind) => {
  const withBlob = async (): Promise<{ server: Faulty; path: string }> => {
    const server = await start(kind);
    await pushBlob({ url: server.url, repository: 'a/b', tag: null }, bytesBlob(content));
    return { server, path: `${server.url}/v2/a/b/blobs/${sha256(content)}` };
  };
  const once = (fault: Fault, method = 'GET'): Faults => [{ match: { method, times: 1 }, fault }];

  it('answers with a status, headers and body, as often as the plan says', async () => {
    const { server, path } = await withBlob();
    server.setFaults([
      {
        match: { method: 'GET', path: /blobs/, nth: 2, times: 2 },
        fault: { kind: 'status', status: 429, headers: { 'retry-after': '1' }, body: 'slow down' },
      },
    ]);
    const statuses: number[] = [];
    for (let count = 0; count < 4; count += 1) {
      const reply = await ask(path);
      statuses.push(reply.status);
      expect([reply.headers['retry-after'], reply.body.length]).toEqual(
        reply.status === 429 ? ['1', 9] : [undefined, content.length],
      );
    }
    expect(statuses).toEqual([200, 429, 429, 200]);
  });

  it('drops the connection before it does anything', async () => {
    const { server } = await withBlob();
    server.setFaults(once({ kind: 'drop' }, 'POST'));
    await expect(ask(`${server.url}/v2/a/b/blobs/uploads/`, { method: 'POST' })).rejects.toThrow(
      /socket hang up/,
    );
    expect(server.requests.at(-1)).toMatchObject({ method: 'POST', status: 0, fault: 'drop' });
  });

  it('does what was asked and loses the answer', async () => {
    const { server, path } = await withBlob();
    server.setFaults(once({ kind: 'lost-answer' }, 'DELETE'));
    await expect(ask(path, { method: 'DELETE' })).rejects.toThrow(/socket hang up/);
    expect((await ask(path, { method: 'HEAD' })).status).toBe(404);
  });

  it('cuts an answer after so many bytes', async () => {
    const { server, path } = await withBlob();
    server.setFaults(once({ kind: 'cut', afterBytes: 100_000 }));
    const { bytes, ended } = await readFor(path, 5000);
    expect(ended).toBe(false);
    expect(bytes).toBeLessThanOrEqual(100_000);
    expect(server.requests.at(-1)?.bytesOut).toBe(100_000);
    expect((await ask(path)).body.equals(content)).toBe(true);
  });

  it('stalls an answer after so many bytes and keeps the connection open', async () => {
    const { server, path } = await withBlob();
    server.setFaults(once({ kind: 'stall', afterBytes: 1000 }));
    const { bytes, ended } = await readFor(path, 150);
    expect([bytes, ended]).toEqual([1000, false]);
  });

  it('cuts an upload in its body', async () => {
    const { server } = await withBlob();
    server.setFaults(once({ kind: 'cut-upload', afterBytes: 1000 }, 'PUT'));
    const other = bytesBlob(Buffer.alloc(200_000, 'other'));
    await expect(pushBlob({ url: server.url, repository: 'a/b', tag: null }, other)).rejects.toThrow(
      /socket hang up|ECONNRESET|EPIPE/,
    );
    expect((await ask(`${server.url}/v2/a/b/blobs/${other.digest}`, { method: 'HEAD' })).status).toBe(404);
    await pushBlob({ url: server.url, repository: 'a/b', tag: null }, other);
  });

  it('stalls an upload in its body until the client leaves', async () => {
    const { server } = await withBlob();
    server.setFaults(once({ kind: 'stall-upload', afterBytes: 10 }, 'PUT'));
    const opened = await ask(`${server.url}/v2/a/b/blobs/uploads/`, { method: 'POST' });
    const put = fetch(`${opened.headers.location}&digest=${sha256(content)}`, {
      method: 'PUT',
      body: content,
      signal: AbortSignal.timeout(150),
    });
    await expect(put).rejects.toThrow(/timeout/);
    expect(server.requests.at(-1)).toMatchObject({ bytesIn: 10, status: 0 });
  });

  it('lies about bytes, length, digest and headers', async () => {
    const { server, path } = await withBlob();
    server.setFaults(once({ kind: 'wrong-bytes' }));
    const wrong = await ask(path);
    expect([wrong.body.length, wrong.body.equals(content)]).toEqual([content.length, false]);
    server.setFaults(once({ kind: 'short', bytes: 10 }));
    const short = await ask(path);
    expect([short.headers['content-length'], short.body.length]).toEqual(['10', 10]);
    server.setFaults(once({ kind: 'wrong-digest-header' }));
    expect((await ask(path)).headers['docker-content-digest']).toBe(`sha256:${'0'.repeat(64)}`);
    server.setFaults(
      once({ kind: 'headers', headers: { 'content-type': 'text/html', 'docker-content-digest': null } }),
    );
    const { headers } = await ask(path);
    expect([headers['content-type'], headers['docker-content-digest']]).toEqual(['text/html', undefined]);
  });

  it('redirects to itself for ever', async () => {
    const { server, path } = await withBlob();
    server.setFaults(once({ kind: 'redirect-loop' }));
    const reply = await ask(path);
    expect([reply.status, reply.headers.location]).toEqual([307, path]);
  });

  it('sends a body without end', async () => {
    const { server, path } = await withBlob();
    server.setFaults(once({ kind: 'endless' }));
    const stop = new AbortController();
    const reply = await fetch(path, { signal: stop.signal });
    expect(reply.headers.get('content-length')).toBeNull();
    let bytes = 0;
    const reading = (async () => {
      for await (const chunk of reply.body ?? []) {
        bytes += (chunk as Uint8Array).length;
        if (bytes > 10 * content.length) stop.abort();
      }
    })();
    await expect(reading).rejects.toThrow(/abort/);
    expect(bytes).toBeGreaterThan(10 * content.length);
  });
});

describe('a random fault plan', () => {
  const draw = (seed: number, order: readonly string[]): Record<string, (string | null)[]> => {
    const plan = planFaults({ seed, rate: 0.2 });
    const drawn: Record<string, (string | null)[]> = {};
    for (const path of order)
      (drawn[path] ??= []).push(plan.next({ method: 'GET', path, query: '' })?.kind ?? null);
    return drawn;
  };
  const paths = Array.from({ length: 500 }, (_, index) => `/v2/a/${index % 100}/tags/list`);

  it('fails the same requests whatever their order, and others with another seed', () => {
    expect(draw(1, paths.toReversed())).toEqual(draw(1, paths));
    expect(draw(2, paths)).not.toEqual(draw(1, paths));
  });

  it('fails about as many as its rate says, in every way', () => {
    const failed = Object.values(draw(7, paths))
      .flat()
      .filter((kind) => kind !== null);
    expect(failed.length).toBeGreaterThan(60);
    expect(failed.length).toBeLessThan(140);
    expect(new Set(failed)).toEqual(new Set(everyFault.map((fault) => fault.kind)));
  });

  it('stops failing one request after as often as it may', () => {
    const plan = planFaults({ seed: 1, rate: 1, atMost: 2, only: /^GET / });
    const next = (method: string): boolean => plan.next({ method, path: '/v2/', query: '' }) !== null;
    expect([next('GET'), next('GET'), next('GET'), next('PUT')]).toEqual([true, true, false, false]);
  });
});
