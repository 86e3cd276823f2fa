import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type PruneChoice, prune, rewrite } from '../../src/backup/index.ts';
import type { Config } from '../../src/config/index.ts';
import { addImage } from '../../src/embedded/index.ts';
import type { PruneFinding, Report } from '../../src/report/index.ts';
import { git } from '../support/git-checkout.ts';
import { createWorld, deployment, type World } from './world.ts';

const place = 'mirror/docker.io/library';
const days = 86_400_000;

let world: World;
const folders: string[] = [];
const servers: Server[] = [];

beforeEach(async () => {
  world = await createWorld({ 'web.yaml': deployment('web', 'nginx:1.25') });
  await addImage(world.upstream, 'library/memcached', '1', { layerBytes: 500 });
  await git(world.folder, ['init', '--quiet', '-b', 'main']);
});
afterEach(async () => {
  await world.close();
  for (const folder of folders.splice(0)) await rm(folder, { recursive: true });
  for (const server of servers.splice(0)) server.close();
});

/** Copies, rewrites and commits, so many days ago. */
async function commit(message: string, age = 0): Promise<void> {
  const when = new Date(Date.now() - age * days).toISOString();
  await git(world.folder, ['add', '-A']);
  execFileSync('git', ['commit', '--quiet', '-m', message], {
    cwd: world.folder,
    env: {
      PATH: process.env['PATH'],
      HOME: world.folder,
      GIT_AUTHOR_NAME: 'Jane Doe',
      GIT_AUTHOR_EMAIL: 'jane@example.com',
      GIT_COMMITTER_NAME: 'Jane Doe',
      GIT_COMMITTER_EMAIL: 'jane@example.com',
      // The date that counts is the committer's.
      GIT_COMMITTER_DATE: when,
      GIT_AUTHOR_DATE: when,
    },
  });
}

async function commitEmpty(message: string, age: number): Promise<void> {
  await world.write(`${message}.txt`, message);
  await commit(message, age);
}

async function rewritten(file: string, image: string, age: number): Promise<void> {
  await world.write(file, deployment('app', image));
  await rewrite(world.work());
  await commit(`use ${image}`, age);
}

function run(change: Partial<PruneChoice> = {}, config: Partial<Config> = {}): Promise<Report> {
  return prune(world.work(config), {
    repositories: [world.folder],
    clusters: [],
    keep: [],
    history: 30,
    minAge: 7,
    yes: false,
    now: new Date(),
    accessTo: () => ({ environment: { PATH: process.env['PATH'], HOME: world.folder }, token: null }),
    ...change,
  });
}

const brief = ({ prunings }: Report): readonly (readonly [string, PruneFinding['status'], unknown])[] =>
  prunings.map(({ sources, status, reason }) => [sources.join(), status, reason]);

const redis = 'docker.io/library/redis:7';
const nginx = 'docker.io/library/nginx:1.25';

