import { randomBytes } from 'node:crypto';
import { getEventListeners } from 'node:events';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type EmbeddedRegistry, type Fault, startRegistry } from '../../src/embedded/index.ts';
import { blobOf, errorOf, openAt, readAll } from './opened.ts';
import { startServer } from './small-server.ts';

const bytes = randomBytes(3_000_000);
const blob = blobOf(bytes);
const path = /\/blobs\/sha256/;

describe('openBlob', () => {
  let server: EmbeddedRegistry;
  beforeAll(async () => {
    server = await startRegistry();
    await server.addBlob('apps/web', bytes);
  });
  beforeEach(() => {
    server.setFaults([]);
    server.forgetRequests();
  });
  afterAll(() => server.close());

  const fail = (fault: Fault, times = 1) => server.setFaults([{ match: { path, nth: 1, times }, fault }]);

  it('gives exactly the bytes of the blob', async () => {
    const { pull } = openAt(server.url);
    expect((await readAll(await pull.openBlob('apps/web', blob))).equals(bytes)).toBe(true);
    expect(server.count()).toBe(1);
  });

  it('gives an empty blob', async () => {
    const empty = blobOf(Buffer.alloc(0));
    await server.addBlob('apps/web', Buffer.alloc(0));
    const { pull } = openAt(server.url);
    expect(await readAll(await pull.openBlob('apps/web', empty))).toHaveLength(0);
  });

  it.each([
    { what: 'is cut', fault: { kind: 'cut', afterBytes: 1_000_000 } },
    { what: 'stalls', fault: { kind: 'stall', afterBytes: 1_000_000 } },
  ] as const)('goes on by Range in the same stream when a connection $what', async ({ fault }) => {
    fail(fault);
    const { pull } = openAt(server.url);
    expect((await readAll(await pull.openBlob('apps/web', blob))).equals(bytes)).toBe(true);
    expect(server.requests.map(({ status }) => status)).toEqual([200, 206]);
    expect(server.bytesOut()).toBeLessThan(bytes.length + 600_000);
  });

  it('survives a connection that is cut again and again, as long as bytes come', async () => {
    fail({ kind: 'cut', afterBytes: 200_000 }, 10);
    const { pull } = openAt(server.url);
    expect((await readAll(await pull.openBlob('apps/web', blob))).equals(bytes)).toBe(true);
  });

  it('gives up on a connection that is cut before any byte comes', async () => {
    fail({ kind: 'cut', afterBytes: 0 }, 1000);
    const { pull } = openAt(server.url);
    const error = await errorOf(pull.openBlob('apps/web', blob).then(readAll));
    expect(error.code).toBe('unavailable');
    expect(server.count()).toBeLessThan(80);
  });

  it('does not blame the registry for a reader that is slow', async () => {
    const { pull } = openAt(server.url, { idleTimeout: 80 });
    const stream = await pull.openBlob('apps/web', blob);
    await new Promise((resolve) => setTimeout(resolve, 250));
    expect((await readAll(stream)).equals(bytes)).toBe(true);
    expect(server.count()).toBe(1);
  });

  it('never hands out the whole of a blob with a wrong digest', async () => {
    fail({ kind: 'wrong-bytes' }, 1000);
    const { pull } = openAt(server.url);
    const stream = await pull.openBlob('apps/web', blob);
    let length = 0;
    stream.on('data', (chunk: Buffer) => {
      length += chunk.length;
    });
    const error = await errorOf(new Promise((_, reject) => stream.on('error', reject)));
    expect(error.code).toBe('invalid');
    expect(error.message).toContain('came with the digest sha256:');
    expect(length).toBeLessThan(bytes.length);
  });

  it('leaves the digest to the registry that gets the bytes when it is told so', async () => {
    fail({ kind: 'wrong-bytes' });
    const { pull } = openAt(server.url);
    const got = await readAll(await pull.openBlob('apps/web', blob, undefined, 'size'));
    expect(got).toHaveLength(bytes.length);
    expect(got.equals(bytes)).toBe(false);
  });

  it('refuses a blob of another size before a byte of it is handed out', async () => {
    const { pull } = openAt(server.url);
    const error = await errorOf(pull.openBlob('apps/web', { ...blob, size: blob.size - 1 }));
    expect(error).toMatchObject({ code: 'invalid', registry: 'registry.test', repository: 'apps/web' });
  });

  it('cuts a body that has no end', async () => {
    fail({ kind: 'endless' }, 1000);
    const { pull } = openAt(server.url);
    const error = await errorOf(pull.openBlob('apps/web', blob).then(readAll));
    expect(error.code).toBe('invalid');
  });

  it('reads past what it has when a registry knows no ranges', async () => {
    const plain = await startPlain();
    const { pull } = openAt(plain.url);
    expect((await readAll(await pull.openBlob('apps/web', blob))).equals(bytes)).toBe(true);
    expect(plain.seen).toHaveLength(2);
    await plain.close();
  });

  it('refuses a range that is not the one it asked for', async () => {
    const liar = await startLiar();
    const { pull } = openAt(liar.url);
    const error = await errorOf(pull.openBlob('apps/web', blob).then(readAll));
    expect(error).toMatchObject({ code: 'invalid' });
    expect(error.message).toContain('range');
    await liar.close();
  });

  it('stops a hundred downloads by one signal, without a warning', async () => {
    fail({ kind: 'stall', afterBytes: 10 }, 1000);
    const warnings: string[] = [];
    const warn = (warning: Error) => warnings.push(warning.name);
    process.on('warning', warn);
    const { pull } = openAt(server.url, { idleTimeout: 60_000 });
    const stop = new AbortController();
    const all = Array.from({ length: 100 }, () =>
      errorOf(pull.openBlob('apps/web', blob, stop.signal).then(readAll)),
    );
    setTimeout(() => stop.abort(), 100);
    expect(new Set((await Promise.all(all)).map(({ code }) => code))).toEqual(new Set(['interrupted']));
    process.off('warning', warn);
    expect(warnings).toEqual([]);
  });

  it('listens to the signal until the end of an answer, and no longer', async () => {
    const { pull } = openAt(server.url);
    const { signal } = new AbortController();
    const count = () => getEventListeners(signal, 'abort').length;
    const stream = await pull.openBlob('apps/web', blob, signal);
    expect(count()).toBeGreaterThan(0);
    await readAll(stream);
    expect(await pull.headBlob('apps/web', blob, signal)).toBe(true);
    await expect.poll(count).toBe(0);
  });

  it('stops at once, and closes the connection, when it is told to', async () => {
    fail({ kind: 'stall', afterBytes: 1_000_000 });
    const { pull } = openAt(server.url, { idleTimeout: 60_000 });
    const stop = new AbortController();
    // Idle ones of the tests before, which live as long as Node's server keeps them.
    const before = await server.connections();
    const reading = pull.openBlob('apps/web', blob, stop.signal).then(readAll);
    setTimeout(() => stop.abort(), 50);
    expect((await errorOf(reading)).code).toBe('interrupted');
    await expect.poll(() => server.connections()).toBeLessThanOrEqual(before);
  });
});

function startPlain() {
  let requests = 0;
  return startServer((_, response) => {
    requests += 1;
    response.writeHead(200, { 'content-length': bytes.length });
    if (requests > 1) response.end(bytes);
    else response.write(bytes.subarray(0, 1_000_000), () => response.destroy());
  });
}

function startLiar() {
  return startServer((request, response) => {
    if (request.headers.range === undefined) {
      response.writeHead(200, { 'content-length': bytes.length });
      response.write(bytes.subarray(0, 1_000_000), () => response.destroy());
      return;
    }
    response.writeHead(206, { 'content-range': `bytes 0-${bytes.length - 1}/${bytes.length}` });
    response.end(bytes);
  });
}
