import { expect, it, onTestFinished } from 'vitest';
import { type EmbeddedRegistry, type RegistryOptions, startRegistry } from '../../src/embedded/index.ts';
import { quirks } from '../../src/registry/quirks.ts';
import { findProduct } from '../../src/registry/registry-product.ts';
import { blobOf, errorOf, manifestOf, openForTest, streamOf } from './opened.ts';

const users = [{ name: 'ci', password: 'correct horse' }];
const bearer = { kind: 'bearer', users } as const;
const bytes = Buffer.from('a layer');
const dockerType = 'application/vnd.docker.distribution.manifest.v2+json';

interface Played {
  /** The canonical name; most people's own is anything. */
  readonly host?: string;
  readonly options?: RegistryOptions;
  /** What it answers to each request that matches. */
  readonly answers?: {
    readonly to: { readonly method: string; readonly path: RegExp };
    readonly status: number;
    readonly code?: string;
    readonly headers?: Readonly<Record<string, string>>;
  };
}

async function play({ host = 'registry.test', options = {}, answers }: Played) {
  const server: EmbeddedRegistry = await startRegistry(options);
  onTestFinished(() => server.close());
  if (answers !== undefined) {
    const { to, status, code, headers = {} } = answers;
    const body = code === undefined ? '' : JSON.stringify({ errors: [{ code, message: 'no' }] });
    server.setFaults([{ match: to, fault: { kind: 'status', status, body, headers } }]);
  }
  const account = options.auth === undefined ? {} : { username: 'ci', password: 'correct horse' };
  const { registries } = openForTest({ settings: { [host]: { endpoint: server.url, ...account } } });
  return { server, registries, push: registries.open(host, 'push'), pull: registries.open(host, 'pull') };
}

