import { randomBytes } from 'node:crypto';
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { type RegistryOptions, startRegistry } from '../../src/embedded/index.ts';
import type { RegistriesOptions } from '../../src/registry/index.ts';
import { Redactor } from '../../src/registry/redactor.ts';
import { scopeOf } from '../../src/registry/scopes.ts';
import { TokenStore } from '../../src/registry/token-store.ts';
import { instantClock } from './instant-clock.ts';
import { blobOf, errorOf, manifestOf, openAt, readAll, streamOf } from './opened.ts';
import { startServer } from './small-server.ts';

const users = [
  { name: 'ci', password: 'correct horse' },
  { name: 'reader', password: 'battery staple', pullOnly: true },
];
const bytes = randomBytes(1000);
const blob = blobOf(bytes);
const tokenPath = /^\/token/;

async function start(options: RegistryOptions) {
  const server = await startRegistry(options);
  onTestFinished(() => server.close());
  await server.addBlob('apps/web', bytes);
  return server;
}

const as = (username: string, password: string): RegistriesOptions => ({
  settings: { 'registry.test': { username, password } },
});

describe.each(['basic', 'bearer'] as const)('%s authentication', (kind) => {
  it('pulls and pushes with the credentials of the settings', async () => {
    const server = await start({ auth: { kind, users } });
    const { push } = openAt(server.url, as('ci', 'correct horse'));
    await push.putBlob('apps/new', blob, streamOf(bytes));
    expect(await readAll(await push.openBlob('apps/web', blob))).toEqual(bytes);
  });

  it('is anonymous where that is enough', async () => {
    const server = await start({ auth: { kind, users, anonymousPull: true } });
    expect(await readAll(await openAt(server.url).pull.openBlob('apps/web', blob))).toEqual(bytes);
  });

  it('says that credentials are wanted when there are none', async () => {
    const server = await start({ auth: { kind, users } });
    const error = await errorOf(openAt(server.url).pull.openBlob('apps/web', blob));
    expect(error).toMatchObject({ code: 'unauthorized', registry: 'registry.test', status: 401 });
  });

  it('says that the credentials are refused, and asks no second time', async () => {
    const server = await start({ auth: { kind, users } });
    const { push } = openAt(server.url, as('ci', 'wrong horse'));
    expect((await errorOf(push.headBlob('apps/web', blob))).code).toBe('unauthorized');
    expect(server.count()).toBe(2);
  });

  it('keeps the credentials for pushing apart', async () => {
    const server = await start({ auth: { kind, users } });
    const { pull, push } = openAt(server.url, {
      settings: {
        'registry.test': {
          username: 'reader',
          password: 'battery staple',
          push: { username: 'ci', password: 'correct horse' },
        },
      },
    });
    await push.putBlob('apps/new', blob, streamOf(bytes));
    expect(await readAll(await pull.openBlob('apps/new', blob))).toEqual(bytes);
    const denied = openAt(server.url, as('reader', 'battery staple')).push;
    expect((await errorOf(denied.putBlob('apps/other', blob, streamOf(bytes)))).code).toMatch(
      /denied|unauthorized/,
    );
  });

  it('never uses credentials where the use is anonymous', async () => {
    const server = await start({ auth: { kind, users } });
    const { registries } = openAt(server.url, as('ci', 'correct horse'));
    const anonymous = registries.open('registry.test', 'anonymous');
    expect((await errorOf(anonymous.openBlob('apps/web', blob))).code).toBe('unauthorized');
    expect(server.count({ path: tokenPath })).toBe(kind === 'bearer' ? 1 : 0);
    expect(server.requests.every(({ scheme }) => scheme !== 'basic')).toBe(true);
  });
});