describe('prune', () => {
  test('lists what nothing names any more, and deletes it only with --yes', async () => {
    await rewritten('cache.yaml', 'redis:7', 90);
    await world.write('cache.yaml', '# gone\n');
    await commit('no cache', 60);
    const before = world.backup.snapshot();
    const listed = await run();
    expect(brief(listed)).toEqual([
      [nginx, 'kept', 'used'],
      [redis, 'unused', null],
    ]);
    expect(listed.attention).toBe(false);
    expect(world.backup.snapshot()).toEqual(before);

    const done = await run({ yes: true });
    expect(done.prunings[1]).toMatchObject({ status: 'deleted', manifests: 3 });
    expect(done.prunings[1]?.tags).toHaveLength(2);
    expect(world.backup.snapshot()[`${place}/redis`]).toMatchObject({ tags: {}, manifests: [] });
    expect(world.backup.snapshot()[`${place}/nginx`]).toEqual(before[`${place}/nginx`]);
    expect(await world.read('holdfast.lock.yaml')).not.toContain('redis');
    expect(done.notes.join()).toContain('no longer records what was deleted; commit it');

    expect(brief(await run({ yes: true }))).toEqual([
      [nginx, 'kept', 'used'],
      [redis, 'absent', null],
    ]);
  });

  test('what another branch names stays', async () => {
    await rewritten('cache.yaml', 'redis:7', 90);
    await git(world.folder, ['branch', 'release']);
    await world.write('cache.yaml', '# gone\n');
    await commit('no cache', 60);
    expect(brief(await run())).toContainEqual([redis, 'kept', 'used']);
  });

  test('what was named within the days of history stays, and no longer', async () => {
    await rewritten('cache.yaml', 'redis:7', 90);
    await world.write('cache.yaml', '# gone\n');
    await commit('no cache', 20);
    expect(brief(await run({ history: 30 }))).toContainEqual([redis, 'kept', 'used']);
    expect(brief(await run({ history: 10 }))).toContainEqual([redis, 'unused', null]);
  });

  test('what was recorded lately stays', async () => {
    await rewritten('cache.yaml', 'redis:7', 5);
    await world.write('cache.yaml', '# gone\n');
    await commit('no cache', 4);
    expect(brief(await run({ history: 1 }))).toContainEqual([redis, 'kept', 'young']);
    expect(brief(await run({ history: 1, minAge: 0 }))).toContainEqual([redis, 'unused', null]);
  });

  test('what is asked for stays, by source or backup name', async () => {
    await rewritten('cache.yaml', 'redis:7', 90);
    await world.write('cache.yaml', '# gone\n');
    await commit('no cache', 60);
    for (const keep of ['redis', 'docker.io/library/redis:7', 'backup.test/mirror/**'])
      expect(brief(await run({ keep: [keep] }))).toContainEqual([redis, 'kept', 'asked']);
  });

  test('what is not committed yet counts', async () => {
    await rewritten('cache.yaml', 'redis:7', 90);
    const text = await world.read('cache.yaml');
    await world.write('cache.yaml', '# gone\n');
    await commit('no cache', 60);
    await world.write('draft.yaml', text);
    expect(brief(await run())).toContainEqual([redis, 'kept', 'used']);
  });

  test.each([
    ['a changed file that is no manifest', 'notes.txt'],
    ['a file that git ignores', 'values.local.env'],
    ['a file that is staged, and not in the folder any more', 'staged.tf'],
  ])('%s counts', async (_what, name) => {
    await world.write('.gitignore', '*.env\n');
    await world.write('notes.txt', 'nothing yet\n');
    await rewritten('cache.yaml', 'redis:7', 90);
    const digest = world.backup.manifest(`${place}/redis`, '7')?.digest;
    await world.write('cache.yaml', '# gone\n');
    await commit('no cache', 60);
    expect(brief(await run())).toContainEqual([redis, 'unused', null]);
    await world.write(name, `IMAGE=backup.test/${place}/redis@${digest}\n`);
    if (name === 'staged.tf') {
      await git(world.folder, ['add', name]);
      await rm(join(world.folder, name));
    }
    expect(brief(await run())).toContainEqual([redis, 'kept', 'used']);
  });

  test.each([
    ['latin1', Buffer.from('# caf\xe9\nimage: IMAGE\n', 'latin1')],
    ['UTF-16', Buffer.from('\ufeff# caf\xe9\nimage: IMAGE\n', 'utf16le')],
  ] as const)('a file in %s counts', async (encoding, bytes) => {
    await rewritten('cache.yaml', 'redis:7', 90);
    const name = `backup.test/${place}/redis:7`;
    const isWide = encoding === 'UTF-16';
    const text = bytes.toString(isWide ? 'utf16le' : 'latin1').replace('IMAGE', name);
    await writeFile(join(world.folder, 'cache.yaml'), Buffer.from(text, isWide ? 'utf16le' : 'latin1'));
    await commit('another encoding', 60);
    expect(brief(await run())).toContainEqual([redis, 'kept', 'used']);
  });

  test('what a tag of the last days has stays, and no longer', async () => {
    await rewritten('cache.yaml', 'redis:7', 90);
    await git(world.folder, ['switch', '--quiet', '-c', 'release']);
    await commitEmpty('release', 20);
    await git(world.folder, ['tag', 'v1']);
    await git(world.folder, ['switch', '--quiet', 'main']);
    await git(world.folder, ['branch', '--quiet', '-D', 'release']);
    await world.write('cache.yaml', '# gone\n');
    await commit('no cache', 60);
    for (const repositories of [[world.folder], [`file://${world.folder}`]]) {
      expect(brief(await run({ repositories }))).toContainEqual([redis, 'kept', 'used']);
      expect(brief(await run({ repositories, history: 10 }))).toContainEqual([redis, 'unused', null]);
    }
  });

  test('a source that is named in a file of any kind counts on its copy', async () => {
    await rewritten('cache.yaml', 'redis:7', 90);
    await world.write('cache.yaml', '# gone\n');
    await world.write('main.tf', 'image = "redis:7"\n');
    await commit('to terraform', 60);
    expect(brief(await run())).toContainEqual([redis, 'kept', 'used']);
  });

  test('a source whose entry was taken out of the lock file counts on its last copy', async () => {
    await rewritten('cache.yaml', 'redis:7', 90);
    await world.write('cache.yaml', deployment('cache', 'redis:7'));
    await world.write('holdfast.lock.yaml', 'version: 1\nimages: {}\n');
    await commit('start over', 60);
    expect(brief(await run())).toContainEqual([redis, 'kept', 'used']);
  });

  test('an index without a tag that is named by digest keeps its children and their signatures', async () => {
    await rewritten('cache.yaml', 'redis:7', 90);
    const index = world.backup.manifest(`${place}/redis`, '7');
    if (index === null) throw new Error('redis:7 was copied');
    const { manifests } = JSON.parse(index.bytes.toString('utf8')) as { manifests: { digest: string }[] };
    const [child] = manifests;
    const other = Buffer.from(
      JSON.stringify({ schemaVersion: 2, mediaType: index.mediaType, manifests: [child] }),
    );
    const named = `sha256:${createHash('sha256').update(other).digest('hex')}`;
    world.backup.addManifest(`${place}/redis`, null, index.mediaType, other);
    const signature = `sha256-${child?.digest.replace('sha256:', '')}.sig`;
    const type = 'application/vnd.oci.image.manifest.v1+json';
    const bytes = Buffer.from(JSON.stringify({ schemaVersion: 2, mediaType: type, layers: [] }));
    world.backup.addManifest(`${place}/redis`, signature, type, bytes);
    await world.write('cache.yaml', deployment('cache', `backup.test/${place}/redis@${named}`));
    await commit('by hand', 60);
    const report = await run({ yes: true });
    expect(report.prunings[1]).toMatchObject({ status: 'deleted', manifests: 2 });
    const left = world.backup.snapshot()[`${place}/redis`];
    expect(left?.manifests).toEqual(expect.arrayContaining([named, child?.digest]));
    expect(Object.keys(left?.tags ?? {})).toEqual([signature]);
  });

  test.each([
    ['at the first child', 1],
    ['at the second child', 2],
    ['after the children', 3],
  ])('a deletion that is cut %s is gone on with by the next run', async (_where, after) => {
    await rewritten('cache.yaml', 'redis:7', 90);
    await world.write('cache.yaml', '# gone\n');
    await commit('no cache', 60);
    world.backup.setFaults([
      { match: { method: 'DELETE', nth: after + 1, times: 10 }, fault: { kind: 'status', status: 403 } },
    ]);
    const cut = await run({ yes: true });
    expect(cut.attention).toBe(true);
    expect(cut.prunings[1]).toMatchObject({ status: 'failed', error: { code: 'denied' } });
    expect(cut.prunings[1]?.error?.message).toMatch(
      /^The image is deleted, but (?:one manifest|\d manifests) that went with it could not be: .*Run again: the next run goes on with them\.$/,
    );
    expect(world.backup.manifest(`${place}/redis`, '7')).toBeNull();
    expect(await world.read('holdfast.lock.yaml')).toContain('redis');
    world.backup.setFaults([]);
    expect((await run()).prunings[1]).toMatchObject({ status: 'unused', manifests: 2 });
    expect((await run({ yes: true })).prunings[1]).toMatchObject({ status: 'deleted', manifests: 2 });
    expect(world.backup.snapshot()[`${place}/redis`]).toMatchObject({ tags: {}, manifests: [] });
    expect(await world.read('holdfast.lock.yaml')).not.toContain('redis');
    expect(brief(await run())).toContainEqual([redis, 'absent', null]);
  });

  test('a manifest that still names the source counts on its copy', async () => {
    await rewritten('cache.yaml', 'redis:7', 90);
    await world.write('cache.yaml', deployment('cache', 'redis:7'));
    await commit('restored', 60);
    expect(brief(await run())).toContainEqual([redis, 'kept', 'used']);
  });

  test('an image that only a rule of the user finds counts', async () => {
    await rewritten('cache.yaml', 'redis:7', 90);
    await world.write(
      'cache.yaml',
      'apiVersion: example.com/v1\nkind: Cache\nspec: {engine: redis, release: "7"}\n',
    );
    await commit('by an operator', 60);
    expect(brief(await run())).toContainEqual([redis, 'unused', null]);
    const rule = { apiVersion: 'example.com/v1', kind: 'Cache' };
    const rules = [
      { ...rule, field: 'spec.engine', format: 'repository' },
      { ...rule, field: 'spec.release', format: 'tag' },
    ] as const;
    expect(brief(await run({}, { rules }))).toContainEqual([redis, 'kept', 'used']);
  });

  test('an earlier digest goes when a later one is named by the same tag', async () => {
    await rewritten('cache.yaml', 'redis:7', 90);
    const first = world.backup.manifest(`${place}/redis`, '7')?.digest;
    const other = world.upstream.manifest('library/memcached', '1');
    if (other === null) throw new Error('no memcached');
    for (const blob of world.upstream.snapshot()['library/memcached']?.blobs ?? [])
      await world.upstream.addBlob('library/redis', await blobOf('library/memcached', blob));
    for (const digest of world.upstream.snapshot()['library/memcached']?.manifests ?? []) {
      const one = world.upstream.manifest('library/memcached', digest);
      if (one !== null) world.upstream.addManifest('library/redis', null, one.mediaType, one.bytes);
    }
    world.upstream.addManifest('library/redis', '7', other.mediaType, other.bytes);
    await rewrite(world.work({ updates: 'propose' }));
    await commit('newer redis', 60);
    const report = await run({ yes: true });
    expect(report.prunings.filter(({ sources }) => sources.includes(redis))).toMatchObject([
      {
        backup: `backup.test/${place}/redis@${[first ?? '', other.digest].toSorted((a, b) => (a < b ? -1 : 1))[0]}`,
      },
      {
        backup: `backup.test/${place}/redis@${[first ?? '', other.digest].toSorted((a, b) => (a < b ? -1 : 1))[1]}`,
      },
    ]);
    const gone = report.prunings.find(({ status }) => status === 'deleted');
    expect(gone?.backup).toBe(`backup.test/${place}/redis@${first}`);
    expect(world.backup.snapshot()[`${place}/redis`]?.manifests).toContain(other.digest);
  });

  test('a digest stays that a tag of somebody else names', async () => {
    await rewritten('cache.yaml', 'redis:7', 90);
    await world.write('cache.yaml', '# gone\n');
    await commit('no cache', 60);
    const image = world.backup.manifest(`${place}/redis`, '7');
    if (image === null) throw new Error('no redis');
    world.backup.addManifest(`${place}/redis`, 'mine', image.mediaType, image.bytes);
    const report = await run({ yes: true });
    expect(report.prunings[1]).toMatchObject({
      status: 'kept',
      reason: 'needed',
      explanation: 'the tag mine names it, too',
    });
    expect(world.backup.manifest(`${place}/redis`, '7')).not.toBeNull();
  });

  test('children that an index keeps stay with it', async () => {
    await rewritten('cache.yaml', 'redis:7', 90);
    await world.write('cache.yaml', '# gone\n');
    await commit('no cache', 60);
    const image = world.backup.manifest(`${place}/redis`, '7');
    if (image === null) throw new Error('no redis');
    const index = JSON.parse(image.bytes.toString('utf8')) as { manifests: readonly { digest: string }[] };
    const [child] = index.manifests;
    if (child === undefined) throw new Error('no child');
    const other = Buffer.from(JSON.stringify({ ...index, manifests: [child] }));
    world.backup.addManifest(`${place}/redis`, 'other', image.mediaType, other);
    const report = await run({ yes: true });
    expect(report.prunings[1]).toMatchObject({ status: 'deleted', manifests: 2 });
    const left = world.backup.snapshot()[`${place}/redis`];
    expect(left?.manifests).toContain(child.digest);
    expect(left?.tags).toEqual({ other: expect.stringContaining('sha256:') });
  });

  test('signatures go with their image', async () => {
    await rewritten('cache.yaml', 'redis:7', 90);
    await world.write('cache.yaml', '# gone\n');
    await commit('no cache', 60);
    const image = world.backup.manifest(`${place}/redis`, '7');
    const subject = image?.digest ?? '';
    const manifest = (annotation: string) =>
      Buffer.from(
        JSON.stringify({
          schemaVersion: 2,
          mediaType: 'application/vnd.oci.image.manifest.v1+json',
          layers: [],
          annotations: { annotation },
        }),
      );
    const type = 'application/vnd.oci.image.manifest.v1+json';
    const hex = subject.replace('sha256:', '');
    world.backup.addManifest(`${place}/redis`, `sha256-${hex}.sig`, type, manifest('ours'));
    world.backup.addManifest(`${place}/redis`, `sha256-${'0'.repeat(64)}.sig`, type, manifest('not ours'));
    const report = await run({ yes: true });
    expect(report.prunings[1]).toMatchObject({ status: 'deleted', manifests: 4 });
    expect(Object.keys(world.backup.snapshot()[`${place}/redis`]?.tags ?? {})).toEqual([
      `sha256-${'0'.repeat(64)}.sig`,
    ]);
  });

  test('the signature of an image that another index keeps stays with it', async () => {
    await rewritten('cache.yaml', 'redis:7', 90);
    await world.write('cache.yaml', '# gone\n');
    await commit('no cache', 60);
    const index = world.backup.manifest(`${place}/redis`, '7');
    if (index === null) throw new Error('redis:7 was copied');
    const { manifests } = JSON.parse(index.bytes.toString('utf8')) as { manifests: { digest: string }[] };
    const [child] = manifests;
    const other = { schemaVersion: 2, mediaType: index.mediaType, manifests: [child] };
    world.backup.addManifest(
      `${place}/redis`,
      'by-hand',
      index.mediaType,
      Buffer.from(JSON.stringify(other)),
    );
    const signature = `sha256-${child?.digest.replace('sha256:', '')}.sig`;
    const type = 'application/vnd.oci.image.manifest.v1+json';
    const bytes = Buffer.from(JSON.stringify({ schemaVersion: 2, mediaType: type, layers: [] }));
    world.backup.addManifest(`${place}/redis`, signature, type, bytes);
    const report = await run({ yes: true });
    expect(report.prunings[1]).toMatchObject({ status: 'deleted' });
    expect(Object.keys(world.backup.snapshot()[`${place}/redis`]?.tags ?? {}).toSorted()).toEqual([
      'by-hand',
      signature,
    ]);
  });

  test('a registry that does not delete says how it is done, and needs a person', async () => {
    await rewritten('cache.yaml', 'redis:7', 90);
    await world.write('cache.yaml', '# gone\n');
    await commit('no cache', 60);
    world.backup.setFaults([{ match: { method: 'DELETE' }, fault: { kind: 'status', status: 405 } }]);
    const report = await run({ yes: true });
    expect(report.attention).toBe(true);
    expect(report.prunings[1]).toMatchObject({ status: 'failed', error: { code: 'unsupported' } });
    expect(report.prunings[1]?.error?.message).toContain('storage.delete.enabled');
    expect(await world.read('holdfast.lock.yaml')).toContain('redis');
  });

  test('tags that cannot be listed stop the deletion of that repository', async () => {
    await rewritten('cache.yaml', 'redis:7', 90);
    await world.write('cache.yaml', '# gone\n');
    await commit('no cache', 60);
    world.backup.setFaults([{ match: { path: /tags\/list/ }, fault: { kind: 'status', status: 403 } }]);
    const report = await run({ yes: true });
    expect(report.prunings[1]).toMatchObject({ status: 'failed', error: { code: 'denied' } });
    expect(world.backup.count({ method: 'DELETE' })).toBe(0);
  });

  test('copies that no lock file records are not its business', async () => {
    await rewritten('cache.yaml', 'redis:7', 90);
    const image = world.backup.manifest(`${place}/redis`, '7');
    if (image === null) throw new Error('no redis');
    world.backup.addManifest('mirror/by/hand', '1', image.mediaType, image.bytes);
    const report = await run({ yes: true });
    expect(report.prunings.every(({ status }) => status === 'kept')).toBe(true);
    expect(world.backup.manifest('mirror/by/hand', '1')).not.toBeNull();
  });
});

