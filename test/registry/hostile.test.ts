import type { IncomingMessage, ServerResponse } from 'node:http';
import fc from 'fast-check';
import { describe, expect, it, onTestFinished } from 'vitest';
import { RegistryError } from '../../src/registry/index.ts';
import { Redactor } from '../../src/registry/redactor.ts';
import {
  blobOf,
  errorOf,
  layerType,
  manifestOf,
  manifestType,
  openAt,
  openForTest,
  readAll,
  streamOf,
} from './opened.ts';
import { startServer } from './small-server.ts';

type Answer = (request: IncomingMessage, response: ServerResponse, body: Buffer) => void;

async function start(answer: Answer) {
  const server = await startServer(answer);
  onTestFinished(() => server.close());
  return server;
}

const bytes = Buffer.from('some bytes');
const blob = blobOf(bytes);
const manifest = manifestOf({ schemaVersion: 2 });

describe('an answer that breaks the protocol ends in a coded error', () => {
  it('a manifest of a gigabyte, announced or not', async () => {
    for (const head of [{ 'content-length': 1024 ** 3 }, {}]) {
      let written = 0;
      const server = await start((_, response) => {
        response.writeHead(200, { 'content-type': manifestType, ...head });
        const more = (): void => {
          while (!response.destroyed && response.write(Buffer.alloc(65_536, 32))) written += 65_536;
        };
        response.on('drain', more);
        more();
      });
      const error = await errorOf(openAt(server.url).pull.getManifest('a/b', 'v1'));
      expect(error.code).toBe('invalid');
      expect(written).toBeLessThan(64 * 1024 * 1024);
      expect(server.seen).toHaveLength(1);
    }
  });

  it('a manifest with another digest than the one that was asked for, or named', async () => {
    const other = manifestOf({ schemaVersion: 2, other: true });
    const server = await start((_, response) => {
      response.setHeader('docker-content-digest', manifest.digest);
      response.setHeader('content-length', other.bytes.length);
      response.writeHead(200, { 'content-type': manifestType }).end(other.bytes);
    });
    const { pull } = openAt(server.url);
    expect((await errorOf(pull.getManifest('a/b', manifest.digest))).code).toBe('invalid');
    expect((await errorOf(pull.getManifest('a/b', 'v1'))).code).toBe('invalid');
    expect((await errorOf(pull.headManifest('a/b', other.digest))).code).toBe('invalid');
  });

  it('a manifest of no manifest type', async () => {
    const server = await start((_, response) => {
      response.writeHead(200, { 'content-type': 'text/html' }).end('<html>a login page</html>');
    });
    expect((await errorOf(openAt(server.url).pull.getManifest('a/b', 'v1'))).code).toBe('invalid');
    expect((await errorOf(openAt(server.url).pull.headManifest('a/b', 'v1'))).code).toBe('invalid');
  });

  it('a manifest or a blob that is stored under another digest', async () => {
    const server = await start((request, response) => {
      response.setHeader('docker-content-digest', blob.digest);
      if (request.method === 'POST') response.writeHead(202, { location: '/v2/a/b/blobs/uploads/1' }).end();
      else response.writeHead(201).end();
    });
    const { push } = openAt(server.url);
    expect((await errorOf(push.putManifest('a/b', 'v1', manifest))).code).toBe('invalid');
    const other = Buffer.from('other');
    expect((await errorOf(push.putBlob('a/b', blobOf(other), streamOf(other)))).code).toBe('invalid');
  });

  it('a blob that comes compressed', async () => {
    const server = await start((_, response) => {
      response.writeHead(200, { 'content-encoding': 'gzip' }).end(bytes);
    });
    expect((await errorOf(openAt(server.url).pull.openBlob('a/b', blob))).code).toBe('invalid');
  });

  it('a redirect loop', async () => {
    const server = await start((request, response) => {
      response.writeHead(307, { location: request.url }).end();
    });
    const error = await errorOf(openAt(server.url).pull.openBlob('a/b', blob));
    expect(error).toMatchObject({ code: 'invalid' });
    expect(error.message).toContain('loop');
    expect(server.seen).toHaveLength(6);
  });

  it('an answer that is no answer of HTTP', async () => {
    const server = await start((_, response) => {
      response.socket?.end('hello\r\n\r\n');
    });
    expect((await errorOf(openAt(server.url).pull.getManifest('a/b', 'v1'))).code).toBe('unavailable');
  });

  it('a list without an end', async () => {
    const server = await start((request, response) => {
      response.setHeader('link', `<${request.url}>; rel="next"`);
      response.end('{"tags":["v1"]}');
    });
    expect((await errorOf(openAt(server.url).pull.listTags('a/b'))).code).toBe('invalid');
    expect(server.seen).toHaveLength(2);
  });

  it('a list that grows without an end, page by page', async () => {
    const page = `{"tags":["${'a'.repeat(8_000_000)}"]}`;
    let pages = 0;
    const server = await start((_, response) => {
      pages += 1;
      const link = pages === 20 ? {} : { link: `</v2/a/b/tags/list?last=${pages}>; rel="next"` };
      response.writeHead(200, link).end(page);
    });
    expect((await errorOf(openAt(server.url).pull.listTags('a/b'))).code).toBe('invalid');
    expect(pages).toBeLessThan(10);
  });

  it('an error page of any size is bounded, on one line and without control characters', async () => {
    const server = await start((_, response) => {
      const message = `\u001B[31mred\u0007\r\nnext\u202E${'x'.repeat(20_000)}`;
      response.writeHead(400).end(JSON.stringify({ errors: [{ code: 'X', message }] }));
    });
    const error = await errorOf(openAt(server.url).pull.getManifest('a/b', 'v1'));
    expect(error.detail?.length).toBeLessThan(310);
    expect(error.message).not.toMatch(/[\p{Cc}\u202E]/u);
  });

  it('an error page that is made to be slow to clean is cleaned at once', () => {
    const redactor = new Redactor();
    redactor.hide('secret-1');
    const start = performance.now();
    for (const text of ['x', 'a:', 'a://', 'bearer ', 'a://@', '?'])
      expect(redactor.clean(text.repeat(60_000)).length).toBeLessThan(310);
    expect(performance.now() - start).toBeLessThan(10_000);
  });

  it('an endless error body is cut', async () => {
    const server = await start((_, response) => {
      response.writeHead(404);
      const more = (): void => {
        while (!response.destroyed && response.write(Buffer.alloc(65_536, 32))) {}
      };
      response.on('drain', more);
      more();
    });
    expect((await errorOf(openAt(server.url).pull.openBlob('a/b', blob))).code).toBe('not-found');
  });
});

