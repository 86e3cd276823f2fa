import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { FaultRule } from '../../src/embedded/index.ts';
import { type CopyJob, type CopyLine, runCopyJob } from '../support/copy-program.ts';
import { type DockerRegistry, findDockerRegistry, startDockerRegistry } from '../support/docker-registry.ts';
import { type FaultProxy, startFaultProxy } from '../support/fault-proxy.ts';
import { ask } from '../support/http-client.ts';
import { type BuiltImage, buildImage, seededBlob } from '../support/images.ts';
import { pushImage } from '../support/push-image.ts';
import { startTokenServer, type TokenServer } from '../support/token-server.ts';
import { findDamage, readTags } from '../support/whole-image.ts';

const MB = 1_000_000;
const layer = await seededBlob('each fault', 32 * MB);
const blob = /\/blobs\/sha256/;
// Faults in the middle of a body are for the large layer: they would pass a small one by.
const largeBlob = new RegExp(`/blobs/${layer.digest}`);
const largePut = new RegExp(`/uploads/.*${layer.digest.slice('sha256:'.length)}`);
const manifest = /\/manifests\//;

interface Row {
  readonly title: string;
  readonly source?: readonly FaultRule[];
  readonly backup?: readonly FaultRule[];
}

const status = (code: number, retryAfter?: string): FaultRule['fault'] => ({
  kind: 'status',
  status: code,
  ...(retryAfter === undefined ? {} : { headers: { 'retry-after': retryAfter } }),
});
const on = (method: string, path: RegExp, times: number, fault: FaultRule['fault']): readonly FaultRule[] => [
  { match: { method, path, times }, fault },
];
// A client asks for a manifest with HEAD or GET as it likes.
const onManifest = (times: number, fault: FaultRule['fault']): readonly FaultRule[] => [
  { match: { path: manifest, times }, fault },
];

/** How many faults a rule must have met: all that it has, where it has an end. */
function leastOf({ match }: FaultRule): number {
  const { times = Infinity } = match;
  return Number.isFinite(times) ? times : 1;
}

