import {
  constants,
  createDecipheriv,
  generateKeyPairSync,
  type KeyObject,
  privateDecrypt,
} from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { parse, parseAllDocuments } from 'yaml';
import { type SecretSource, type Work, writeSecrets } from '../../src/backup/index.ts';
import { parseCertificate } from '../../src/backup/seal-text.ts';
import { loadConfig } from '../../src/config/index.ts';
import { openRegistries } from '../../src/registry/index.ts';
import { useFolder } from '../support/use-folder.ts';

const folder = useFolder('secret');
const pod = (name: string, namespace: string | null, image: string) => `apiVersion: v1
kind: Pod
metadata: {name: ${name}${namespace === null ? '' : `, namespace: ${namespace}`}}
spec: {containers: [{image: '${image}'}]}
`;
beforeAll(() => {
  writeFileSync(
    join(folder.path, 'pods.yaml'),
    [
      pod('a', 'shop', 'nginx:1.25'),
      pod('b', 'blog', 'backup.example/docker.io/library/redis:7'),
      pod('c', 'shop', 'redis:7'),
      pod('d', 'served', 'redis:7'),
      pod('e', 'kube-system', 'redis:7'),
      'apiVersion: external-secrets.io/v1\nkind: ExternalSecret\nmetadata: {name: pull, namespace: served}\n',
    ].join('---\n'),
  );
});

async function work(): Promise<Work> {
  const flags = [
    { from: '--backup', key: 'backup', value: 'backup.example' },
    { from: '--pull-secret', key: 'pullSecret.name', value: 'pull' },
  ] as const;
  const config = await loadConfig({ flags, env: {}, file: null });
  return { config, paths: ['pods.yaml'], cwd: folder.path, registries: openRegistries() };
}

const account = { kind: 'password', username: 'reader', password: 'p:w"\u00e9' } as const;

function sealed(certificate: string, credentials: Awaited<ReturnType<Find>> = account): SecretSource {
  return { kind: 'sealed', certificate, findCredentials: async () => credentials };
}

type Find = Extract<SecretSource, { kind: 'sealed' }>['findCredentials'];

/** What the controller does (sealed-secrets pkg/crypto HybridDecrypt). */
function unseal(key: KeyObject, text: string, label: string): string {
  const bytes = Buffer.from(text, 'base64');
  const length = bytes.readUInt16BE(0);
  const session = privateDecrypt(
    { key, padding: constants.RSA_PKCS1_OAEP_PADDING, oaepHash: 'sha256', oaepLabel: Buffer.from(label) },
    bytes.subarray(2, 2 + length),
  );
  const decipher = createDecipheriv('aes-256-gcm', session, Buffer.alloc(12));
  decipher.setAuthTag(bytes.subarray(-16));
  return Buffer.concat([decipher.update(bytes.subarray(2 + length, -16)), decipher.final()]).toString('utf8');
}