describe('an answer that leads elsewhere', () => {
  const inside = ['http://169.254.169.254/latest/meta-data', 'http://[fe80::1]/'];
  it.each(inside)('to %s is not followed: redirect, realm or Location', async (target) => {
    const redirecting = await start((_, response) => response.writeHead(307, { location: target }).end());
    expect((await errorOf(openAt(redirecting.url).pull.openBlob('a/b', blob))).code).toBe('invalid');
    const challenging = await start((_, response) => {
      response.writeHead(401, { 'www-authenticate': `Bearer realm="${target}"` }).end();
    });
    expect((await errorOf(openAt(challenging.url).pull.openBlob('a/b', blob))).code).toBe('invalid');
    const locating = await start((_, response) => response.writeHead(202, { location: target }).end());
    expect((await errorOf(openAt(locating.url).push.putBlob('a/b', blob, streamOf(bytes)))).code).toBe(
      'invalid',
    );
  });

  it.each(['file:///etc/passwd', 'ftp://127.0.0.1/', 'http://', ''])(
    'to %j is not followed',
    async (location) => {
      const server = await start((_, response) => response.writeHead(307, { location }).end());
      expect((await errorOf(openAt(server.url).pull.openBlob('a/b', blob))).code).toBe('invalid');
    },
  );

  it('gets no credentials', async () => {
    const storage = await start((_, response) => response.writeHead(200).end(bytes));
    const server = await start((request, response) => {
      if (request.headers.authorization === undefined)
        response.writeHead(401, { 'www-authenticate': 'Basic realm="x"' }).end();
      else response.writeHead(307, { location: `${storage.url}/signed?signature=abc` }).end();
    });
    const { pull } = openAt(server.url, {
      settings: { 'registry.test': { username: 'ci', password: 'secret-1' } },
    });
    expect(await readAll(await pull.openBlob('a/b', blob))).toEqual(bytes);
    expect(storage.seen).toHaveLength(1);
    expect(storage.seen[0]?.authorization).toBe(null);
    expect(storage.seen[0]?.path).toBe('/signed?signature=abc');
  });

  it('cannot challenge us for credentials', async () => {
    const storage = await start((request, response) => {
      const realm = `Bearer realm="http://${request.headers.host}/token"`;
      response.writeHead(401, { 'www-authenticate': realm }).end();
    });
    const server = await start((request, response) => {
      if (request.headers.authorization === undefined)
        response.writeHead(401, { 'www-authenticate': 'Basic realm="x"' }).end();
      else response.writeHead(307, { location: `${storage.url}/blob` }).end();
    });
    const { pull } = openAt(server.url, {
      settings: { 'registry.test': { username: 'ci', password: 'secret-1' } },
    });
    expect((await errorOf(pull.openBlob('a/b', blob))).code).toBe('unauthorized');
    expect(storage.seen.map(({ path, authorization }) => ({ path, authorization }))).toEqual([
      { path: '/blob', authorization: null },
    ]);
  });

  it('is never followed by a write', async () => {
    const elsewhere = await start((_, response) => response.writeHead(201).end());
    const server = await start((_, response) => response.writeHead(307, { location: elsewhere.url }).end());
    const { push } = openAt(server.url);
    expect((await errorOf(push.putManifest('a/b', 'v1', manifest))).code).toBe('invalid');
    expect(elsewhere.seen).toHaveLength(0);
  });

  it('for an upload gets the bytes but no credentials', async () => {
    const storage = await start((_, response) => response.writeHead(201).end());
    const server = await start((request, response) => {
      if (request.headers.authorization === undefined)
        response.writeHead(401, { 'www-authenticate': 'Basic realm="x"' }).end();
      else response.writeHead(202, { location: `${storage.url}/upload?state=1` }).end();
    });
    const { push } = openAt(server.url, {
      settings: { 'registry.test': { username: 'ci', password: 'secret-1' } },
    });
    await push.putBlob('a/b', blob, streamOf(bytes));
    expect(storage.seen.map(({ path, authorization }) => ({ path, authorization }))).toEqual([
      { path: `/upload?state=1&digest=${encodeURIComponent(blob.digest)}`, authorization: null },
    ]);
  });
});

