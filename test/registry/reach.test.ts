import { createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { type EmbeddedRegistry, type RegistryOptions, startRegistry } from '../../src/embedded/index.ts';
import { publicLookup, type Reach, reachOf, reachOfHost } from '../../src/registry/addresses.ts';
import { openRegistries } from '../../src/registry/index.ts';
import { findTargetProblem } from '../../src/registry/safe-target.ts';
import { makeCertificate, type TestCertificate } from '../support/certificate.ts';
import { blobOf, errorOf, manifestOf, openAt, openForTest, readAll, streamOf } from './opened.ts';

const bytes = Buffer.from('some bytes');
const blob = blobOf(bytes);

async function start(options: RegistryOptions = {}): Promise<EmbeddedRegistry> {
  const server = await startRegistry(options);
  onTestFinished(() => server.close());
  await server.addBlob('apps/web', bytes);
  return server;
}

describe('where an address leads', () => {
  it.each<[string, Reach]>([
    ['8.8.8.8', 'public'],
    ['2606:4700::1', 'public'],
    ['10.1.2.3', 'private'],
    ['172.16.0.1', 'private'],
    ['172.32.0.1', 'public'],
    ['192.168.1.1', 'private'],
    ['100.64.0.1', 'private'],
    ['127.0.0.1', 'private'],
    ['0.0.0.0', 'private'],
    ['::1', 'private'],
    ['fd12::1', 'private'],
    ['169.254.169.254', 'link-local'],
    ['fe80::1', 'link-local'],
    ['::ffff:169.254.169.254', 'link-local'],
    ['::ffff:10.0.0.1', 'private'],
    ['::ffff:8.8.8.8', 'public'],
  ])('%s is %s', (address, reach) => {
    expect(reachOf(address)).toBe(reach);
  });

  it('is told by a host without a lookup where that is possible', () => {
    expect(reachOfHost('[::1]')).toBe('private');
    expect(reachOfHost('localhost')).toBe('private');
    expect(reachOfHost(new URL('http://0x7f.1/').hostname)).toBe('private');
    expect(reachOfHost('registry.example')).toBe(null);
  });

  it('is looked at again when a name is resolved', async () => {
    const outcome = await new Promise((resolve) => {
      publicLookup('localhost', {}, (error) => resolve(error?.code));
    });
    expect(outcome).toBe('EPRIVATEADDRESS');
  });

  it.each([
    ['https://registry.example/', 'https://cdn.example/x?sig=1', null],
    ['https://registry.example/', 'http://cdn.example/x', 'plain http'],
    ['https://registry.example/', 'http://registry.example/x', 'plain http'],
    ['http://registry.example/', 'https://cdn.example/x', null],
    ['https://registry.example/', 'https://10.0.0.1/x', 'private'],
    ['https://registry.example/', 'https://localhost/x', 'private'],
    ['https://registry.example/', 'https://169.254.169.254/x', 'link-local'],
    ['https://registry.example/', 'ftp://cdn.example/x', 'ftp:'],
    ['https://10.0.0.1/', 'https://10.0.0.1/y', null],
  ])('from %s to %s: %s', (from, to, problem) => {
    const base = new URL(from);
    const found = findTargetProblem(new URL(to), { from: base, base, isInside: false });
    expect(found ?? 'nothing').toContain(problem ?? 'nothing');
  });

  it('inside may lead to the inside, but never to link-local addresses', () => {
    const base = new URL('https://registry.corp/');
    const from = { from: base, base, isInside: true };
    expect(findTargetProblem(new URL('https://10.0.0.9/x'), from)).toBe(null);
    expect(findTargetProblem(new URL('https://169.254.169.254/x'), from)).not.toBe(null);
  });
});

describe('TLS', () => {
  let certificate: TestCertificate;
  beforeAll(() => {
    certificate = makeCertificate();
  });
  afterAll(() => certificate.remove());

  it('trusts an authority of its own only where it is named', async () => {
    const server = await start({ tls: certificate });
    const { pull } = openAt(server.url, { settings: { 'registry.test': { caFile: certificate.certFile } } });
    expect(await readAll(await pull.openBlob('apps/web', blob))).toEqual(bytes);
    const error = await errorOf(openAt(server.url).pull.openBlob('apps/web', blob));
    expect(error.code).toBe('tls');
    expect(error.message).toContain('caFile');
  });

  it('shows a client certificate where one is set', async () => {
    const server = await start({ tls: { ...certificate, clientCa: certificate.cert } });
    const caFile = certificate.certFile;
    const clientCert = { cert: certificate.certFile, key: certificate.keyFile };
    const { pull } = openAt(server.url, { settings: { 'registry.test': { caFile, clientCert } } });
    expect(await readAll(await pull.openBlob('apps/web', blob))).toEqual(bytes);
    const bare = openAt(server.url, { settings: { 'registry.test': { caFile } } });
    await errorOf(bare.pull.openBlob('apps/web', blob));
  });

  it('says which file cannot be read', () => {
    const { registries } = openForTest({ settings: { 'registry.test': { caFile: '/not/there.pem' } } });
    expect(() => registries.open('registry.test', 'pull')).toThrow(/\/not\/there\.pem/);
  });
});

describe('addresses of the settings', () => {
  it('are plain HTTP only where that is named', async () => {
    const server = await start();
    const { registries } = openForTest({ settings: { [server.host]: { plainHttp: true } } });
    expect(await registries.open(server.host, 'pull').headBlob('apps/web', blob)).toBe(true);
  });

  it.each(['https://x.test/path', 'ftp://x.test', 'x.test', 'https://user:secret@x.test'])(
    'may not be %s',
    (endpoint) => {
      const { registries } = openForTest({ settings: { 'registry.test': { endpoint } } });
      expect(() => registries.open('registry.test', 'pull')).toThrow(/the address of registry\.test must/);
    },
  );

  it('lead through a proxy where the environment names one: TLS by CONNECT', async () => {
    const certificate = makeCertificate();
    onTestFinished(() => certificate.remove());
    const server = await start({ tls: certificate });
    const proxy = await startProxy();
    const { pull } = openAt(server.url, {
      proxyFor: () => proxy.url,
      settings: { 'registry.test': { caFile: certificate.certFile } },
    });
    expect(await readAll(await pull.openBlob('apps/web', blob))).toEqual(bytes);
    expect(proxy.seen).toEqual([`CONNECT ${server.host}`]);
  });

  it('lead through a proxy that forbids CONNECT to other ports: plain HTTP by the whole URL', async () => {
    const server = await start();
    const proxy = await startProxy();
    const { push } = openAt(server.url, { proxyFor: () => proxy.url.replace('//', '//me:p%40ss@') });
    await push.putBlob('apps/new', blob, streamOf(bytes));
    expect(await readAll(await push.openBlob('apps/new', blob))).toEqual(bytes);
    expect(proxy.seen.every((line) => line.includes(` ${server.url}/v2/apps/new/`))).toBe(true);
    expect(proxy.seen).toHaveLength(3);
    expect(new Set(proxy.credentials)).toEqual(new Set([`Basic ${btoa('me:p@ss')}`]));
    expect(await proxy.connections()).toBeLessThanOrEqual(2);
  });

  it('lead through no proxy of another kind', async () => {
    const { pull } = openAt('http://registry.test', { proxyFor: () => 'socks5://me:secret-1@127.0.0.1:9' });
    await expect(pull.headBlob('apps/web', blob)).rejects.toThrow(/HTTPS_PROXY.*must be a URL with http/);
  });
});

/** Tunnels what is asked by CONNECT, and forwards the rest. */
async function startProxy() {
  const seen: string[] = [];
  const credentials: string[] = [];
  const proxy = createServer((incoming, answer) => {
    seen.push(`${incoming.method} ${incoming.url}`);
    const { 'proxy-authorization': shown = '', ...headers } = incoming.headers;
    credentials.push(shown);
    const onward = request(incoming.url ?? '', { method: incoming.method, headers }, (reply) => {
      answer.writeHead(reply.statusCode ?? 502, reply.headers);
      reply.pipe(answer);
    });
    incoming.pipe(onward);
  });
  proxy.on('connect', (incoming, socket) => {
    seen.push(`CONNECT ${incoming.url}`);
    const { port, hostname } = new URL(`http://${incoming.url}`);
    const onward = connect(Number(port), hostname, () => {
      socket.write('HTTP/1.1 200 OK\r\n\r\n');
      socket.pipe(onward).pipe(socket);
    });
    for (const end of [socket, onward]) end.on('error', () => {});
  });
  await new Promise<void>((resolve) => {
    proxy.listen(0, '127.0.0.1', resolve);
  });
  onTestFinished(() => {
    proxy.closeAllConnections();
    proxy.close();
  });
  const connections = () =>
    new Promise<number>((resolve) => {
      proxy.getConnections((_, count) => resolve(count));
    });
  const { port } = proxy.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}`, seen, credentials, connections };
}

describe('mirrors', () => {
  it('are asked in order, and the registry itself last', async () => {
    const empty = await startRegistry();
    onTestFinished(() => empty.close());
    const mirror = await start();
    const own = await start();
    const { pull } = openAt(own.url, { settings: { 'registry.test': { mirrors: [empty.url, mirror.url] } } });
    expect(await readAll(await pull.openBlob('apps/web', blob))).toEqual(bytes);
    expect([empty.count(), mirror.count(), own.count()]).toEqual([1, 1, 0]);
    await own.addBlob('apps/only-here', bytes);
    expect(await readAll(await pull.openBlob('apps/only-here', blob))).toEqual(bytes);
    expect(own.count()).toBe(1);
  });

  it('are asked last where what came was wrong, and still where the registry itself does not have it', async () => {
    const [mirror, own, empty] = [await start(), await start(), await startRegistry()];
    onTestFinished(() => empty.close());
    for (const { url, asked } of [
      { url: own.url, asked: 0 },
      { url: empty.url, asked: 1 },
    ]) {
      const { pull } = openAt(url, { settings: { 'registry.test': { mirrors: [mirror.url] } } });
      const stream = await pull.openBlob('apps/web', blob, undefined, 'digest', true);
      expect(await readAll(stream)).toEqual(bytes);
      expect(mirror.count()).toBe(asked);
    }
  });

  it('may keep what they have under a name of their own', async () => {
    const users = [{ name: 'ci', password: 'secret-1' }];
    const mirror = await startRegistry({ auth: { kind: 'bearer', users, anonymousPull: /^hub\/proxy\// } });
    onTestFinished(() => mirror.close());
    await mirror.addBlob('hub/proxy/apps/web', bytes);
    const own = await start();
    const mirrors = [`${mirror.url}/hub/proxy/`];
    const { pull } = openAt(own.url, { settings: { 'registry.test': { mirrors } } });
    expect(await readAll(await pull.openBlob('apps/web', blob))).toEqual(bytes);
    expect(own.count()).toBe(0);
    const wrong = openForTest({ settings: { 'x.test': { mirrors: [`${mirror.url}/A/../b?c`] } } });
    expect(() => wrong.registries.open('x.test', 'pull')).toThrow(/the (address|path of the mirror)/);
  });

  it('are passed over when they fail, soon', async () => {
    const failing = await start({ faults: [{ match: {}, fault: { kind: 'status', status: 503 } }] });
    const own = await start();
    const { pull } = openAt(own.url, { settings: { 'registry.test': { mirrors: [failing.url] } } });
    expect(await readAll(await pull.openBlob('apps/web', blob))).toEqual(bytes);
    expect(failing.count()).toBe(2);
  });

  it('get no push, and no credentials of the registry', async () => {
    const auth = { kind: 'basic', users: [{ name: 'ci', password: 'secret-1' }] } as const;
    const mirror = await start({ auth });
    const own = await start({ auth });
    const { pull, push } = openAt(own.url, {
      settings: { 'registry.test': { username: 'ci', password: 'secret-1', mirrors: [mirror.url] } },
    });
    expect(await readAll(await pull.openBlob('apps/web', blob))).toEqual(bytes);
    expect(mirror.requests.map(({ scheme }) => scheme)).toEqual([null]);
    expect(await push.headBlob('apps/web', blob)).toBe(true);
    expect(mirror.count()).toBe(1);
  });

  it('that hold wrong bytes are passed over', async () => {
    const manifest = manifestOf({ schemaVersion: 2 });
    const lying = await start({ faults: [{ match: {}, fault: { kind: 'wrong-bytes' } }] });
    const own = await start();
    for (const server of [lying, own])
      server.addManifest('apps/web', 'v1', manifest.mediaType, manifest.bytes);
    const { pull } = openAt(own.url, { settings: { 'registry.test': { mirrors: [lying.url] } } });
    expect((await pull.getManifest('apps/web', manifest.digest))?.bytes).toEqual(manifest.bytes);
  });
});

describe('what is known of a registry', () => {
  it('Docker Hub is served by registry-1.docker.io', async () => {
    const asked: string[] = [];
    const registries = openRegistries({
      proxyFor: (url) => {
        asked.push(url);
        return 'http://127.0.0.1:9';
      },
      clock: { now: Date.now, random: () => 0, sleep: () => Promise.resolve() },
    });
    await errorOf(registries.open('docker.io', 'pull').headManifest('library/nginx', 'latest'));
    registries.close();
    expect(asked[0]).toBe('https://registry-1.docker.io/v2/library/nginx/manifests/latest');
  });

  it('a backup on Docker Hub needs names of two parts, and the error says which flag helps', async () => {
    const server = await start();
    const { registries } = openForTest({ settings: { 'docker.io': { endpoint: server.url } } });
    const push = registries.open('docker.io', 'push');
    const error = await errorOf(push.putManifest('acme/quay.io/app', 'v1', manifestOf({ schemaVersion: 2 })));
    expect(error.message).toContain('--naming');
    expect(server.count()).toBe(0);
  });

  it('a 401 of Docker Hub may mean that it is gone', async () => {
    const server = await start({ auth: { kind: 'bearer', users: [] } });
    const { registries } = openForTest({ settings: { 'docker.io': { endpoint: server.url } } });
    const error = await errorOf(registries.open('docker.io', 'pull').headManifest('minio/minio', 'latest'));
    expect(error).toMatchObject({ code: 'unauthorized', registry: 'docker.io' });
    expect(error.message).toContain('not publicly pullable: deleted, or private');
  });

  it('a HEAD that is forbidden alone is asked as a GET before a push', async () => {
    const faults = [{ match: { method: 'HEAD' }, fault: { kind: 'status', status: 403 } }] as const;
    const server = await start({ faults });
    const { pull, push } = openAt(server.url);
    expect(await push.headManifest('apps/web', 'v1')).toBe(null);
    expect((await errorOf(pull.headManifest('apps/web', 'v1'))).code).toBe('denied');
  });

  it('a HEAD without a digest is asked as a GET', async () => {
    const faults = [
      { match: { method: 'HEAD' }, fault: { kind: 'headers', headers: { 'docker-content-digest': null } } },
    ] as const;
    const server = await start({ faults });
    const manifest = manifestOf({ schemaVersion: 2 });
    server.addManifest('apps/web', 'v1', manifest.mediaType, manifest.bytes);
    expect((await openAt(server.url).pull.headManifest('apps/web', 'v1'))?.digest).toBe(manifest.digest);
  });

  it('a registry that does not delete says so', async () => {
    const server = await start({ deletes: false });
    const manifest = manifestOf({ schemaVersion: 2 });
    server.addManifest('apps/web', 'v1', manifest.mediaType, manifest.bytes);
    const error = await errorOf(openAt(server.url).push.deleteManifest('apps/web', manifest.digest));
    expect(error.code).toBe('unsupported');
  });

  it('tags come in pages', async () => {
    const server = await start({ tagsPerPage: 2 });
    const manifest = manifestOf({ schemaVersion: 2 });
    for (const tag of ['a', 'b', 'c', 'd', 'e'])
      server.addManifest('apps/web', tag, manifest.mediaType, manifest.bytes);
    expect(await openAt(server.url).pull.listTags('apps/web')).toEqual(['a', 'b', 'c', 'd', 'e']);
    expect(server.count()).toBe(3);
  });
});

describe('pull limits', () => {
  it('are read from every answer, and pulls stop at the floor', async () => {
    const server = await start({ rateLimit: { limit: 100, remaining: 4, windowSeconds: 21_600 } });
    const manifest = manifestOf({ schemaVersion: 2 });
    server.addManifest('apps/web', 'v1', manifest.mediaType, manifest.bytes);
    const { pull } = openAt(server.url, { settings: { 'registry.test': { stopAt: 2 } } });
    expect(pull.rateLimit()).toBe(null);
    await pull.headManifest('apps/web', 'v1');
    expect(pull.rateLimit()).toEqual({ limit: 100, remaining: 4, windowSeconds: 21_600 });
    await pull.getManifest('apps/web', 'v1');
    await pull.getManifest('apps/web', 'v1');
    const error = await errorOf(pull.getManifest('apps/web', 'v1'));
    expect(error.code).toBe('rate-limited');
    expect(error.retryAt?.toISOString()).toBe('2026-11-20T18:00:00.000Z');
    expect(server.count({ method: 'GET' })).toBe(2);
  });

  it('are heard by every use without credentials, and are those of an account with them', async () => {
    const users = [{ name: 'ci', password: 'secret-1' }];
    const auth = { kind: 'bearer', users, anonymousPull: true } as const;
    const server = await start({ auth, rateLimit: { limit: 100, remaining: 2, windowSeconds: 21_600 } });
    const manifest = manifestOf({ schemaVersion: 2 });
    server.addManifest('apps/web', 'v1', manifest.mediaType, manifest.bytes);
    const none = { stopAt: 2 };
    const account = { ...none, username: 'ci', password: 'secret-1' };
    const gets: number[] = [];
    for (const settings of [none, account]) {
      const { pull, registries } = openAt(server.url, { settings: { 'registry.test': settings } });
      await registries.open('registry.test', 'anonymous').headManifest('apps/web', 'v1');
      server.forgetRequests();
      await pull.getManifest('apps/web', 'v1').catch(() => null);
      gets.push(server.count({ method: 'GET', path: /manifests/, status: 200 }));
    }
    expect(gets).toEqual([0, 1]);
  });

  it('count what is asked at the same time', async () => {
    const server = await start({ rateLimit: { limit: 100, remaining: 3, windowSeconds: 21_600 } });
    const manifest = manifestOf({ schemaVersion: 2 });
    server.addManifest('apps/web', 'v1', manifest.mediaType, manifest.bytes);
    const { pull } = openAt(server.url);
    await pull.headManifest('apps/web', 'v1');
    const all = await Promise.allSettled(
      Array.from({ length: 10 }, () => pull.getManifest('apps/web', 'v1')),
    );
    expect(all.filter(({ status }) => status === 'fulfilled')).toHaveLength(3);
    expect(server.count({ method: 'GET' })).toBe(3);
  });

  it('are reserved before they are sent: those under way never pass the floor', async () => {
    const server = await start({ rateLimit: { limit: 100, remaining: 9, windowSeconds: 21_600 } });
    const manifest = manifestOf({ schemaVersion: 2 });
    server.addManifest('apps/web', 'v1', manifest.mediaType, manifest.bytes);
    const { pull } = openAt(server.url, { settings: { 'registry.test': { stopAt: 4 } } });
    // Nobody has told a number yet, and a new one comes with each answer while others are on their way.
    const all = await Promise.allSettled(
      Array.from({ length: 12 }, () => pull.getManifest('apps/web', 'v1')),
    );
    expect(all.filter(({ status }) => status === 'fulfilled')).toHaveLength(5);
    expect(server.count({ method: 'GET' })).toBe(5);
    expect(pull.rateLimit()?.remaining).toBe(4);
  });
});