/** The ways to fail that every peer was measured with; the best of them survives all but the stall. */
const survived: readonly Row[] = [
  { title: 'source: 429 with Retry-After on a blob, twice', source: on('GET', blob, 2, status(429, '1')) },
  { title: 'source: 429 on a manifest without a header, twice', source: onManifest(2, status(429)) },
  { title: 'source: 503 on a blob, twice', source: on('GET', blob, 2, status(503)) },
  { title: 'source: 500 on a manifest, twice', source: onManifest(2, status(500)) },
  {
    title: 'source: cut at 5 MB, once',
    source: on('GET', largeBlob, 1, { kind: 'cut', afterBytes: 5 * MB }),
  },
  {
    title: 'source: cut at 5 MB, three times',
    source: on('GET', largeBlob, 3, { kind: 'cut', afterBytes: 5 * MB }),
  },
  {
    title: 'source: stalls at 5 MB, once',
    source: on('GET', largeBlob, 1, { kind: 'stall', afterBytes: 5 * MB }),
  },
  {
    title: 'backup: connection reset in an upload at 3 MB',
    backup: on('PUT', largePut, 1, { kind: 'cut-upload', afterBytes: 3 * MB }),
  },
  { title: 'backup: 503 on the POST of an upload, twice', backup: on('POST', /\/uploads\//, 2, status(503)) },
  { title: 'backup: 503 on the body of an upload, once', backup: on('PUT', largePut, 1, status(503)) },
  {
    title: 'backup: 429 with Retry-After on PUT of a manifest, twice',
    backup: on('PUT', manifest, 2, status(429, '1')),
  },
  { title: 'backup: 503 on PUT of a manifest, twice', backup: on('PUT', manifest, 2, status(503)) },
  { title: 'backup: 500 on HEAD of a blob, twice', backup: on('HEAD', blob, 2, status(500)) },
  // GitLab and Harbor answer so for a repository that is not there yet, or to this method alone.
  { title: 'backup: 403 on every HEAD of a manifest', backup: on('HEAD', manifest, Infinity, status(403)) },
  {
    title: 'backup: the answer to PUT of a manifest is lost',
    backup: on('PUT', manifest, 1, { kind: 'lost-answer' }),
  },
  {
    title: 'backup: the answer to PUT of a blob is lost',
    backup: on('PUT', /\/uploads\//, 1, { kind: 'lost-answer' }),
  },
  {
    title: 'backup: stalls in an upload at 3 MB',
    backup: on('PUT', largePut, 1, { kind: 'stall-upload', afterBytes: 3 * MB }),
  },
  {
    // CNCF distribution says so of right bytes where another process writes the same tag.
    title: 'backup: 400 DIGEST_INVALID on PUT of a manifest, once',
    backup: on('PUT', manifest, 1, {
      kind: 'status',
      status: 400,
      body: '{"errors":[{"code":"DIGEST_INVALID"}]}',
    }),
  },
  { title: 'source: wrong bytes in a blob, once', source: on('GET', blob, 1, { kind: 'wrong-bytes' }) },
];

/** Lies that do not end: an error with a code, and nothing tagged. */
const refused: readonly Row[] = [
  { title: 'source: wrong bytes in every blob', source: on('GET', blob, Infinity, { kind: 'wrong-bytes' }) },
  { title: 'source: every blob too short', source: on('GET', blob, Infinity, { kind: 'short', bytes: 100 }) },
  { title: 'source: every blob without end', source: on('GET', blob, Infinity, { kind: 'endless' }) },
  {
    title: 'source: wrong bytes in the manifest',
    source: on('GET', manifest, Infinity, { kind: 'wrong-bytes' }),
  },
  { title: 'source: a manifest without end', source: on('GET', manifest, Infinity, { kind: 'endless' }) },
  {
    title: 'source: a manifest of another digest',
    source: onManifest(Infinity, { kind: 'wrong-digest-header' }),
  },
  { title: 'source: a redirect loop', source: on('GET', blob, Infinity, { kind: 'redirect-loop' }) },
  {
    title: 'source: a token realm at a private address',
    source: [
      {
        match: { path: /^\/v2\// },
        fault: {
          kind: 'status',
          status: 401,
          headers: { 'www-authenticate': 'Bearer realm="http://169.254.169.254/token",service="x"' },
        },
      },
    ],
  },
  {
    title: 'backup: a Location at a private address',
    backup: on('POST', /\/uploads\//, Infinity, {
      kind: 'headers',
      headers: { location: 'http://169.254.169.254/v2/x/blobs/uploads/1' },
    }),
  },
  { title: 'backup: 403 on every upload', backup: on('POST', /\/uploads\//, Infinity, status(403)) },
  { title: 'backup: 413 on every body', backup: on('PUT', /\/uploads\//, Infinity, status(413)) },
];

describe.skipIf(findDockerRegistry() === null)(
  'each fault by itself (skipped where docker-registry is not installed)',
  () => {
    let source: DockerRegistry;
    let backup: DockerRegistry;
    let sourceProxy: FaultProxy;
    let backupProxy: FaultProxy;
    let image: BuiltImage;

    beforeAll(async () => {
      [source, backup] = await Promise.all([startDockerRegistry(), startDockerRegistry()]);
      [sourceProxy, backupProxy] = await Promise.all([
        startFaultProxy(source.url),
        startFaultProxy(backup.url),
      ]);
      image = await buildImage({ seed: 'each fault', layers: [layer, 1000] });
      await pushImage({ url: source.url, repository: 'apps/one', tag: '1.0' }, image);
    }, 60_000);
    afterAll(async () => {
      for (const server of [sourceProxy, backupProxy, source, backup]) await server?.close();
    });

    const jobFor = (prefix: string): CopyJob => ({
      images: [`${sourceProxy.host}/apps/one:1.0`],
      backup: { registry: backupProxy.host, prefix },
      registries: {
        settings: { [sourceProxy.host]: { plainHttp: true }, [backupProxy.host]: { plainHttp: true } },
        idleTimeout: 1500,
      },
      concurrency: 4,
    });
    const copyWith = async (row: Row, prefix: string): Promise<CopyLine | undefined> => {
      const asked = sourceProxy.requests.length;
      const askedBackup = backupProxy.requests.length;
      sourceProxy.setFaults(row.source ?? []);
      backupProxy.setFaults(row.backup ?? []);
      const [line] = await runCopyJob(jobFor(prefix));
      const made = [...sourceProxy.requests.slice(asked), ...backupProxy.requests.slice(askedBackup)];
      const met = made.filter((request) => request.fault !== null).length;
      const rules = [...(row.source ?? []), ...(row.backup ?? [])];
      sourceProxy.setFaults([]);
      backupProxy.setFaults([]);
      console.log(
        `${row.title}: ${line?.status} after ${met} faults in ${made.length} requests ${line?.error ?? ''}`,
      );
      // A pattern that meets nothing would prove nothing.
      expect(met).toBeGreaterThanOrEqual(Math.max(1, ...rules.map(leastOf)));
      return line;
    };

    it.each(survived)(
      'survives $title',
      async (row) => {
        const prefix = `survived-${survived.indexOf(row)}`;
        const line = await copyWith(row, prefix);
        expect(line).toMatchObject({ status: 'copied', digest: image.root.digest, error: null });
        expect(await findDamage(backup.url, `${prefix}/apps/one`, '1.0')).toEqual([]);
      },
      120_000,
    );

    it.each(refused)(
      'ends in a coded error, and tags nothing, at $title',
      async (row) => {
        const prefix = `refused-${refused.indexOf(row)}`;
        const line = await copyWith(row, prefix);
        expect(['failed', 'private']).toContain(line?.status);
        expect(line?.error).toMatch(/^[a-z-]+: \S/);
        expect(await readTags(backup.url, `${prefix}/apps/one`)).toEqual({});
      },
      240_000,
    );
  },
);

describe.skipIf(findDockerRegistry() === null)(
  'tokens that die in the middle of a copy (skipped where docker-registry is not installed)',
  () => {
    let tokens: TokenServer;
    let source: DockerRegistry;
    let backup: DockerRegistry;
    let sourceProxy: FaultProxy;
    let backupProxy: FaultProxy;

    beforeAll(async () => {
      tokens = await startTokenServer({ users: { admin: 's3cret' }, lifetime: 2 });
      [source, backup] = await Promise.all([
        startDockerRegistry({ token: tokens.token }),
        startDockerRegistry({ token: tokens.token }),
      ]);
      const slow = { match: { method: 'GET', path: blob }, fault: { kind: 'delay', ms: 700 } } as const;
      [sourceProxy, backupProxy] = await Promise.all([
        startFaultProxy(source.url, [slow]),
        startFaultProxy(backup.url),
      ]);
    }, 60_000);
    afterAll(async () => {
      for (const server of [sourceProxy, backupProxy, source, backup, tokens]) await server?.close();
    });

    it('survives a token that lives for 2 s in a copy that takes longer', async () => {
      const image = await buildImage({ seed: 'tokens', layers: Array.from({ length: 8 }, () => 100_000) });
      const authorization = await tokenFor(tokens, 'repository:apps/one:pull,push');
      await pushImage(
        { url: source.url, repository: 'apps/one', tag: '1.0', headers: { authorization } },
        image,
      );
      const account = { plainHttp: true, username: 'admin', password: 's3cret' };
      const [line] = await runCopyJob({
        images: [`${sourceProxy.host}/apps/one:1.0`],
        backup: { registry: backupProxy.host, prefix: 'backup' },
        registries: { settings: { [sourceProxy.host]: account, [backupProxy.host]: account } },
        concurrency: 1,
      });
      expect(line).toMatchObject({ status: 'copied', digest: image.root.digest, error: null });
      expect(tokens.requests.length).toBeGreaterThan(4);
    }, 60_000);
  },
);

async function tokenFor(tokens: TokenServer, scope: string): Promise<string> {
  const basic = Buffer.from('admin:s3cret').toString('base64');
  const url = `${tokens.token.realm}?service=${tokens.token.service}&scope=${scope}`;
  const reply = await ask(url, { headers: { authorization: `Basic ${basic}` } });
  return `Bearer ${(reply.json() as { token: string }).token}`;
}