describe('no secret is in any error', () => {
  const secretText = fc
    .string({
      minLength: 6,
      maxLength: 40,
      unit: fc.constantFrom(...'abcXYZ0189+/=%&"\\ é#?_-.~:@'.split('')),
    })
    .filter((text) => text.trim().length >= 6);

  it('whatever a registry gives back of what it was sent', { timeout: 30_000 }, async () => {
    const forms: readonly ((text: string) => string)[] = [
      (text) => text,
      (text) => encodeURIComponent(text),
      (text) => Buffer.from(text).toString('base64'),
      (text) => Buffer.from(`ci:${text}`).toString('base64'),
      (text) => `https://ci:${text}@storage.test/x?X-Amz-Signature=${text}`,
      (text) => `Bearer ${text}`,
    ];
    let secret = '';
    let form = forms[0] ?? String;
    let asJson = true;
    const server = await start((request, response) => {
      if (request.url?.startsWith('/token')) {
        response.end(JSON.stringify({ token: `tok${Buffer.from(secret).toString('hex')}` }));
        return;
      }
      if (request.headers.authorization === undefined) {
        const scheme = asJson ? `Bearer realm="http://${request.headers.host}/token"` : 'Basic realm="x"';
        response.writeHead(401, { 'www-authenticate': scheme }).end();
        return;
      }
      const message = `you sent ${request.headers.authorization} and ${form(secret)}`;
      response.writeHead(400).end(asJson ? JSON.stringify({ errors: [{ code: 'X', message }] }) : message);
    });
    await fc.assert(
      fc.asyncProperty(secretText, fc.constantFrom(...forms), fc.boolean(), async (text, write, json) => {
        secret = text;
        form = write;
        asJson = json;
        const { registries } = openForTest({
          settings: { 'registry.test': { endpoint: server.url, username: 'ci', password: text } },
        });
        const error = await registries
          .open('registry.test', 'push')
          .getManifest('a/b', 'v1')
          .then(
            () => null,
            (thrown: unknown) => thrown,
          );
        registries.close();
        expect(error).toBeInstanceOf(RegistryError);
        const { message, detail, stack } = error as RegistryError;
        const shown = [message, detail, stack, JSON.stringify(error)].join('\n');
        for (const hidden of [
          text,
          encodeURIComponent(text),
          Buffer.from(text).toString('base64'),
          `tok${Buffer.from(text).toString('hex')}`,
        ])
          expect(shown).not.toContain(hidden);
      }),
      { numRuns: 60 },
    );
  });

  it('nor the query of a signed URL', async () => {
    const server = await start((_, response) => {
      response.writeHead(307, { location: 'http://169.254.1.1/x?X-Amz-Signature=s3cr3t' }).end();
    });
    const error = await errorOf(openAt(server.url).pull.openBlob('a/b', blob));
    expect(error.message).not.toContain('s3cr3t');
    expect(error.message).toContain('169.254.1.1');
  });

  it('nor what an address gives back in its path', async () => {
    const server = await start((request, response) => {
      const sent = request.headers.authorization;
      if (sent === undefined) response.writeHead(401, { 'www-authenticate': 'Basic realm="x"' }).end();
      else response.writeHead(307, { location: `http://169.254.1.1/${sent.slice(6)}/hunter2` }).end();
    });
    const { pull } = openAt(server.url, {
      settings: { 'registry.test': { username: 'ci', password: 'hunter2' } },
    });
    const error = await errorOf(pull.openBlob('a/b', blob));
    expect(error.message).toContain('169.254.1.1');
    expect(error.message).not.toContain('hunter2');
    expect(error.message).not.toContain(Buffer.from('ci:hunter2').toString('base64'));
  });
});

