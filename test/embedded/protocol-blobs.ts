import { connect } from 'node:net';
import { Readable } from 'node:stream';
import { expect, it } from 'vitest';
import { ask, type Reply } from '../support/http-client.ts';
import { bytesBlob, seededBlob, sha256 } from '../support/images.ts';
import { pushBlob } from '../support/push-image.ts';
import type { ProtocolClient } from './protocol-client.ts';

/** distribution-spec § Pulling, pushing and mounting blobs. */
export function describeBlobs(client: ProtocolClient): void {
  it('gives a blob whole, and answers HEAD with its length', async () => {
    const blob = client.image().blobs[1];
    expect(blob).toBeDefined();
    if (!blob) return;
    const head = await ask(client.v2(`suite/image/blobs/${blob.digest}`), { method: 'HEAD' });
    expect(head.headers['content-length']).toBe(String(blob.size));
    expect(head.headers['docker-content-digest']).toBe(blob.digest);
    const got = await ask(client.v2(`suite/image/blobs/${blob.digest}`));
    expect(got.status).toBe(200);
    expect(sha256(got.body)).toBe(blob.digest);
  });

  it('gives a range of a blob, so that a cut download can go on', async () => {
    const blob = await seededBlob('range', 5000);
    await pushBlob({ url: client.url(), repository: 'suite/range', tag: null }, blob);
    const whole = await ask(client.v2(`suite/range/blobs/${blob.digest}`));
    const path = client.v2(`suite/range/blobs/${blob.digest}`);
    const tail = await ask(path, { headers: { range: 'bytes=1000-' } });
    expect(tail.status).toBe(206);
    expect(tail.headers['content-range']).toBe('bytes 1000-4999/5000');
    expect(tail.body.equals(whole.body.subarray(1000))).toBe(true);
    const middle = await ask(path, { headers: { range: 'bytes=10-19' } });
    expect(middle.body.equals(whole.body.subarray(10, 20))).toBe(true);
    const behind = ask(path, { headers: { range: 'bytes=9000-' } });
    const outcome = await behind.then(
      (reply) => String(reply.status),
      (error: Error) => error.message,
    );
    expect(outcome).toBe(client.expected('range behind the end'));
  });

  it('takes a blob by POST and one PUT', async () => {
    const blob = await seededBlob('monolithic', 3000);
    const put = await ask(client.withDigest(await client.openUpload('suite/put'), blob.digest), {
      method: 'PUT',
      headers: { 'content-length': blob.size },
      body: blob.open(),
    });
    expect(put.status).toBe(201);
    expect(put.headers['docker-content-digest']).toBe(blob.digest);
    expect(client.next(put)).toBe(client.v2(`suite/put/blobs/${blob.digest}`));
  });

  it('takes an empty blob', async () => {
    const blob = bytesBlob(Buffer.alloc(0));
    const put = await ask(client.withDigest(await client.openUpload('suite/put'), blob.digest), {
      method: 'PUT',
    });
    expect(put.status).toBe(201);
    const got = await ask(client.v2(`suite/put/blobs/${blob.digest}`));
    expect(got.body).toHaveLength(0);
  });

  it('takes a blob whose body has no length', async () => {
    const blob = await seededBlob('chunked', 30_000);
    const put = await ask(client.withDigest(await client.openUpload('suite/put'), blob.digest), {
      method: 'PUT',
      headers: { 'transfer-encoding': 'chunked' },
      body: Readable.from(blob.open()),
    });
    expect(put.status).toBe(201);
  });

  it('takes a blob in chunks, says how far it got, and ends it with an empty PUT', async () => {
    const bytes = Buffer.alloc(2500, 'chunk ');
    let location = await client.openUpload('suite/chunks');
    for (const [start, end] of [
      [0, 1000],
      [1000, 2500],
    ] as const) {
      const patch = await ask(location, {
        method: 'PATCH',
        headers: { 'content-range': `${start}-${end - 1}`, 'content-type': 'application/octet-stream' },
        body: bytes.subarray(start, end),
      });
      expect(patch.status).toBe(202);
      expect(patch.headers.range).toBe(`0-${end - 1}`);
      location = client.next(patch);
    }
    const put = await ask(client.withDigest(location, sha256(bytes)), { method: 'PUT' });
    expect(put.status).toBe(201);
    expect((await ask(client.v2(`suite/chunks/blobs/${sha256(bytes)}`))).body.equals(bytes)).toBe(true);
  });

  it('answers a chunk that is out of order as the table says', async () => {
    const location = await client.openUpload('suite/chunks');
    const patch = await ask(location, {
      method: 'PATCH',
      headers: { 'content-range': '500-999', 'content-type': 'application/octet-stream' },
      body: Buffer.alloc(500),
    });
    expect(patch.status).toBe(client.expected('chunk out of order'));
  });

  it('answers for an upload whose chunk was cut as the table says', async () => {
    const location = await client.openUpload('suite/cut');
    await sendHalfChunk(location);
    let status = 0;
    // The server learns of the cut a moment after the client.
    for (let tries = 0; tries < 100 && status !== client.expected('upload after a cut chunk'); tries += 1) {
      await new Promise((resolve) => {
        setTimeout(resolve, 20);
      });
      status = (await ask(location)).status;
    }
    expect(status).toBe(client.expected('upload after a cut chunk'));
  });

  it('refuses bytes that do not have the digest they are sent under, and keeps nothing', async () => {
    const claimed = sha256(Buffer.from('claimed'));
    const put = await ask(client.withDigest(await client.openUpload('suite/liar'), claimed), {
      method: 'PUT',
      body: Buffer.from('something else'),
    });
    expect(put.status).toBe(400);
    expect(put.json()).toMatchObject({ errors: [{ code: 'DIGEST_INVALID' }] });
    expect((await ask(client.v2(`suite/liar/blobs/${claimed}`), { method: 'HEAD' })).status).toBe(404);
  });

  it('forgets an upload that was cancelled', async () => {
    const location = await client.openUpload('suite/cancel');
    expect((await ask(location)).status).toBe(204);
    expect((await ask(location, { method: 'DELETE' })).status).toBe(204);
    expect((await ask(location)).status).toBe(404);
  });

  it('knows no upload that it did not open', async () => {
    const reply = await ask(client.v2('suite/image/blobs/uploads/0b9ae0ad-2b0d-4b7b-8b0a-4d8a5d7c9f10'), {
      method: 'PUT',
      body: Buffer.from('x'),
    });
    expect(reply.status).toBe(404);
  });

  it('answers a single POST with a digest as the table says', async () => {
    const blob = Buffer.from('single post');
    const reply = await ask(client.v2(`suite/single/blobs/uploads/?digest=${sha256(blob)}`), {
      method: 'POST',
      headers: { 'content-type': 'application/octet-stream' },
      body: blob,
    });
    expect(reply.status).toBe(client.expected('single POST with a digest'));
  });

  it('mounts a blob of a repository that has it, and opens an upload for one that does not', async () => {
    const blob = client.image().blobs[1];
    expect(blob).toBeDefined();
    const mount = (query: string): Promise<Reply> =>
      ask(client.v2(`suite/mounted/blobs/uploads/?mount=${blob?.digest}${query}`), { method: 'POST' });
    expect((await mount('')).status).toBe(202);
    expect((await mount('&from=suite/none')).status).toBe(202);
    expect((await ask(client.v2(`suite/mounted/blobs/${blob?.digest}`), { method: 'HEAD' })).status).toBe(
      404,
    );
    const mounted = await mount('&from=suite/image');
    expect(mounted.status).toBe(201);
    expect(mounted.headers['docker-content-digest']).toBe(blob?.digest);
    expect((await ask(client.v2(`suite/mounted/blobs/${blob?.digest}`), { method: 'HEAD' })).status).toBe(
      200,
    );
  });

  it('does not show a blob to a repository that has no link to it', async () => {
    const blob = client.image().blobs[1];
    expect((await ask(client.v2(`suite/other/blobs/${blob?.digest}`), { method: 'HEAD' })).status).toBe(404);
  });
}

/** Announces 1000 bytes of a chunk, sends 500, and hangs up. */
async function sendHalfChunk(location: string): Promise<void> {
  const url = new URL(location);
  await new Promise<void>((resolve, reject) => {
    const socket = connect(Number(url.port), url.hostname, () => {
      socket.write(
        `PATCH ${url.pathname}${url.search} HTTP/1.1\r\nHost: ${url.host}\r\nContent-Length: 1000\r\n` +
          'Content-Type: application/octet-stream\r\n\r\n',
      );
      socket.write(Buffer.alloc(500), () => setTimeout(() => socket.destroy(), 20));
    });
    socket.on('close', () => resolve());
    socket.on('error', reject);
  });
}