/** An API server that knows lists and nothing else. */
async function cluster(lists: Readonly<Record<string, object[] | number>>): Promise<PruneChoice['clusters']> {
  const server = createServer((request, response) => {
    const path = (request.url ?? '').split('?')[0] ?? '';
    const items = lists[path] ?? [];
    response.statusCode = typeof items === 'number' ? items : 200;
    response.end(
      JSON.stringify(typeof items === 'number' ? { message: 'is forbidden' } : { metadata: {}, items }),
    );
  });
  servers.push(server);
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const { port } = server.address() as AddressInfo;
  const kubeconfig = join(world.folder, '..', `kubeconfig-${port}`);
  folders.push(kubeconfig);
  await writeFile(
    kubeconfig,
    JSON.stringify({
      apiVersion: 'v1',
      kind: 'Config',
      'current-context': 'prod',
      contexts: [{ name: 'prod', context: { cluster: 'prod', user: 'me' } }],
      clusters: [
        { name: 'prod', cluster: { server: `http://127.0.0.1:${port}`, 'insecure-skip-tls-verify': true } },
      ],
      users: [{ name: 'me', user: {} }],
    }),
  );
  return [{ kubeconfigs: [kubeconfig], context: null }];
}

describe('prune of what a cluster uses', () => {
  const pod = (image: string) => ({ containers: [{ name: 'main', image }] });

  beforeEach(async () => {
    await rewritten('cache.yaml', 'redis:7', 90);
    await world.write('cache.yaml', '# gone\n');
    await commit('no cache', 60);
  });

  test('keeps what an old ReplicaSet could bring back', async () => {
    const clusters = await cluster({
      '/apis/apps/v1/replicasets': [
        {
          metadata: { name: 'cache-1', ownerReferences: [{ kind: 'Deployment', name: 'cache' }] },
          spec: { replicas: 0, template: { spec: pod(`backup.test/${place}/redis:7`) } },
        },
      ],
    });
    expect(brief(await run({ clusters }))).toContainEqual([redis, 'kept', 'used']);
  });

  test('keeps what a node says that a Pod runs, whatever name it has', async () => {
    const digest = world.backup.manifest(`${place}/redis`, '7')?.digest;
    const clusters = await cluster({
      '/api/v1/pods': [
        {
          metadata: { name: 'p', ownerReferences: [{ kind: 'ReplicaSet', name: 'x' }] },
          spec: pod('mirror.corp/cache:stable'),
          status: {
            phase: 'Running',
            containerStatuses: [{ name: 'main', imageID: `mirror.corp/cache@${digest}` }],
          },
        },
      ],
    });
    expect(brief(await run({ clusters }))).toContainEqual([redis, 'kept', 'used']);
  });

  test('keeps the copy of an image that runs from its source', async () => {
    const clusters = await cluster({
      '/apis/apps/v1/deployments': [
        { metadata: { name: 'cache' }, spec: { template: { spec: pod('redis:7') } } },
      ],
    });
    expect(brief(await run({ clusters }))).toContainEqual([redis, 'kept', 'used']);
  });

  test.each([
    [
      'an environment variable of a Deployment',
      '/apis/apps/v1/deployments',
      (image: string) => ({
        spec: {
          template: {
            spec: { containers: [{ image: 'x.io/a:1', env: [{ name: 'SIDECAR', value: image }] }] },
          },
        },
      }),
    ],
    [
      'an argument of a Pod',
      '/api/v1/pods',
      (image: string) => ({ spec: { containers: [{ image: 'x.io/a:1', args: [`--reloader=${image}`] }] } }),
    ],
    [
      'an annotation',
      '/apis/apps/v1/daemonsets',
      (image: string) => ({ metadata: { annotations: { 'inject.example/image': image } }, spec: {} }),
    ],
    [
      'a ConfigMap',
      '/api/v1/configmaps',
      (image: string) => ({ data: { 'inject.json': JSON.stringify({ image }) } }),
    ],
  ])('keeps what %s names', async (_where, path, object) => {
    const { metadata, ...rest } = { metadata: {}, ...object(`backup.test/${place}/redis:7`) };
    const clusters = await cluster({ [path]: [{ metadata: { name: 'x', ...metadata }, ...rest }] });
    expect(brief(await run({ clusters }))).toContainEqual([redis, 'kept', 'used']);
  });

  test('lists what it does not use, and names it among what was looked at', async () => {
    const report = await run({ clusters: await cluster({}) });
    expect(brief(report)).toContainEqual([redis, 'unused', null]);
    expect(report.notes[0]).toContain('the cluster prod');
  });

  test('refuses one that can only be read in part', async () => {
    const clusters = await cluster({ '/apis/apps/v1/replicasets': 403 });
    await expect(run({ clusters, yes: true })).rejects.toThrow(
      /The cluster prod can only be read in part, so nothing is deleted: ReplicaSet objects were not read/,
    );
    expect(world.backup.count({ method: 'DELETE' })).toBe(0);
  });
});