it('answers with null, false or nothing where a registry does not have it', async () => {
  const server = await start((_, response) => response.writeHead(404).end());
  const { pull } = openAt(server.url);
  expect(await pull.headManifest('a/b', 'v1')).toBe(null);
  expect(await pull.getManifest('a/b', 'v1')).toBe(null);
  expect(await pull.headBlob('a/b', { ...blob, mediaType: layerType })).toBe(false);
  expect(await pull.listTags('a/b')).toEqual([]);
  expect(await pull.listReferrers('a/b', blob.digest)).toEqual([]);
});

it('asks once for a referrers API that is not there, and not for a tag that is known to be missing', async () => {
  const server = await start((_, response) => response.writeHead(404).end());
  const { pull } = openAt(server.url);
  const tags = new Set(['v1']);
  for (const repository of ['a/b', 'a/c', 'other/c'])
    expect(await pull.listReferrers(repository, blob.digest, undefined, tags)).toEqual([]);
  tags.add(blob.digest.replace(':', '-'));
  await pull.listReferrers('a/d', blob.digest, undefined, tags);
  // One host may serve registries of several kinds, by the first segment of the name.
  expect(server.seen.map(({ path }) => path)).toEqual([
    `/v2/a/b/referrers/${blob.digest}`,
    `/v2/other/c/referrers/${blob.digest}`,
    `/v2/a/d/manifests/${blob.digest.replace(':', '-')}`,
  ]);
});

it.each([
  [400, '{}'],
  [404, ''],
  [405, ''],
  [406, ''],
  [200, '{"repositories":[]}'],
])('asks for the fallback tag of referrers after a %i with %s', async (status, body) => {
  const server = await start((request, response) => {
    if (request.url?.includes('/referrers/')) response.writeHead(status).end(body);
    else response.writeHead(404).end();
  });
  expect(await openAt(server.url).pull.listReferrers('a/b', blob.digest)).toEqual([]);
  expect(server.seen.map(({ path }) => path)).toEqual([
    `/v2/a/b/referrers/${blob.digest}`,
    `/v2/a/b/manifests/${blob.digest.replace(':', '-')}`,
  ]);
});
