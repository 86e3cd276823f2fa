import { describe, expect, it, onTestFinished } from 'vitest';
import { findFreePort } from '../support/free-port.ts';
import { instantClock } from './instant-clock.ts';
import { errorOf, manifestOf, openAt, openForTest } from './opened.ts';
import { startServer } from './small-server.ts';

const manifest = manifestOf({ schemaVersion: 2 });

const head = {
  'content-type': manifest.mediaType,
  'content-length': manifest.bytes.length,
  'docker-content-digest': manifest.digest,
};

/** Answers what the list says, then the manifest. */
async function start(answers: readonly (number | 'drop' | 'truncate' | [number, Record<string, string>])[]) {
  const left = [...answers];
  const server = await startServer((_, response) => {
    const next = left.shift();
    if (next === 'drop') response.destroy();
    else if (next === 'truncate') {
      response.writeHead(200, {
        'content-type': manifest.mediaType,
        'content-length': manifest.bytes.length,
      });
      response.write(manifest.bytes.subarray(0, 5), () => response.destroy());
    } else if (next === undefined) response.writeHead(200, head).end(manifest.bytes);
    else {
      const [status, headers] = typeof next === 'number' ? [next, {}] : next;
      response
        .writeHead(status, headers)
        .end(JSON.stringify({ errors: [{ code: 'TOOBAD', message: 'no' }] }));
    }
  });
  onTestFinished(() => server.close());
  return server;
}