const upload = { method: 'POST', path: /\/uploads\// } as const;
const manifests = { method: 'PUT', path: /\/manifests\// } as const;
const harbor = { options: { auth: { ...bearer, service: 'harbor-registry' } } } as const;
const gitlab = { options: { auth: { ...bearer, service: 'container_registry' } } } as const;
const jfrog = { 'x-jfrog-version': 'Artifactory/7.90.1 79001900' };
const quay = { 'www-authenticate': 'Bearer realm="https://quay.corp/v2/auth",service="quay.corp"' };
const ecr = '123456789012.dkr.ecr.eu-west-1.amazonaws.com';

/** What each rule says of a push, in the registry's own circumstances. */
const refusals: Readonly<Record<string, Played & { readonly name?: string; readonly says: RegExp }>> = {
  'docker-hub-immutable-tags': {
    host: 'docker.io',
    name: 'acme/web',
    answers: { to: manifests, status: 403 },
    says: /immutable/,
  },
  'ecr-immutable-tags': {
    host: ecr,
    answers: { to: manifests, status: 400, code: 'TAG_INVALID' },
    says: /there already, and the repository is immutable/,
  },
  'ecr-repository-must-exist': {
    host: ecr,
    answers: { to: upload, status: 404, code: 'NAME_UNKNOWN' },
    says: /--create-repositories/,
  },
  'harbor-project-must-exist': {
    ...harbor,
    answers: { to: upload, status: 404, code: 'NOT_FOUND' },
    says: /Harbor makes no project by itself/,
  },
  'harbor-immutable-tags': {
    ...harbor,
    answers: { to: manifests, status: 412, code: 'PRECONDITION' },
    says: /a rule of the project makes it immutable/,
  },
  'gitlab-project-and-two-levels': {
    ...gitlab,
    answers: { to: upload, status: 403, code: 'DENIED' },
    says: /two levels below the project: use --naming/,
  },
  'artifactory-repository-key': {
    answers: { to: upload, status: 403, headers: jfrog },
    says: /the key of a Docker repository/,
  },
  'artifactory-overwrite': {
    answers: { to: manifests, status: 400, code: 'MANIFEST_INVALID', headers: jfrog },
    says: /the right to delete and overwrite/,
  },
  'old-quay-two-level-names': {
    answers: { to: upload, status: 404, headers: quay },
    says: /names of two parts only/,
  },
  'zot-oci-only': {
    answers: { to: manifests, status: 400, code: 'MANIFEST_INVALID' },
    says: /"compat": \["docker2s2"\]/,
  },
};

it.each(Object.keys(refusals))('says what is wrong and names the cure: %s', async (rule) => {
  const { says, name = 'backup/docker.io/library/nginx', ...played } = refusals[rule] ?? { says: /never/ };
  const { push } = await play(played);
  // As in a copy, what is there is asked for first.
  await push.headManifest(name, '1');
  const blob = blobOf(bytes);
  const config = {
    mediaType: 'application/vnd.docker.container.image.v1+json',
    digest: blob.digest,
    size: 7,
  };
  const manifest = manifestOf({ schemaVersion: 2, mediaType: dockerType, config, layers: [] }, dockerType);
  const error = await errorOf(
    (async () => {
      await push.putBlob(name, blob, streamOf(bytes));
      await push.putManifest(name, '1', manifest);
    })(),
  );
  expect(error.message).toMatch(says);
  expect(
    quirks.find((quirk) => quirk.name === rule)?.meanings?.some(({ meaning }) => says.test(meaning)),
  ).toBe(true);
});

it('says nothing of Docker media types to a registry that refused others', async () => {
  const { push } = await play({ answers: { to: manifests, status: 400, code: 'MANIFEST_INVALID' } });
  const error = await errorOf(push.putManifest('a/b', '1', manifestOf({ schemaVersion: 2 })));
  expect(error.message).not.toMatch(/zot/);
});

it('says nothing of old Quay at quay.io, which takes deep names', async () => {
  const answers = { to: upload, status: 404, headers: quay } as const;
  const { push } = await play({ host: 'quay.io', answers });
  const error = await errorOf(push.putBlob('acme/backup/docker.io/nginx', blobOf(bytes), streamOf(bytes)));
  expect(error.message).not.toMatch(/two parts/);
});

it('asks for another token where Harbor wants a password of whoever shows an old one', async () => {
  const auth = { ...bearer, service: 'harbor-registry', anonymousPull: true, basicAfterToken: true } as const;
  const { server, registries } = await play({ options: { auth } });
  await server.addBlob('library/nginx', bytes);
  const anonymous = registries.open('registry.test', 'anonymous');
  expect(await anonymous.headBlob('library/nginx', blobOf(bytes))).toBe(true);
  server.revokeTokens();
  expect(await anonymous.headBlob('library/nginx', blobOf(bytes))).toBe(true);
  expect(server.count({ path: /^\/token/ })).toBe(2);
});

it('is challenged once for all uses of a registry', async () => {
  const auth = { ...bearer, anonymousPull: true } as const;
  const { server, registries, pull, push } = await play({ options: { auth } });
  await server.addBlob('a/b', bytes);
  expect(await registries.open('registry.test', 'anonymous').headBlob('a/b', blobOf(bytes))).toBe(true);
  expect(await Promise.all([1, 2, 3].map(() => pull.headBlob('a/b', blobOf(bytes))))).toEqual([
    true,
    true,
    true,
  ]);
  expect(await push.headBlob('a/b', blobOf(bytes))).toBe(true);
  expect(server.count({ status: 401 })).toBe(1);
  // One without credentials, one to pull with them, one to push: each once, whoever asks.
  expect(server.count({ path: /^\/token/ })).toBe(3);
});

it.each([
  ['harbor', { 'www-authenticate': 'Bearer realm="https://h.corp/service/token",service="harbor-registry"' }],
  ['harbor', { 'www-authenticate': 'Basic realm="harbor"' }],
  ['gitlab', { 'www-authenticate': 'Bearer realm="https://git.corp/jwt/auth",service="container_registry"' }],
  ['quay', quay],
  ['artifactory', jfrog],
  [null, { 'www-authenticate': 'Basic realm="Registry Realm"' }],
  [null, {}],
])('knows %s by its answer', (product, headers) => {
  expect(findProduct(headers)).toBe(product);
});
