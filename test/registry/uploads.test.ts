import { randomBytes } from 'node:crypto';
import { Readable } from 'node:stream';
import { describe, expect, it, onTestFinished } from 'vitest';
import { type RegistryOptions, startRegistry } from '../../src/embedded/index.ts';
import { RegistryError } from '../../src/registry/index.ts';
import { blobOf, errorOf, openAt, readAll, streamOf } from './opened.ts';

const bytes = randomBytes(12_000_000);
const blob = blobOf(bytes);

async function start(options: RegistryOptions = {}) {
  const server = await startRegistry(options);
  onTestFinished(() => server.close());
  return server;
}

const putPath = /\/uploads\/./;

describe('putBlob', () => {
  it.each(['absolute', 'relative'] as const)(
    'sends a blob in one piece to an %s Location',
    async (location) => {
      const server = await start({ location });
      const { push } = openAt(server.url);
      await push.putBlob('apps/web', blob, streamOf(bytes));
      expect(server.hasBlob('apps/web', blob.digest)).toBe(true);
      expect(server.requests.map(({ method }) => method)).toEqual(['POST', 'PUT']);
    },
  );

  it.each([
    ['is cut', { kind: 'cut-upload', afterBytes: 1_000_000 }],
    ['is not taken any more', { kind: 'stall-upload', afterBytes: 1_000_000 }],
    ['is answered 503', { kind: 'status', status: 503 }],
    ['is answered 429', { kind: 'status', status: 429, headers: { 'retry-after': '1' } }],
    ['is dropped', { kind: 'drop' }],
  ] as const)('starts a new session, and opens the source anew, when an upload %s', async (_, fault) => {
    const server = await start({ faults: [{ match: { method: 'PUT', path: putPath, nth: 1 }, fault }] });
    const { push } = openAt(server.url);
    let opened = 0;
    await push.putBlob('apps/web', blob, () => {
      opened += 1;
      return Promise.resolve(Readable.from(pieces(bytes), { objectMode: false }));
    });
    expect(server.hasBlob('apps/web', blob.digest)).toBe(true);
    expect(opened).toBe(2);
    expect(server.count({ method: 'POST' })).toBe(2);
  });

  it('sends chunks once the registry refuses one piece', async () => {
    const server = await start({ maxUploadBytes: 9_000_000 });
    const { push } = openAt(server.url);
    await push.putBlob('apps/web', blob, streamOf(bytes));
    expect(server.hasBlob('apps/web', blob.digest)).toBe(true);
    expect(server.count({ method: 'PATCH' })).toBe(2);
  });

  it('gives a registry time to put the chunks together', async () => {
    const slow = {
      match: { method: 'PUT', path: putPath, nth: 2 },
      fault: { kind: 'delay', ms: 600 },
    } as const;
    const server = await start({ maxUploadBytes: 9_000_000, faults: [slow] });
    const { push } = openAt(server.url, { idleTimeout: 200 });
    await push.putBlob('apps/web', blob, streamOf(bytes));
    expect(server.requests.map(({ method }) => method)).toEqual([
      'POST',
      'PUT',
      'POST',
      'PATCH',
      'PATCH',
      'PUT',
    ]);
  });

  it('makes chunks as large as the registry wants them', async () => {
    const server = await start({ maxUploadBytes: 10_000_000, chunkMinLength: 9_000_000 });
    const { push } = openAt(server.url);
    await push.putBlob('apps/web', blob, streamOf(bytes));
    expect(server.hasBlob('apps/web', blob.digest)).toBe(true);
    // What is left is smaller than the least, so it goes with the request that closes the upload.
    expect(server.requests.map(({ method }) => method)).toEqual(['POST', 'PUT', 'POST', 'PATCH', 'PUT']);
  });

  it('makes chunks smaller until a proxy takes them, and knows it for the blobs that follow', async () => {
    const server = await start({ maxUploadBytes: 1024 * 1024 });
    const { push, clock } = openAt(server.url);
    await push.putBlob('apps/web', blob, streamOf(bytes));
    expect(server.hasBlob('apps/web', blob.digest)).toBe(true);
    expect(server.count({ status: 413 })).toBe(4);
    expect(clock.slept).toEqual([]);
    server.forgetRequests();
    for (const size of [3_000_000, 1_048_000]) {
      const next = randomBytes(size);
      await push.putBlob('apps/web', blobOf(next), streamOf(next));
      expect(server.hasBlob('apps/web', blobOf(next).digest)).toBe(true);
    }
    expect(server.count({ status: 413 })).toBe(0);
    expect(server.requests.map(({ method }) => method).join(' ')).toBe('POST PATCH PATCH PATCH PUT POST PUT');
  });

  it('says whose limit it may be when even small chunks are too large', async () => {
    const server = await start({ maxUploadBytes: 1_000 });
    const { push } = openAt(server.url);
    const error = await errorOf(push.putBlob('apps/web', blob, streamOf(bytes)));
    expect(error).toMatchObject({ code: 'refused', status: 413 });
    expect(error.message).toContain('client_max_body_size');
    // Whole, then 8, 4, 2, 1 and half a MiB.
    expect(server.count({ method: 'POST' })).toBe(6);
  });

  it('sends once more what arrived changed, and then believes the registry', async () => {
    const server = await start();
    const { push } = openAt(server.url);
    const wrong = Buffer.from(bytes);
    wrong[5] = (wrong[5] ?? 0) ^ 1;
    const sent = [wrong, bytes];
    const told: boolean[] = [];
    await push.putBlob('apps/web', blob, (_, wasWrong) => {
      told.push(wasWrong);
      return streamOf(sent.shift() ?? wrong)();
    });
    expect(told).toEqual([false, true]);
    expect(server.hasBlob('apps/web', blob.digest)).toBe(true);
    const error = await errorOf(
      push.putBlob('apps/web', blobOf(Buffer.from('a')), streamOf(Buffer.from('b'))),
    );
    expect(error.status).toBe(400);
    expect(error.detail).toContain('DIGEST_INVALID');
  });

  it('throws what the source throws', async () => {
    const server = await start();
    const { push } = openAt(server.url);
    const problem = new RegistryError('denied', 'no', { registry: 'source.test' });
    const source = () =>
      Promise.resolve(
        Readable.from(
          (function* () {
            yield bytes.subarray(0, 100_000);
            throw problem;
          })(),
          { objectMode: false },
        ),
      );
    expect(await errorOf(push.putBlob('apps/web', blob, source))).toBe(problem);
    expect(server.hasBlob('apps/web', blob.digest)).toBe(false);
  });

  it('sends again what was cut after an hour', async () => {
    const server = await start({
      faults: [{ match: { method: 'PUT', times: 3 }, fault: { kind: 'cut-upload', afterBytes: 1000 } }],
    });
    const { push, clock } = openAt(server.url);
    await push.putBlob('apps/web', blob, () => {
      clock.advance(3_600_000);
      return streamOf(bytes)();
    });
    expect(server.hasBlob('apps/web', blob.digest)).toBe(true);
  });

  it('does not blame the registry for a source that is slow', async () => {
    const server = await start();
    const { push } = openAt(server.url, { idleTimeout: 60 });
    const small = bytes.subarray(0, 3000);
    const source = () => Promise.resolve(Readable.from(slowly(small, 150), { objectMode: false }));
    await push.putBlob('apps/web', blobOf(small), source);
    expect(server.count({ method: 'PUT' })).toBe(1);
  });

  it('renews a token that died during the download, and opens the source anew', async () => {
    const auth = { kind: 'bearer', users: [{ name: 'ci', password: 'secret-1' }] } as const;
    const server = await start({ auth });
    const { push } = openAt(server.url, {
      settings: { 'registry.test': { username: 'ci', password: 'secret-1' } },
    });
    let opened = 0;
    await push.putBlob('apps/web', blob, () => {
      opened += 1;
      if (opened === 1) server.revokeTokens();
      return streamOf(bytes)();
    });
    expect(server.hasBlob('apps/web', blob.digest)).toBe(true);
    expect(opened).toBe(2);
  });

  it('copies within one registry with more copies than connections', async () => {
    const server = await start({ mounts: false });
    await server.addBlob('apps/web', bytes);
    const { push } = openAt(server.url, { connections: 2 });
    const names = ['a', 'b', 'c', 'd', 'e', 'f'];
    await Promise.all(
      names.map((name) =>
        push.putBlob(`apps/${name}`, blob, (signal) => push.openBlob('apps/web', blob, signal)),
      ),
    );
    expect(names.every((name) => server.hasBlob(`apps/${name}`, blob.digest))).toBe(true);
  });

  it('stops at once when it is told to', async () => {
    const server = await start({
      faults: [{ match: { method: 'PUT' }, fault: { kind: 'stall-upload', afterBytes: 1000 } }],
    });
    const { push } = openAt(server.url, { idleTimeout: 60_000 });
    const stop = new AbortController();
    const putting = push.putBlob('apps/web', blob, streamOf(bytes), stop.signal);
    setTimeout(() => stop.abort(), 50);
    expect((await errorOf(putting)).code).toBe('interrupted');
  });
});

