import { createVerify, generateKeyPairSync } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openAppTokens } from '../../src/forge/index.ts';

const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
const pem = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();

let server: Server;
let apiUrl: string;
let now: number;
let asked: { readonly path: string; readonly authorization: string }[];
beforeEach(async () => {
  now = Date.UTC(2030, 0, 1);
  asked = [];
  server = createServer((request, answer) => {
    const path = `${request.method} ${request.url}`;
    asked.push({ path, authorization: request.headers.authorization ?? '' });
    answer.setHeader('content-type', 'application/json');
    const owner = /^GET \/repos\/(\w+)\/\w+\/installation$/.exec(path)?.[1];
    if (owner === 'stranger') answer.writeHead(404).end('{"message":"Not Found"}');
    else if (owner !== undefined) answer.end(JSON.stringify({ id: owner.length }));
    else
      answer.writeHead(201).end(
        JSON.stringify({
          token: `ghs_${asked.length}`,
          expires_at: new Date(now + 3_600_000).toISOString(),
        }),
      );
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  apiUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterEach(() => {
  server.closeAllConnections();
  server.close();
});

const open = (key = pem) =>
  openAppTokens({ id: '12345', privateKey: key }, () => now, { writeInterval: 0, retryUnit: 1 });
const at = (owner: string, repository = 'gitops') => ({ apiUrl, owner, repository });

test('a token for each organisation, kept for most of its hour', async () => {
  const find = open();
  const first = await find(at('acme'));
  expect(await find(at('acme', 'other'))).toBe(first);
  const second = await find(at('umbrella'));
  expect(second).not.toBe(first);
  expect(asked.map(({ path }) => path)).toEqual([
    'GET /repos/acme/gitops/installation',
    'POST /app/installations/4/access_tokens',
    'GET /repos/umbrella/gitops/installation',
    'POST /app/installations/8/access_tokens',
  ]);
  now += 49 * 60_000;
  expect(await find(at('acme'))).toBe(first);
  now += 2 * 60_000;
  expect(await find(at('acme'))).not.toBe(first);
});

test('asks as the App, by a key that never leaves', async () => {
  await open()(at('acme'));
  const [head = '', claims = '', signature = ''] =
    asked[0]?.authorization.replace(/^bearer /i, '').split('.') ?? [];
  const isSigned = createVerify('RSA-SHA256')
    .update(`${head}.${claims}`)
    .verify(publicKey, signature, 'base64url');
  expect(isSigned).toBe(true);
  const { iat, exp, iss } = JSON.parse(Buffer.from(claims, 'base64url').toString()) as Record<string, number>;
  expect([iss, (exp ?? 0) - (iat ?? 0)]).toEqual(['12345', 600]);
  expect(JSON.stringify(asked)).not.toContain('PRIVATE KEY');
});

test('an organisation without the App is told by name', async () => {
  await expect(open()(at('stranger'))).rejects.toThrow(
    /stranger\/gitops is not on GitHub, or this token may not/,
  );
});

test('a key that is none is told before anything is asked, without repeating it', () => {
  const opening = () => open('not a key');
  expect(opening).toThrow(/private key cannot be read: it must be the whole PEM/);
  expect(opening).not.toThrow(/not a key/);
});