describe('prune refuses', () => {
  const refusal = (change: Partial<PruneChoice>) =>
    run({ yes: true, ...change }).then(
      () => 'done',
      (error: unknown) => String(error),
    );

  test('to run without a repository', async () => {
    expect(await refusal({ repositories: [] })).toContain('name each repository');
  });

  test('a shallow clone', async () => {
    await rewritten('cache.yaml', 'redis:7', 90);
    await world.write('cache.yaml', '# gone\n');
    await commit('no cache', 60);
    const folder = await mkdtemp(join(tmpdir(), 'holdfast-shallow-'));
    folders.push(folder);
    await git(folder, ['clone', '--quiet', '--depth=1', `file://${world.folder}`, '.']);
    expect(await refusal({ repositories: [folder] })).toContain('shallow clone');
    const said = await refusal({ repositories: [`file://${folder}`] });
    expect(said).toContain(`file://${folder} is a shallow clone`);
    expect(said).toContain('git fetch --unshallow');
    expect(world.backup.count({ method: 'DELETE' })).toBe(0);
  });

  test('a repository that cannot be reached, whatever the others say', async () => {
    await rewritten('cache.yaml', 'redis:7', 90);
    expect(await refusal({ repositories: [world.folder, '/nowhere/at/all'] })).toContain(
      '/nowhere/at/all is no folder of a git checkout',
    );
    expect(await refusal({ repositories: [world.folder, 'http://127.0.0.1:9/x.git'] })).toContain(
      'http://127.0.0.1:9/x.git cannot be reached',
    );
    expect(world.backup.count({ method: 'DELETE' })).toBe(0);
  });

  test('a cluster that cannot be reached', async () => {
    await rewritten('cache.yaml', 'redis:7', 90);
    const kubeconfig = join(world.folder, 'kubeconfig');
    await writeFile(
      kubeconfig,
      'apiVersion: v1\nkind: Config\ncurrent-context: x\ncontexts: [{ name: x, context: { cluster: x, user: x } }]\n' +
        "clusters: [{ name: x, cluster: { server: 'http://127.0.0.1:9' } }]\nusers: [{ name: x, user: {} }]\n",
    );
    expect(await refusal({ clusters: [{ kubeconfigs: [kubeconfig], context: null }] })).toContain(
      'cannot be read, so nothing is deleted',
    );
    expect(world.backup.count({ method: 'DELETE' })).toBe(0);
  });

  test('a lock file in force that nobody can read', async () => {
    await rewritten('cache.yaml', 'redis:7', 90);
    const path = join(world.folder, 'holdfast.lock.yaml');
    await writeFile(path, `${await readFile(path, 'utf8')}<<<<<<< ours\n`);
    await commit('a bad merge', 1);
    expect(await refusal({})).toContain('merge left its conflict markers');
  });
});

async function blobOf(repository: string, digest: string): Promise<Buffer> {
  const answer = await fetch(`${world.upstream.url}/v2/${repository}/blobs/${digest}`);
  return Buffer.from(await answer.arrayBuffer());
}