describe('mountBlob', () => {
  it('mounts what another repository has', async () => {
    const server = await start();
    await server.addBlob('apps/base', bytes);
    const { push } = openAt(server.url);
    expect(await push.mountBlob('apps/web', blob, 'apps/base')).toBe(true);
    expect(server.count()).toBe(1);
  });

  it('goes on with the upload that a refused mount has started', async () => {
    const server = await start({ mounts: false });
    const { push } = openAt(server.url);
    expect(await push.mountBlob('apps/web', blob, 'apps/base')).toBe(false);
    await push.putBlob('apps/web', blob, streamOf(bytes));
    expect(server.requests.map(({ method }) => method)).toEqual(['POST', 'PUT']);
    expect(server.openUploads()).toBe(0);
  });

  it.each([400, 401, 403, 404, 405])('makes no noise of a %i', async (status) => {
    const server = await start({
      faults: [{ match: { method: 'POST' }, fault: { kind: 'status', status } }],
    });
    const { push } = openAt(server.url);
    expect(await push.mountBlob('apps/web', blob, 'apps/base')).toBe(false);
    expect(server.count()).toBe(1);
  });

  it.each([500, 503])('gives a mount that is answered %i up for the plain upload', async (status) => {
    const fault = { kind: 'status', status } as const;
    const server = await start({ faults: [{ match: { method: 'POST', path: /mount=/ }, fault }] });
    await server.addBlob('apps/base', bytes);
    const { push } = openAt(server.url);
    expect(await push.headBlob('apps/base', blob)).toBe(true);
    expect(await push.mountBlob('apps/web', blob, 'apps/base')).toBe(false);
    expect(server.count({ status })).toBe(3);
    await push.putBlob('apps/web', blob, streamOf(bytes));
    expect(server.hasBlob('apps/web', blob.digest)).toBe(true);
  });

  it('asks for a token that may read the other repository too', async () => {
    const auth = { kind: 'bearer', users: [{ name: 'ci', password: 'secret-1' }] } as const;
    const server = await start({ auth });
    await server.addBlob('apps/base', bytes);
    const { push } = openAt(server.url, {
      settings: { 'registry.test': { username: 'ci', password: 'secret-1' } },
    });
    expect(await push.mountBlob('apps/web', blob, 'apps/base')).toBe(true);
    expect(await push.headBlob('apps/web', blob)).toBe(true);
    expect(server.count({ path: /^\/token/ })).toBe(1);
  });
});