describe('the namespaces that pull secrets are written for', () => {
  const source = { kind: 'external', store: 'vault', storeKind: 'ClusterSecretStore', key: 'k' } as const;
  const base = {
    'base/kustomization.yaml': 'resources: [web.yaml]\n',
    'base/web.yaml': pod('w', null, 'nginx:1'),
  };

  async function write(name: string, tree: Readonly<Record<string, string>>) {
    const cwd = join(folder.path, 'trees', name);
    for (const [path, text] of Object.entries(tree)) {
      mkdirSync(dirname(join(cwd, path)), { recursive: true });
      writeFileSync(join(cwd, path), text);
    }
    const { namespaces, unnamed, used } = await writeSecrets(
      { ...(await work()), paths: ['.'], cwd },
      source,
    );
    return { namespaces, unnamed, used };
  }

  it('are those of the overlays over a base that names none', async () => {
    const overlay = { 'prod/kustomization.yaml': 'namespace: shop\nresources: [../base]\n' };
    const found = await write('overlay', { ...base, ...overlay });
    expect(found).toEqual({ namespaces: ['shop'], unnamed: false, used: true });
  });

  it('are not those whose overlay makes the Secret itself', async () => {
    const found = await write('made', {
      ...base,
      'prod/kustomization.yaml': 'namespace: shop\nresources: [../base, pull.yaml]\n',
      'prod/pull.yaml': 'apiVersion: external-secrets.io/v1\nkind: ExternalSecret\nmetadata: {name: pull}\n',
      'test/kustomization.yaml': 'namespace: test\nresources: [../base, pull.yaml]\n',
      'test/pull.yaml':
        'apiVersion: bitnami.com/v1alpha1\nkind: SealedSecret\nmetadata: {name: pull}\nspec: {}\n',
    });
    expect(found).toEqual({ namespaces: [], unnamed: false, used: true });
  });

  it('are those of HelmReleases, Applications and custom resources', async () => {
    const values = '{image: {repository: quay.io/acme/web, tag: "1"}}';
    const found = await write('releases', {
      'release.yaml': `apiVersion: helm.toolkit.fluxcd.io/v2
kind: HelmRelease
metadata: {name: web, namespace: flux-system}
spec: {targetNamespace: shop, values: ${values}}
`,
      'application.yaml': `apiVersion: argoproj.io/v1alpha1
kind: Application
metadata: {name: web, namespace: argocd}
spec:
  destination: {namespace: blog}
  source: {chart: web, repoURL: "https://charts.example", helm: {valuesObject: ${values}}}
`,
      'prometheus.yaml':
        'apiVersion: monitoring.coreos.com/v1\nkind: Prometheus\nmetadata: {name: p, namespace: watch}\n' +
        'spec: {image: quay.io/prometheus/prometheus:v3.0.0}\n',
    });
    expect(found).toEqual({ namespaces: ['blog', 'shop', 'watch'], unnamed: false, used: true });
  });

  it('are unnamed where nothing says them, and none where nothing uses the backup', async () => {
    expect(await write('unnamed', base)).toEqual({ namespaces: [], unnamed: true, used: true });
    expect(await write('unused', { 'a.yaml': 'apiVersion: v1\nkind: ConfigMap\n' })).toEqual({
      namespaces: [],
      unnamed: false,
      used: false,
    });
  });
});

describe('pull secrets that are written', () => {
  const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const pem = publicKey.export({ type: 'spki', format: 'pem' }).toString();

  it('are for the namespaces that use a backup and lack one, and for no other', async () => {
    const source = {
      kind: 'external',
      store: 'vault',
      storeKind: 'ClusterSecretStore',
      key: 'a/b: c',
    } as const;
    const { text, namespaces, unnamed } = await writeSecrets(await work(), source);
    expect([namespaces, unnamed]).toEqual([['blog', 'shop'], false]);
    const objects = parseAllDocuments(text).map((document) => document.toJS() as Record<string, unknown>);
    expect(objects).toHaveLength(2);
    expect(objects[0]).toMatchObject({
      kind: 'ExternalSecret',
      metadata: { name: 'pull', namespace: 'blog' },
      spec: {
        secretStoreRef: { kind: 'ClusterSecretStore', name: 'vault' },
        target: { name: 'pull', template: { type: 'kubernetes.io/dockerconfigjson' } },
        data: [{ secretKey: '.dockerconfigjson', remoteRef: { key: 'a/b: c' } }],
      },
    });
  });

  it('are sealed so that the controller, and nobody else, reads a Docker config', async () => {
    const { text } = await writeSecrets(await work(), sealed(pem));
    expect(text).not.toContain(account.password);
    const [, shop] = parseAllDocuments(text).map((document) => document.toJS() as SealedSecret);
    const value = shop?.spec.encryptedData['.dockerconfigjson'] ?? '';
    const config = JSON.parse(unseal(privateKey, value, 'shop/pull')) as { auths: Record<string, object> };
    const { username, password } = account;
    const auth = Buffer.from(`${username}:${password}`).toString('base64');
    expect(config).toEqual({ auths: { 'backup.example': { username, password, auth } } });
    expect(() => unseal(privateKey, value, 'blog/pull')).toThrow(/oaep/i);
    expect(shop?.spec.template.type).toBe('kubernetes.io/dockerconfigjson');
  });

  it('say what is missing: credentials, a password, a certificate', async () => {
    await expect(writeSecrets(await work(), sealed(pem, null))).rejects.toThrow(
      /docker login backup\.example/,
    );
    await expect(
      writeSecrets(await work(), sealed(pem, { kind: 'identity-token', token: 'x' })),
    ).rejects.toThrow(/identity token/);
    await expect(writeSecrets(await work(), sealed('nonsense'))).rejects.toThrow(/kubeseal --fetch-cert/);
  });

  it('are made from a template, which is never a Secret with data', async () => {
    const template = async (text: string) => writeSecrets(await work(), { kind: 'template', text });
    const { text } = await template('kind: Mine\nmetadata: {name: "{name}", namespace: "{namespace}"}\n');
    expect(parse(text.split('---\n')[1] ?? '')).toEqual({
      kind: 'Mine',
      metadata: { name: 'pull', namespace: 'blog' },
    });
    await expect(
      template('apiVersion: v1\nkind: Secret\nmetadata: {name: x}\nstringData: {a: b}\n'),
    ).rejects.toThrow(/plain Secret/);
    await expect(
      template('apiVersion: v1\nkind: Secret\nmetadata: {generateName: "{name}"}\nstringData: {a: b}\n'),
    ).rejects.toThrow(/plain Secret/);
    await expect(template('kind: [{name}\n')).rejects.toThrow(/not YAML/);
  });

  it('take the certificate that kubeseal fetches, and no private key', () => {
    expect(parseCertificate(certificate).asymmetricKeyType).toBe('rsa');
    const secret = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
    expect(() => parseCertificate(secret)).toThrow(/private key/);
    expect(() => parseCertificate(`${certificate}${secret}`)).toThrow(/private key/);
  });
});