describe('tokens', () => {
  it('are asked for once per repository, whoever asks, and learned from one 401', async () => {
    const server = await start({ auth: { kind: 'bearer', users } });
    const { pull } = openAt(server.url, as('ci', 'correct horse'));
    await Promise.all(Array.from({ length: 20 }, () => pull.headBlob('apps/web', blob)));
    await pull.headBlob('apps/web', blob);
    expect(server.count({ path: tokenPath })).toBe(1);
    expect(server.count({ status: 401 })).toBe(1);
    await pull.headBlob('apps/other', blob);
    expect(server.count({ path: tokenPath })).toBe(2);
    expect(server.count({ status: 401 })).toBe(1);
  });

  it('are shared by all uses where no credentials are held', async () => {
    const server = await start({ auth: { kind: 'bearer', users, anonymousPull: true } });
    const { pull, registries } = openAt(server.url);
    const anonymous = registries.open('registry.test', 'anonymous');
    await anonymous.headBlob('apps/web', blob);
    expect(await readAll(await pull.openBlob('apps/web', blob))).toEqual(bytes);
    await Promise.all([anonymous.headBlob('apps/b', blob), pull.headBlob('apps/b', blob)]);
    expect(server.count({ path: tokenPath })).toBe(2);
  });

  it('for pushes serve pulls with the same credentials, and with no others', async () => {
    const server = await start({ auth: { kind: 'bearer', users, anonymousPull: true } });
    const { pull, push, registries } = openAt(server.url, as('ci', 'correct horse'));
    await push.headBlob('apps/web', blob);
    await pull.headBlob('apps/web', blob);
    expect(server.count({ path: tokenPath })).toBe(1);
    await registries.open('registry.test', 'anonymous').headBlob('apps/web', blob);
    expect(server.count({ path: tokenPath })).toBe(2);
    expect(server.requests.filter(({ path }) => path === '/token').map(({ scheme }) => scheme)).toEqual([
      'basic',
      null,
    ]);
  });

  it('that were all revoked are not tried one after the other', async () => {
    const server = await start({ auth: { kind: 'bearer', users } });
    const { push } = openAt(server.url, as('ci', 'correct horse'));
    for (const from of ['apps/a', 'apps/b', 'apps/c']) await push.mountBlob('apps/web', blob, from);
    server.revokeTokens();
    expect(await push.headBlob('apps/web', blob)).toBe(true);
  });

  it('may be the same for all repositories', async () => {
    const server = await startServer((request, response) => {
      if (request.url?.startsWith('/token')) response.end('{"token":"the-only-one"}');
      else if (request.headers.authorization === 'Bearer the-only-one') response.writeHead(404).end();
      else {
        const challenge = `Bearer realm="http://${request.headers.host}/token"`;
        response.writeHead(401, { 'www-authenticate': challenge }).end();
      }
    });
    onTestFinished(() => server.close());
    const { pull } = openAt(server.url);
    for (const name of ['a/1', 'a/2', 'a/1', 'a/2', 'a/1']) await pull.headManifest(name, 'v1');
    expect(server.seen.filter(({ path }) => path.startsWith('/token'))).toHaveLength(2);
  });

  it('of a thousand repositories are all kept, and given up when they have expired', async () => {
    const clock = instantClock();
    const redactor = new Redactor();
    const store = new TokenStore(clock, redactor);
    let asked = 0;
    const find = (index: number) =>
      store.find(
        'holder',
        scopeOf(`apps/${index}`, 'pull'),
        async () => {
          asked += 1;
          return { value: `secret-token-${asked}`, refreshAt: clock.now() + 1000 };
        },
        undefined,
      );
    for (let round = 0; round < 2; round += 1)
      for (let index = 0; index < 1000; index += 1) await find(index);
    expect(asked).toBe(1000);
    expect(redactor.clean('got secret-token-1000')).toBe('got ***');
    clock.advance(1000);
    for (let index = 0; index < 1000; index += 1) await find(index);
    expect(asked).toBe(2000);
    expect(redactor.clean('got secret-token-900;')).toBe('got secret-token-900;');
    expect(redactor.clean('got secret-token-1900;')).toBe('got ***;');
  });

  it('are renewed before they expire', async () => {
    const server = await start({ auth: { kind: 'bearer', users, tokenLifetime: 300 } });
    const { pull, clock } = openAt(server.url, as('ci', 'correct horse'));
    await pull.headBlob('apps/web', blob);
    clock.advance(280_000);
    await pull.headBlob('apps/web', blob);
    expect(server.count({ path: tokenPath })).toBe(1);
    clock.advance(15_000);
    await pull.headBlob('apps/web', blob);
    expect(server.count({ path: tokenPath })).toBe(2);
    expect(server.count({ status: 401 })).toBe(1);
  });

  it('are renewed once when they are refused before their time', async () => {
    const server = await start({ auth: { kind: 'bearer', users } });
    const { push } = openAt(server.url, as('ci', 'correct horse'));
    await push.headBlob('apps/web', blob);
    server.revokeTokens();
    const manifest = manifestOf({ schemaVersion: 2, layers: [], config: blob });
    await push.putManifest('apps/web', 'v1', manifest);
    expect(server.manifest('apps/web', 'v1')?.digest).toBe(manifest.digest);
    expect(server.count({ path: tokenPath })).toBe(2);
  });

  it('that are always refused end in an error, not in a loop', async () => {
    const server = await start({ auth: { kind: 'bearer', users, tokenUses: 0 } });
    const { push } = openAt(server.url, as('ci', 'correct horse'));
    expect((await errorOf(push.putBlob('apps/web', blob, streamOf(bytes)))).code).toBe('unauthorized');
    expect(server.count()).toBeLessThan(8);
  });

  it('come from an identity token by POST', async () => {
    const server = await start({
      auth: { kind: 'bearer', users, identityTokens: { ci: 'identity-of-ci' } },
    });
    const { push } = openAt(server.url, {
      credentials: { 'registry.test': { kind: 'identity-token', token: 'identity-of-ci' } },
    });
    await push.putBlob('apps/new', blob, streamOf(bytes));
    expect(server.count({ method: 'POST', path: tokenPath })).toBe(1);
  });

  it('come without the credentials that a token server refuses, where that is enough for a pull', async () => {
    const server = await start({ auth: { kind: 'bearer', users, anonymousPull: true } });
    const { pull, push } = openAt(server.url, as('ci', 'stale'));
    expect(await readAll(await pull.openBlob('apps/web', blob))).toEqual(bytes);
    expect((await errorOf(push.headBlob('apps/web', blob))).code).toBe('unauthorized');
  });

  it('take the scope that the registry wants beyond ours', async () => {
    const server = await startServer((request, response) => {
      if (request.url?.startsWith('/token')) {
        const scope = new URL(request.url, 'http://x').searchParams.getAll('scope').join(' ');
        response.end(JSON.stringify({ token: scope.includes('registry:catalog:*') ? 'wide' : 'narrow' }));
      } else if (request.headers.authorization === 'Bearer wide') response.writeHead(404).end();
      else {
        const realm = `http://${request.headers.host}/token`;
        const challenge = `Bearer realm="${realm}",service="s",scope="registry:catalog:*"`;
        response.writeHead(401, { 'www-authenticate': challenge }).end();
      }
    });
    onTestFinished(() => server.close());
    const { pull } = openAt(server.url);
    expect(await pull.headManifest('apps/web', 'v1')).toBe(null);
    expect(await pull.headManifest('apps/web', 'v2')).toBe(null);
    expect(server.seen.filter(({ path }) => path.startsWith('/token'))).toHaveLength(1);
  });

  it.each([
    ['a service', '{"token":""}'],
    ['no JSON', 'hello'],
    ['a token that breaks the header', '{"token":"a\\r\\nx: y"}'],
    ['an endless body', 'x'.repeat(2_000_000)],
  ])('are not taken from an answer with %s', async (_, body) => {
    const server = await startServer((request, response) => {
      if (request.url?.startsWith('/token')) response.end(body);
      else {
        const challenge = `Bearer realm="http://${request.headers.host}/token"`;
        response.writeHead(401, { 'www-authenticate': challenge }).end();
      }
    });
    onTestFinished(() => server.close());
    expect((await errorOf(openAt(server.url).pull.headManifest('a/b', 'v1'))).code).toBe('invalid');
  });
});

