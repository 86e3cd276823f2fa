import { spawnSync } from 'node:child_process';
import { afterEach, describe, expect, it } from 'vitest';
import { type EmbeddedRegistry, type RegistryAuth, startRegistry } from '../../src/embedded/index.ts';
import { findDockerRegistry, startDockerRegistry } from '../support/docker-registry.ts';
import { ask } from '../support/http-client.ts';
import { bytesBlob } from '../support/images.ts';
import { pushBlob } from '../support/push-image.ts';
import { startTokenServer } from '../support/token-server.ts';

const closers: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).toReversed()) await close();
});

const basic = (name: string, password: string): string =>
  `Basic ${Buffer.from(`${name}:${password}`).toString('base64')}`;

const users = [
  { name: 'admin', password: 's3cret' },
  { name: 'reader', password: 'pw:with:colons', pullOnly: true },
];

async function start(auth: RegistryAuth): Promise<EmbeddedRegistry> {
  const registry = await startRegistry({ auth });
  closers.push(() => registry.close());
  return registry;
}

async function startReal(kind: 'basic' | 'bearer'): Promise<string> {
  if (kind === 'basic') {
    const registry = await startDockerRegistry({ users: { admin: 's3cret' } });
    closers.push(() => registry.close());
    return registry.url;
  }
  const tokens = await startTokenServer({ users: { admin: 's3cret' } });
  const registry = await startDockerRegistry({ token: tokens.token });
  closers.push(
    () => tokens.close(),
    () => registry.close(),
  );
  return registry.url;
}

interface Challenge {
  readonly realm: string;
  readonly service: string;
  readonly scope?: string;
  readonly error?: string;
}

function parseChallenge(header: string | undefined): Challenge {
  const pairs = [...(header ?? '').matchAll(/(\w+)="([^"]*)"/g)].map((match) => [match[1], match[2]]);
  return Object.fromEntries(pairs) as Challenge;
}

async function askToken(
  challenge: Challenge,
  scope: string | undefined,
  authorization?: string,
): Promise<string> {
  const url = new URL(challenge.realm);
  url.searchParams.set('service', challenge.service);
  if (scope !== undefined) url.searchParams.set('scope', scope);
  const reply = await ask(url.href, { headers: authorization === undefined ? {} : { authorization } });
  expect(reply.status).toBe(200);
  return `Bearer ${(reply.json() as { token: string }).token}`;
}

const real = findDockerRegistry() === null ? [] : (['docker-registry'] as const);
/** It reads passwords as bcrypt alone, which `htpasswd` makes. */
const realBasic = spawnSync('htpasswd').error === undefined ? real : [];
const missing =
  realBasic.length > 0 ? '' : ' (docker-registry is skipped: it, or htpasswd, is not installed)';