interface SealedSecret {
  readonly spec: {
    readonly encryptedData: Readonly<Record<string, string>>;
    readonly template: { readonly type: string };
  };
}

const certificate = `-----BEGIN CERTIFICATE-----
MIIDFTCCAf2gAwIBAgIUPQC7Pg1EXjiftsVc6xpKNvV+ehAwDQYJKoZIhvcNAQEL
BQAwGTEXMBUGA1UEAwwOc2VhbGVkLXNlY3JldHMwIBcNMjYxMTIxMDEwNzQxWhgP
MjEyNjEwMjgwMTA3NDFaMBkxFzAVBgNVBAMMDnNlYWxlZC1zZWNyZXRzMIIBIjAN
BgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEAwHhkZr5LTj69yK0UIXXLO08xuOmO
SkRnjCitS83a2djksyuHPV5nbmEC99PApPY/WDbckamv8N//2cg3jRhqJsBs6Rtz
IJf9+ElioHCPcDCs2txi4yiAnCKIfG6Rx94UJachiLHq0+o5VI4Oc/YXQrxQu/yS
TZsWE95yJ+nVXOrnjSOKDAcUa865Txrhva3bbZmsNbE9F5YrAAHYR69ClHCyDylc
iCdpBNg9KOboVN22MSPrJCi63bhGFK92xoYINBJRsssUn0BAZfzno0YWGChA4iGE
4rR/ktxeqEJVZmUi4hTZP92Xr3G/LypwmUC4rrKxXp/UZZsMqRGMBKVgYwIDAQAB
o1MwUTAdBgNVHQ4EFgQU4ve9+W1GiXRCtoH6grL98pgJPD4wHwYDVR0jBBgwFoAU
4ve9+W1GiXRCtoH6grL98pgJPD4wDwYDVR0TAQH/BAUwAwEB/zANBgkqhkiG9w0B
AQsFAAOCAQEAM1cijq0wgd4lg3afuxMuJ1vKJJQ3mkUvIbOeMJg5MLq8ZXAp5Gn2
J0o1qGncWPKOE5B28eZTywtwVIkJtReMYMLCFNuQUu1OcD1MELv5RZCvH47eq1GY
eah3U4zzWs8PIaTXVr5RWK9L6aBVwjjgSBcmNBKpMfpOKN+sWYKVJriaGCZwFKn8
KbCsCeBHJ6QP9sw3HzKcigQDZRFtShOmerBlKmjqUcYWLke3NAXhWIIxv1NDKqDN
WYXHx+FiUDCdIXGqrG1QOm7tGqkmqQGi2e0xvz4V4qOl33YHj4vVAjUAl53Bi8ec
IMrJF81x5I06ezosFvupBImzmrwnU8cqtQ==
-----END CERTIFICATE-----
`;
