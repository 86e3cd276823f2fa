import { type AddressInfo, createServer, type Socket } from 'node:net';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { startRegistry } from '../../src/embedded/index.ts';
import { type Clock, systemClock } from '../../src/registry/index.ts';
import { findFreePort } from '../support/free-port.ts';
import { blobOf, errorOf, manifestOf, openAt, readAll } from './opened.ts';
import { startServer } from './small-server.ts';

const manifest = manifestOf({ schemaVersion: 2 });
/** Real time, as silence takes it; only the pauses between attempts take none. */
const clock: Clock = { ...systemClock, random: () => 0 };
const names = Array.from({ length: 40 }, (_, index) => `apps/${index}`);

/** Takes connections and says nothing. */
async function startSilence() {
  const sockets = new Set<Socket>();
  let asked = 0;
  const server = createServer((socket) => {
    sockets.add(socket.on('error', () => {}).on('close', () => sockets.delete(socket)));
    socket.resume();
    asked += 1;
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    asked: () => asked,
    left: () => sockets.size,
  };
}

async function startWhole() {
  const server = await startRegistry();
  onTestFinished(() => server.close());
  for (const name of names) server.addManifest(name, 'v1', manifest.mediaType, manifest.bytes);
  return server;
}

describe('a registry that takes connections and says nothing', () => {
  it('is waited for together, not by one request after the other, and soon no longer', async () => {
    const silence = await startSilence();
    const { pull } = openAt(silence.url, { idleTimeout: 80, clock });
    const left = [...names];
    const codes: string[] = [];
    const work = async () => {
      for (let name = left.shift(); name !== undefined; name = left.shift())
        codes.push((await errorOf(pull.headManifest(name, 'v1'))).code);
    };
    await Promise.all(Array.from({ length: 8 }, work));
    expect(codes).toEqual(names.map(() => 'unavailable'));
    // One alone, then eight at once, twice; the rest is told what these have learned.
    expect(silence.asked()).toBeLessThanOrEqual(24);
  });

  it('is not asked again for a while after that', async () => {
    const silence = await startSilence();
    let late = 0;
    const { pull } = openAt(silence.url, {
      idleTimeout: 80,
      clock: { ...clock, now: () => Date.now() + late },
    });
    await errorOf(pull.headManifest('apps/0', 'v1'));
    expect(silence.asked()).toBe(3);
    const error = await errorOf(pull.headManifest('apps/1', 'v1'));
    expect(silence.asked()).toBe(3);
    expect(error.message).toMatch(/registry\.test: the connection stalled: /);
    late = 60_000;
    await errorOf(pull.headManifest('apps/1', 'v1'));
    expect(silence.asked()).toBe(4);
  });
});

it('is waited for in sight: who waits is told, once for all requests, before it is given up', async () => {
  const silence = await startSilence();
  expect(await seenBeforeTheEnd(silence.url, {})).toEqual(inSight);
});

describe('a proxy', () => {
  it('that takes connections and says nothing ends in an error for each request, with more of them than connections', async () => {
    const silence = await startSilence();
    const { pull } = openAt('https://registry.invalid', {
      proxyFor: () => silence.url,
      idleTimeout: 80,
      connections: 2,
      clock,
    });
    const errors = await Promise.all(names.slice(0, 7).map((name) => errorOf(pull.headManifest(name, 'v1'))));
    expect(new Set(errors.map(({ code }) => code))).toEqual(new Set(['unavailable']));
    expect(errors[0]?.message).toContain('the proxy did not answer');
    await expect.poll(silence.left).toBe(0);
  });

  it('that says nothing is waited for in sight', async () => {
    const silence = await startSilence();
    const seen = await seenBeforeTheEnd('https://registry.invalid', { proxyFor: () => silence.url });
    expect(seen).toEqual(inSight);
  });

  it('where nobody listens ends in one, too', async () => {
    const port = await findFreePort();
    const { pull } = openAt('https://registry.invalid', {
      proxyFor: () => `http://127.0.0.1:${port}`,
      connections: 2,
    });
    const errors = await Promise.all(names.slice(0, 7).map((name) => errorOf(pull.headManifest(name, 'v1'))));
    expect(new Set(errors.map(({ code }) => code))).toEqual(new Set(['unreachable']));
    expect(errors[0]?.message).toContain('by way of the proxy that HTTP_PROXY or HTTPS_PROXY names, ');
  });
});

describe('a mirror that takes connections and says nothing', () => {
  it('is passed over for minutes, which is said once', async () => {
    const [silence, own] = [await startSilence(), await startWhole()];
    const told: string[] = [];
    let late = 0;
    const { pull, registries } = openAt(own.url, {
      idleTimeout: 80,
      clock: { ...clock, now: () => Date.now() + late },
      settings: { 'registry.test': { mirrors: [silence.url] } },
      onWait: (mirror, _, why, kind) => kind === 'passed-over' && told.push(`${mirror} ${why}`),
    });
    for (const name of names.slice(0, 10))
      expect((await pull.headManifest(name, 'v1'))?.digest).toBe(manifest.digest);
    await registries.open('registry.test', 'anonymous').headManifest('apps/11', 'v1');
    expect(silence.asked()).toBe(2);
    expect(told).toEqual([expect.stringMatching(/^127\.0\.0\.1:\d+ the connection stalled/)]);
    late = 6 * 60_000;
    await pull.headManifest('apps/12', 'v1');
    expect(silence.asked()).toBe(3);
  });

  it('only when blobs are asked for is left as soon', async () => {
    const own = await startWhole();
    let asked = 0;
    const mirror = await startServer((request, response) => {
      if (/blobs/.test(request.url ?? '')) asked += 1;
      else response.writeHead(404).end();
    });
    onTestFinished(() => mirror.close());
    const bytes = Buffer.from('a layer');
    await own.addBlob('apps/0', bytes);
    const settings = { 'registry.test': { mirrors: [mirror.url] } };
    const { pull } = openAt(own.url, { idleTimeout: 60_000, clock, settings });
    await pull.headManifest('apps/0', 'v1');
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
    onTestFinished(() => void vi.useRealTimers());
    const opening = pull.openBlob('apps/0', blobOf(bytes));
    for (const attempt of [1, 2]) {
      await expect.poll(() => asked).toBe(attempt);
      // The first step only sees what was sent.
      vi.advanceTimersByTime(12_000);
    }
    expect(await readAll(await opening)).toEqual(bytes);
    expect(own.count({ method: 'GET', path: /blobs/ })).toBe(1);
  });

  it('does not hold up what is asked at the same time', async () => {
    const [silence, own] = [await startSilence(), await startWhole()];
    const settings = { 'registry.test': { mirrors: [silence.url] } };
    const { pull } = openAt(own.url, { idleTimeout: 80, clock, settings });
    const start = performance.now();
    const found = await Promise.all(names.map((name) => pull.headManifest(name, 'v1')));
    expect(found.every((head) => head?.digest === manifest.digest)).toBe(true);
    expect(performance.now() - start).toBeLessThan(3000);
  });
});

/** What is told of two requests at once, some time before they are given up. */
const inSight = ['waiting registry.test some time: it has not answered yet'];

/** As soon as something is told, nobody waits any longer. */
async function seenBeforeTheEnd(url: string, options: Parameters<typeof openAt>[1]): Promise<string[]> {
  const told: string[] = [];
  const stop = new AbortController();
  const { pull } = openAt(url, {
    ...options,
    idleTimeout: 160,
    // It stands still: a busy machine may be late.
    clock: { ...clock, now: () => 0 },
    onWait: (registry, until, why, kind) => {
      const left = until.getTime();
      told.push(`${kind} ${registry} ${left > 0 && left <= 160 ? 'some time' : left}: ${why}`);
      setImmediate(() => stop.abort());
    },
  });
  const asking = ['apps/0', 'apps/1'].map((name) => errorOf(pull.headManifest(name, 'v1', stop.signal)));
  expect((await Promise.all(asking)).map(({ code }) => code)).toEqual(['interrupted', 'interrupted']);
  return told;
}