describe('credential files', () => {
  function folder(): string {
    const path = mkdtempSync(join(tmpdir(), 'holdfast-credentials-'));
    onTestFinished(() => rmSync(path, { recursive: true, force: true }));
    return path;
  }

  it('give the credentials of the host, and of no other', async () => {
    const server = await start({ auth: { kind: 'basic', users } });
    const file = join(folder(), 'config.json');
    const auth = Buffer.from('ci:correct horse').toString('base64');
    writeFileSync(file, JSON.stringify({ auths: { 'https://registry.test/v2/': { auth } } }));
    const { push, registries } = openAt(server.url, {
      credentialFiles: [join(folder(), 'absent.json'), file],
      settings: { 'other.test': { endpoint: server.url } },
    });
    await push.putBlob('apps/new', blob, streamOf(bytes));
    const other = registries.open('other.test', 'push');
    expect((await errorOf(other.headBlob('apps/new', blob))).code).toBe('unauthorized');
  });

  it('name helpers, which get the host by stdin and no secret on their command line', async () => {
    const server = await start({ auth: { kind: 'basic', users } });
    const place = folder();
    const file = join(place, 'config.json');
    writeFileSync(file, JSON.stringify({ credHelpers: { 'registry.test': 'fake' } }));
    const helper = join(place, 'docker-credential-fake');
    writeFileSync(
      helper,
      `#!/bin/sh\nread -r host\necho "$host $*" > ${place}/asked\necho '{"Username":"ci","Secret":"correct horse"}'\n`,
    );
    chmodSync(helper, 0o755);
    const { push } = openAt(server.url, {
      credentialFiles: [file],
      helperEnvironment: { PATH: `${place}:/usr/bin:/bin` },
    });
    await Promise.all([push.putBlob('apps/a', blob, streamOf(bytes)), push.headBlob('apps/b', blob)]);
    expect(readFileSync(join(place, 'asked'), 'utf8')).toBe('registry.test get\n');
  });

  /** Takes one password at a time, as what clouds give counts for hours. */
  async function startChanging(kind: 'basic' | 'bearer') {
    let password = 'first';
    const account = {
      name: 'ci',
      get password() {
        return password;
      },
    };
    const server = await start({ auth: { kind, users: [account] } });
    return {
      server,
      change: (next: string) => {
        password = next;
        server.revokeTokens();
      },
    };
  }

  it.each(['basic', 'bearer'] as const)(
    'name helpers that are asked once more when what they gave is refused, %s',
    async (kind) => {
      const { server, change } = await startChanging(kind);
      const place = folder();
      const [file, secret, log] = ['config.json', 'secret', 'asked'].map((name) => join(place, name)) as [
        string,
        string,
        string,
      ];
      const helper = join(place, 'docker-credential-fake');
      const script = `#!/bin/sh\nread -r host\necho asked >> ${log}\nprintf '{"Username":"ci","Secret":"%s"}' "$(cat ${secret})"\n`;
      writeFileSync(helper, script);
      chmodSync(helper, 0o755);
      writeFileSync(file, JSON.stringify({ credHelpers: { 'registry.test': 'fake' } }));
      writeFileSync(secret, 'first');
      const asked = () => readFileSync(log, 'utf8').match(/asked/g)?.length;
      const { push, clock } = openAt(server.url, {
        credentialFiles: [file],
        helperEnvironment: { PATH: `${place}:/usr/bin:/bin` },
      });
      expect(await push.headBlob('apps/web', blob)).toBe(true);
      for (const password of ['second', 'third']) {
        change(password);
        writeFileSync(secret, password);
        await push.putBlob(`apps/${password}`, blob, streamOf(bytes));
      }
      expect(asked()).toBe(3);
      change('fourth');
      for (const name of ['apps/a', 'apps/b'])
        expect((await errorOf(push.headBlob(name, blob))).code).toBe('unauthorized');
      // Its word is not doubted again for each request, but after some minutes.
      expect(asked()).toBe(4);
      writeFileSync(secret, 'fourth');
      clock.advance(6 * 60_000);
      expect(await push.headBlob('apps/web', blob)).toBe(true);
      expect(asked()).toBe(5);
    },
  );

  it.each(['basic', 'bearer'] as const)('may be replaced while the program lives, %s', async (kind) => {
    const { server, change } = await startChanging(kind);
    const file = join(folder(), 'config.json');
    const write = (password: string) => {
      const auth = Buffer.from(`ci:${password}`).toString('base64');
      writeFileSync(file, JSON.stringify({ auths: { 'registry.test': { auth } } }));
    };
    write('first');
    const { push, pull } = openAt(server.url, { credentialFiles: [file] });
    expect(await push.headBlob('apps/web', blob)).toBe(true);
    expect(await pull.headBlob('apps/web', blob)).toBe(true);
    change('second');
    write('second');
    await push.putBlob('apps/new', blob, streamOf(bytes));
    expect(await readAll(await pull.openBlob('apps/new', blob))).toEqual(bytes);
    // A file that is broken for a moment takes nothing away.
    writeFileSync(file, '{');
    change('third');
    expect((await errorOf(push.headBlob('apps/web', blob))).code).toBe('unauthorized');
    write('third');
    expect(await push.headBlob('apps/web', blob)).toBe(true);
  });

  it.each(['basic', 'bearer'] as const)('may differ by namespace, %s', async (kind) => {
    const server = await start({ auth: { kind, users } });
    const file = join(folder(), 'auth.json');
    const auth = (name: string) => ({ auth: Buffer.from(name).toString('base64') });
    writeFileSync(
      file,
      JSON.stringify({
        auths: { 'registry.test': auth('ci:wrong'), 'registry.test/apps': auth('ci:correct horse') },
      }),
    );
    const { push } = openAt(server.url, { credentialFiles: [file] });
    expect(await push.headBlob('apps/web', blob)).toBe(true);
    expect((await errorOf(push.headBlob('other/web', blob))).code).toBe('unauthorized');
    expect(await push.headBlob('apps/web', blob)).toBe(true);
  });

  it('that name a helper which is not there end in a sentence with the cure', async () => {
    const server = await start({ auth: { kind: 'basic', users } });
    const file = join(folder(), 'config.json');
    writeFileSync(file, JSON.stringify({ credsStore: 'not-installed' }));
    const { pull } = openAt(server.url, { credentialFiles: [file], helperEnvironment: { PATH: '/nowhere' } });
    await expect(pull.headBlob('apps/web', blob)).rejects.toThrow(
      /docker-credential-not-installed is not on the PATH/,
    );
  });
});