describe.each(['embedded', ...realBasic] as const)(`basic authentication of %s${missing}`, (kind) => {
  it('asks for credentials, refuses wrong ones and takes right ones', async () => {
    const url = kind === 'embedded' ? (await start({ kind: 'basic', users })).url : await startReal('basic');
    const asked = await ask(`${url}/v2/`);
    expect(asked.status).toBe(401);
    expect(asked.headers['www-authenticate']).toMatch(/^Basic realm="/);
    expect(asked.json()).toMatchObject({ errors: [{ code: 'UNAUTHORIZED' }] });
    expect((await ask(`${url}/v2/`, { headers: { authorization: basic('admin', 'wrong') } })).status).toBe(
      401,
    );
    const headers = { authorization: basic('admin', 's3cret') };
    expect((await ask(`${url}/v2/`, { headers })).status).toBe(200);
    await pushBlob({ url, repository: 'a/b', tag: null, headers }, bytesBlob(Buffer.from('x')));
  });
});

describe.each(['embedded', ...real] as const)('bearer tokens of %s', (kind) => {
  it('names realm, service and scope, and takes a token for that scope alone', async () => {
    const url =
      kind === 'embedded' ? (await start({ kind: 'bearer', users })).url : await startReal('bearer');
    const asked = await ask(`${url}/v2/a/b/tags/list`);
    expect(asked.status).toBe(401);
    const challenge = parseChallenge(asked.headers['www-authenticate']);
    expect(challenge.scope).toBe('repository:a/b:pull');
    const pull = await askToken(challenge, challenge.scope, basic('admin', 's3cret'));
    expect((await ask(`${url}/v2/a/b/tags/list`, { headers: { authorization: pull } })).status).toBe(404);
    const pushing = await ask(`${url}/v2/a/b/blobs/uploads/`, {
      method: 'POST',
      headers: { authorization: pull },
    });
    expect(pushing.status).toBe(401);
    const more = parseChallenge(pushing.headers['www-authenticate']);
    expect(more.error).toBe('insufficient_scope');
    expect(more.scope?.split(':')[2]?.split(',').toSorted()).toEqual(['pull', 'push']);
    const push = await askToken(more, more.scope, basic('admin', 's3cret'));
    await pushBlob(
      { url, repository: 'a/b', tag: null, headers: { authorization: push } },
      bytesBlob(Buffer.from('x')),
    );
  });

  it('wants the right to pull from the other repository before it mounts', async () => {
    const url =
      kind === 'embedded' ? (await start({ kind: 'bearer', users })).url : await startReal('bearer');
    const challenge = parseChallenge((await ask(`${url}/v2/`)).headers['www-authenticate']);
    const admin = basic('admin', 's3cret');
    const blob = bytesBlob(Buffer.from('mounted'));
    const both = await askToken(challenge, 'repository:a/from:pull,push', admin);
    await pushBlob({ url, repository: 'a/from', tag: null, headers: { authorization: both } }, blob);
    const target = `${url}/v2/a/to/blobs/uploads/?mount=${blob.digest}&from=a/from`;
    const narrow = await askToken(challenge, 'repository:a/to:pull,push', admin);
    const refused = await ask(target, { method: 'POST', headers: { authorization: narrow } });
    expect(refused.status).toBe(401);
    const scope = parseChallenge(refused.headers['www-authenticate']).scope ?? '';
    expect(scope).toContain('repository:a/from:pull');
    expect(scope).toContain('repository:a/to:');
  });
});

describe('the token end point of the embedded registry', () => {
  it('refuses wrong credentials, and gives a pull-only user no right to push', async () => {
    const registry = await start({ kind: 'bearer', users });
    const url = `${registry.url}/token?service=x&scope=repository:a/b:pull,push`;
    expect((await ask(url, { headers: { authorization: basic('admin', 'no') } })).status).toBe(401);
    const challenge = { realm: `${registry.url}/token`, service: 'x' };
    const token = await askToken(challenge, 'repository:a/b:pull,push', basic('reader', 'pw:with:colons'));
    const headers = { authorization: token };
    expect((await ask(`${registry.url}/v2/a/b/tags/list`, { headers })).status).toBe(404);
    expect((await ask(`${registry.url}/v2/a/b/blobs/uploads/`, { method: 'POST', headers })).status).toBe(
      401,
    );
    expect(registry.count({ path: /^\/token/ })).toBe(2);
    expect(registry.requests.map((request) => request.scheme)).toEqual([
      'basic',
      'basic',
      'bearer',
      'bearer',
    ]);
  });

  it('lets anybody pull what is public, and nobody what is not', async () => {
    const registry = await start({ kind: 'bearer', users, anonymousPull: /^library\// });
    const challenge = { realm: `${registry.url}/token`, service: 'x' };
    for (const [name, status] of [
      ['library/nginx', 404],
      ['acme/private', 401],
    ] as const) {
      const token = await askToken(challenge, `repository:${name}:pull`);
      const reply = await ask(`${registry.url}/v2/${name}/tags/list`, { headers: { authorization: token } });
      expect(reply.status).toBe(status);
    }
  });

  it('takes an identity token, and gives one for offline access', async () => {
    const registry = await start({ kind: 'bearer', users, identityTokens: { admin: 'identity' } });
    const post = (form: Record<string, string>): ReturnType<typeof ask> =>
      ask(`${registry.url}/token`, {
        method: 'POST',
        headers: { 'content-type': 'application/x-www-form-urlencoded' },
        body: new URLSearchParams({ service: 'x', scope: 'repository:a/b:pull', ...form }).toString(),
      });
    const given = await post({
      grant_type: 'password',
      username: 'admin',
      password: 's3cret',
      access_type: 'offline',
    });
    expect(given.json()).toMatchObject({ refresh_token: 'identity', expires_in: 60 });
    const refreshed = await post({ grant_type: 'refresh_token', refresh_token: 'identity' });
    const { access_token: token } = refreshed.json() as { access_token: string };
    const reply = await ask(`${registry.url}/v2/a/b/tags/list`, {
      headers: { authorization: `Bearer ${token}` },
    });
    expect(reply.status).toBe(404);
    expect((await post({ grant_type: 'refresh_token', refresh_token: 'stolen' })).status).toBe(401);
  });

  it('refuses a token after its uses, after its lifetime, and after they were revoked', async () => {
    for (const [auth, uses] of [
      [{ tokenUses: 2 }, 2],
      [{ tokenLifetime: 0 }, 0],
      [{}, Number.POSITIVE_INFINITY],
    ] as const) {
      const registry = await start({ kind: 'bearer', users, ...auth });
      const challenge = { realm: `${registry.url}/token`, service: 'x' };
      const headers = {
        authorization: await askToken(challenge, 'repository:a/b:pull', basic('admin', 's3cret')),
      };
      const tries = Math.min(uses, 3);
      for (let use = 0; use < tries; use += 1) {
        expect((await ask(`${registry.url}/v2/a/b/tags/list`, { headers })).status).toBe(404);
      }
      registry.revokeTokens();
      const refused = await ask(`${registry.url}/v2/a/b/tags/list`, { headers });
      expect(refused.status).toBe(401);
      expect(parseChallenge(refused.headers['www-authenticate']).error).toBe('invalid_token');
    }
  });

  it('refuses a basic user who may only pull to push', async () => {
    const registry = await start({ kind: 'basic', users, anonymousPull: true });
    const upload = `${registry.url}/v2/a/b/blobs/uploads/`;
    const headers = { authorization: basic('reader', 'pw:with:colons') };
    expect((await ask(upload, { method: 'POST', headers })).status).toBe(403);
    expect((await ask(upload, { method: 'POST' })).status).toBe(401);
    expect((await ask(`${registry.url}/v2/a/b/tags/list`)).status).toBe(404);
  });
});