describe('verifiesDigests', () => {
  it('sees that a registry refuses wrong bytes, once, and leaves nothing behind', async () => {
    const server = await start();
    const { push } = openAt(server.url);
    const answers = await Promise.all([push.verifiesDigests('apps/a'), push.verifiesDigests('apps/b')]);
    expect(answers).toEqual([true, true]);
    expect(server.count({ method: 'PUT' })).toBe(1);
    expect(server.openUploads()).toBe(0);
    expect(Object.values(server.snapshot()).flatMap(({ blobs }) => blobs)).toEqual([]);
  });

  it('trusts no registry that takes them, or that cannot be asked', async () => {
    const taking = await start({
      faults: [{ match: { method: 'PUT' }, fault: { kind: 'status', status: 201 } }],
    });
    const failing = await start({ faults: [{ match: {}, fault: { kind: 'status', status: 500 } }] });
    expect(await openAt(taking.url).push.verifiesDigests('apps/a')).toBe(false);
    expect(await openAt(failing.url).push.verifiesDigests('apps/a')).toBe(false);
  });
});

it('keeps memory flat: what the registry does not take is not read', async () => {
  const server = await start({
    faults: [{ match: { method: 'PUT', nth: 1 }, fault: { kind: 'stall-upload', afterBytes: 1000 } }],
  });
  const { push } = openAt(server.url, { idleTimeout: 200 });
  const read: number[] = [];
  await push.putBlob('apps/web', blob, () => {
    const index = read.push(0) - 1;
    return Promise.resolve(
      Readable.from(
        (function* () {
          for (const piece of pieces(bytes)) {
            read[index] = (read[index] ?? 0) + piece.length;
            yield piece;
          }
        })(),
        { objectMode: false },
      ),
    );
  });
  expect(read[0]).toBeLessThan(bytes.length);
  expect(read[1]).toBe(bytes.length);
});

function* pieces(all: Buffer): Generator<Buffer> {
  for (let start = 0; start < all.length; start += 65_536) yield all.subarray(start, start + 65_536);
}

async function* slowly(all: Buffer, milliseconds: number): AsyncGenerator<Buffer> {
  for (let start = 0; start < all.length; start += 1000) {
    await new Promise((resolve) => setTimeout(resolve, milliseconds));
    yield all.subarray(start, start + 1000);
  }
}

it('reads what it has written', async () => {
  const server = await start();
  const { push, pull } = openAt(server.url);
  await push.putBlob('apps/web', blob, streamOf(bytes));
  expect((await readAll(await pull.openBlob('apps/web', blob))).equals(bytes)).toBe(true);
});