describe('retries', () => {
  it.each([408, 425, 429, 499, 500, 502, 503, 504, 522, 'drop', 'truncate'] as const)(
    'survive two of %s',
    async (fault) => {
      const server = await start([fault, fault]);
      const { pull } = openAt(server.url);
      expect((await pull.getManifest('a/b', manifest.digest))?.bytes).toEqual(manifest.bytes);
      expect(server.seen).toHaveLength(3);
    },
  );

  it.each([400, 403, 405, 409, 413, 422, 451, 501])(
    'do not happen after %i, whose words are shown',
    async (status) => {
      const server = await start([status]);
      const error = await errorOf(openAt(server.url).pull.getManifest('a/b', 'v1'));
      expect(error).toMatchObject({ status, detail: 'TOOBAD: no' });
      expect(error.message).toContain('TOOBAD: no');
      expect(server.seen).toHaveLength(1);
    },
  );

  it('do not happen after a 451 to a HEAD, but a GET, which has the words', async () => {
    const server = await start([451, 451]);
    const error = await errorOf(openAt(server.url).pull.headManifest('a/b', 'v1'));
    expect(error).toMatchObject({ status: 451, detail: 'TOOBAD: no' });
    expect(server.seen.map(({ method }) => method)).toEqual(['HEAD', 'GET']);
  });

  it('do not happen after the 500 that CNCF distribution gives to forms that it does not take', async () => {
    let detail: unknown = {};
    const server = await startServer((_, response) => {
      const body = { errors: [{ code: 'UNKNOWN', message: 'unknown error', detail }] };
      response.writeHead(500).end(JSON.stringify(body));
    });
    onTestFinished(() => server.close());
    const { push } = openAt(server.url);
    expect((await errorOf(push.putManifest('a/b', 'v1', manifest))).code).toBe('unsupported');
    expect(server.seen).toHaveLength(1);
    detail = { Op: 'write', Path: '/var/lib/registry', Err: 28 };
    expect((await errorOf(push.putManifest('a/b', 'v1', manifest))).code).toBe('unavailable');
    expect(server.seen).toHaveLength(9);
  });

  it('follow where a registry says that a manifest does not have its digest, which we know better', async () => {
    let refusals = 1;
    const server = await startServer(({ method }, response) => {
      refusals -= method === 'PUT' ? 1 : 0;
      if (method === 'HEAD') response.writeHead(404).end();
      else if (refusals < 0) response.writeHead(201).end();
      else response.writeHead(400).end('{"errors":[{"code":"DIGEST_INVALID"}]}');
    });
    onTestFinished(() => server.close());
    const { push } = openAt(server.url);
    await push.putManifest('a/b', 'v1', manifest);
    refusals = Infinity;
    const error = await errorOf(push.putManifest('a/b', 'v1', manifest));
    expect(error).toMatchObject({ code: 'refused', status: 400 });
    expect(server.seen.filter(({ method }) => method === 'PUT')).toHaveLength(2 + 4);
  });

  it('are bounded in number, with pauses that grow', async () => {
    const server = await start(Array.from({ length: 50 }, () => 503));
    const { pull, clock } = openAt(server.url);
    const error = await errorOf(pull.getManifest('a/b', 'v1'));
    expect(error).toMatchObject({ code: 'unavailable', status: 503 });
    expect(server.seen).toHaveLength(8);
    expect(clock.slept).toEqual([125, 250, 500, 1000, 2000, 4000, 8000]);
  });

  it('wait as long as Retry-After says, in seconds or as a date', async () => {
    const start503 = (value: string) => start([[503, { 'retry-after': value }]]);
    const seconds = await start503('7');
    const one = openAt(seconds.url);
    await one.pull.getManifest('a/b', 'v1');
    expect(one.clock.slept).toEqual([7000]);
    const date = await start503('Fri, 20 Nov 2026 12:00:30 GMT');
    const two = openAt(date.url);
    await two.pull.getManifest('a/b', 'v1');
    expect(two.clock.slept).toEqual([30_000]);
  });

  it('do not wait for hours: the error says until when', async () => {
    const server = await start([[429, { 'retry-after': '7200' }]]);
    const { pull, clock } = openAt(server.url);
    const error = await errorOf(pull.getManifest('a/b', 'v1'));
    expect(error.code).toBe('rate-limited');
    expect(error.retryAt?.toISOString()).toBe('2026-11-20T14:00:00.000Z');
    expect(error.message).toContain('2026-11-20T14:00:00.000Z');
    expect(clock.slept).toEqual([]);
  });

  it('slow down all requests to the registry, and say so', async () => {
    const server = await start([[429, { 'retry-after': '20' }]]);
    const waits: string[] = [];
    const { pull, clock } = openAt(server.url, {
      onWait: (registry, until, why) => waits.push(`${registry} ${until.toISOString()} ${why}`),
    });
    await pull.headManifest('a/b', 'v1');
    expect(clock.slept).toEqual([20_000]);
    expect(waits).toEqual(['registry.test 2026-11-20T12:00:20.000Z registry.test/a/b: too many requests']);
  });

  it('do not wait for a mirror that asks for more than a moment: it is passed over until then', async () => {
    const [mirror, own] = [await start([[429, { 'retry-after': '30' }]]), await start([])];
    const told: string[] = [];
    const { pull, clock } = openAt(own.url, {
      settings: { 'registry.test': { mirrors: [mirror.url] } },
      onWait: (registry, until, why, kind) => told.push(`${kind} ${registry} ${until.toISOString()} ${why}`),
    });
    for (const seconds of [0, 0, 29]) {
      clock.advance(seconds * 1000);
      expect((await pull.headManifest('a/b', 'v1'))?.digest).toBe(manifest.digest);
    }
    expect([mirror.seen.length, own.seen.length]).toEqual([1, 3]);
    expect(told).toEqual([`passed-over ${mirror.host} 2026-11-20T12:00:30.000Z too many requests`]);
    clock.advance(2000);
    await pull.headManifest('a/b', 'v1');
    expect([mirror.seen.length, own.seen.length]).toEqual([2, 3]);
    expect(clock.slept).toEqual([]);
  });

  it('pass over a mirror that wants to be left alone, even where another answer of it came later', async () => {
    const own = await start([]);
    let endSlow = (): void => {};
    const mirror = await startServer(({ url }, response) => {
      const succeed = (): void => void response.writeHead(200, head).end();
      if (url?.endsWith('slow')) endSlow = succeed;
      else if (url?.endsWith('busy')) response.writeHead(503, { 'retry-after': '30' }).end();
      else succeed();
    });
    onTestFinished(() => mirror.close());
    const { pull } = openAt(own.url, { settings: { 'registry.test': { mirrors: [mirror.url] } } });
    await pull.headManifest('a/b', 'v1');
    const slow = pull.headManifest('a/b', 'slow');
    await expect.poll(() => mirror.seen.length).toBe(2);
    await pull.headManifest('a/b', 'busy');
    endSlow();
    await slow;
    await pull.headManifest('a/b', 'v1');
    expect([mirror.seen.length, own.seen.length]).toEqual([3, 2]);
  });

  it('pass over a mirror that has too many requests and does not say for how long', async () => {
    const [mirror, own] = [await start(Array.from({ length: 20 }, () => 429)), await start([])];
    const { pull } = openAt(own.url, { settings: { 'registry.test': { mirrors: [mirror.url] } } });
    for (const name of ['a/b', 'a/c', 'a/d']) await pull.headManifest(name, 'v1');
    expect([mirror.seen.length, own.seen.length]).toEqual([2, 3]);
  });

  it('wait a moment for a mirror that asks for no more', async () => {
    const [mirror, own] = [await start([[429, { 'retry-after': '1' }]]), await start([])];
    const settings = { 'registry.test': { mirrors: [mirror.url] } };
    const { pull, clock } = openAt(own.url, { settings });
    await pull.headManifest('a/b', 'v1');
    expect([mirror.seen.length, own.seen.length]).toEqual([2, 0]);
    expect(clock.slept).toEqual([1000]);
  });

  it('are put off by a slow-down that another use of the registry was asked for', async () => {
    const server = await start([[429, { 'retry-after': '20' }]]);
    const { pull, push, clock } = openAt(server.url);
    await pull.headManifest('a/b', 'v1');
    const before = clock.now();
    await start([]);
    await push.headManifest('a/b', 'v1');
    expect(clock.now()).toBe(before);
    expect(clock.slept).toEqual([20_000]);
  });

  it('are short once nobody listens there', async () => {
    const port = await findFreePort();
    const { registries, clock } = openForTest({
      settings: { 'registry.test': { endpoint: `http://127.0.0.1:${port}` } },
    });
    const pull = registries.open('registry.test', 'pull');
    const first = await errorOf(pull.getManifest('a/b', 'v1'));
    expect(first.code).toBe('unreachable');
    const slept = [...clock.slept];
    expect((await errorOf(pull.getManifest('a/c', 'v1'))).code).toBe('unreachable');
    expect(clock.slept).toEqual(slept);
  });

  it('are few where nobody ever answered, and all who wait learn it together', async () => {
    const port = await findFreePort();
    const settings = { 'registry.test': { endpoint: `http://127.0.0.1:${port}` } };
    const { registries, clock } = openForTest({ settings });
    const pull = registries.open('registry.test', 'pull');
    expect((await errorOf(pull.headManifest('a/0', 'v1'))).code).toBe('unreachable');
    expect(clock.slept).toHaveLength(4);
    for (const name of ['a/1', 'a/2', 'a/3']) await errorOf(pull.headManifest(name, 'v1'));
    expect(clock.slept).toHaveLength(4);

    let isFirst = true;
    const others = openForTest({
      settings,
      clock: {
        ...instantClock(),
        async sleep(_, signal) {
          if (isFirst) {
            isFirst = false;
            await new Promise((_resolve, reject) =>
              signal?.addEventListener('abort', () => reject(signal.reason)),
            );
          }
        },
      },
    }).registries.open('registry.test', 'pull');
    const both = await Promise.all(['a/1', 'a/2'].map((name) => errorOf(others.headManifest(name, 'v1'))));
    expect(both.map(({ code }) => code)).toEqual(['unreachable', 'unreachable']);
  });

  it('are short once a registry fails whatever it is asked, and as many as ever once it does not', async () => {
    const server = await start(Array.from({ length: 9 }, () => 503));
    const { pull, clock } = openAt(server.url);
    expect((await errorOf(pull.headManifest('a/b', 'v1'))).code).toBe('unavailable');
    expect(clock.slept).toHaveLength(7);
    expect((await errorOf(pull.headManifest('a/c', 'v1'))).code).toBe('unavailable');
    expect(clock.slept).toHaveLength(7);
    expect(await pull.headManifest('a/d', 'v1')).toMatchObject({ digest: manifest.digest });
  });

  it('give a registry that was there time to start again, before others fail fast', async () => {
    const server = await start([403, ...Array.from({ length: 12 }, () => 503)]);
    const { pull, clock } = openAt(server.url);
    expect((await errorOf(pull.headManifest('a/a', 'v1'))).code).toBe('denied');
    const before = clock.now();
    expect((await errorOf(pull.headManifest('a/b', 'v1'))).code).toBe('unavailable');
    expect(clock.now() - before).toBeLessThan(20_000);
    expect(await pull.headManifest('a/c', 'v1')).toMatchObject({ digest: manifest.digest });
  });

  it('end with the signal', async () => {
    const server = await start(Array.from({ length: 50 }, () => 503));
    const stop = new AbortController();
    const { registries } = openForTest({
      settings: { 'registry.test': { endpoint: server.url } },
      clock: {
        ...instantClock(),
        sleep: (_, signal) =>
          new Promise((_resolve, reject) => signal?.addEventListener('abort', () => reject(signal.reason))),
      },
    });
    const asking = registries.open('registry.test', 'pull').getManifest('a/b', 'v1', stop.signal);
    setTimeout(() => stop.abort(), 30);
    expect((await errorOf(asking)).code).toBe('interrupted');
  });

  it('say in which way a registry cannot be reached', async () => {
    const { registries } = openForTest();
    const unknown = await errorOf(registries.open('no-such-host.invalid', 'pull').headManifest('a/b', 'v1'));
    expect(unknown.code).toMatch(/name-not-resolved/);
    const away = await start([[307, { location: 'http://storage.invalid/blob' }]]);
    const there = await errorOf(openAt(away.url).pull.getManifest('a/b', 'v1'));
    expect(there.code).toBe('name-not-resolved');
    expect(there.message).toContain(
      'registry.test/a/b: it sends to storage.invalid, and there the host name',
    );
    const plain = await start([]);
    const tls = await errorOf(registries.open(plain.host, 'pull').headManifest('a/b', 'v1'));
    expect(tls.code).toBe('tls');
    expect(tls.message).toContain('--plain-http');
  });
});
