import { randomBytes } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { type EmbeddedRegistry, type Fault, startRegistry } from '../../src/embedded/index.ts';
import type { BlobProof } from '../../src/registry/index.ts';
import { findFreePort } from '../support/free-port.ts';
import { blobOf, errorOf, openAt, readAll } from './opened.ts';

// From 16 MiB on a blob goes from connection to connection in buffers that are used again.
const bytes = randomBytes(20_000_000);
const blob = blobOf(bytes);

describe('a large blob on its way from registry to registry', () => {
  let source: EmbeddedRegistry;
  let backup: EmbeddedRegistry;
  beforeAll(async () => {
    [source, backup] = await Promise.all([startRegistry(), startRegistry()]);
    await source.addBlob('apps/web', bytes);
  });
  beforeEach(() => {
    for (const server of [source, backup]) {
      server.setFaults([]);
      server.forgetRequests();
    }
  });
  afterAll(() => Promise.all([source.close(), backup.close()]));

  let repositories = 0;
  async function copy(proof: BlobProof = 'digest', to = backup.url): Promise<{ told: number; name: string }> {
    repositories += 1;
    const name = `copies/of-${repositories}`;
    const { pull } = openAt(source.url);
    const { push } = openAt(to);
    let told = 0;
    await push.putBlob(name, blob, async (signal) => {
      told = 0;
      const stream = await pull.openBlob('apps/web', blob, signal, proof);
      stream.pause().on('data', (piece: Buffer) => (told += piece.length));
      return stream;
    });
    return { told, name };
  }
  async function expectWhole({ told, name }: { told: number; name: string }): Promise<void> {
    expect(told).toBe(bytes.length);
    const { pull } = openAt(backup.url);
    expect((await readAll(await pull.openBlob(name, blob))).equals(bytes)).toBe(true);
  }
  const failing = (server: EmbeddedRegistry, method: string, fault: Fault, times: number) =>
    server.setFaults([{ match: { method, path: /\/blobs\//, nth: 1, times }, fault }]);

  it('arrives byte by byte, and is seen to pass', async () => {
    await expectWhole(await copy());
    expect(source.count()).toBe(1);
  });

  it.each([
    { what: 'is cut', fault: { kind: 'cut', afterBytes: 3_000_000 }, times: 3 },
    { what: 'is cut within the first piece', fault: { kind: 'cut', afterBytes: 1000 }, times: 2 },
    { what: 'stands still', fault: { kind: 'stall', afterBytes: 3_000_000 }, times: 1 },
  ] as const)('goes on by Range in the same upload when the download $what', async ({ fault, times }) => {
    failing(source, 'GET', fault, times);
    await expectWhole(await copy());
    expect(source.requests.map(({ status }) => status)).toEqual([200, ...Array(times).fill(206)]);
    expect(backup.requests.filter(({ method }) => method === 'PUT')).toHaveLength(1);
  });

  it('starts again when the upload is cut', async () => {
    failing(backup, 'PUT', { kind: 'cut-upload', afterBytes: 3_000_000 }, 1);
    await expectWhole(await copy());
    expect(source.count()).toBe(2);
  });

  it.each(['digest', 'size'] as const)('is never stored when its bytes are wrong, by %s', async (proof) => {
    failing(source, 'GET', { kind: 'wrong-bytes' }, 1000);
    const error = await errorOf(copy(proof));
    expect(error.code).toBe(proof === 'digest' ? 'invalid' : 'refused');
    const { push } = openAt(backup.url);
    expect(await push.headBlob(`copies/of-${repositories}`, blob)).toBe(false);
  });

  it('ends in an error when its body has no end', async () => {
    failing(source, 'GET', { kind: 'endless' }, 1000);
    expect((await errorOf(copy())).code).toBe('invalid');
  });

  it('passes through the parser where its length is not told', async () => {
    const chunked = createServer((_, response) => {
      for (let at = 0; at < bytes.length; at += 1_000_000) response.write(bytes.subarray(at, at + 1_000_000));
      response.end();
    });
    const { pull } = openAt(await listen(chunked));
    const { push } = openAt(backup.url);
    await push.putBlob('copies/chunked', blob, (signal) => pull.openBlob('apps/web', blob, signal));
    expect(await push.headBlob('copies/chunked', blob)).toBe(true);
    await expectWhole({ told: bytes.length, name: 'copies/chunked' });
  });

  it('waits for an upload that is taken slowly, and sends each byte as it was', async () => {
    const taken: Buffer[] = [];
    const slow = createServer((request, response) => void take(request, response));
    const take = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
      for await (const piece of request) {
        taken.push(piece as Buffer);
        if (taken.length % 64 === 0) await sleep(2);
      }
      if (request.method === 'PUT') response.writeHead(201).end();
      else response.writeHead(202, { location: '/v2/x/blobs/uploads/1' }).end();
    };
    await copy('size', await listen(slow));
    expect(Buffer.concat(taken).equals(bytes)).toBe(true);
    expect(source.count()).toBe(1);
  });

  it('leaves the connection to the next request when it was read in another way', async () => {
    const { pull } = openAt(source.url);
    for (let turn = 0; turn < 3; turn += 1)
      expect((await readAll(await pull.openBlob('apps/web', blob))).equals(bytes)).toBe(true);
    await expect.poll(() => source.connections()).toBe(1);
  });
});

async function listen(server: Server): Promise<string> {
  const port = await findFreePort();
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${port}`;
}
