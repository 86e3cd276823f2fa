import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { addImage } from '../../src/embedded/index.ts';
import { runCli } from './run-cli.ts';
import { openShop, type Shop } from './shop.ts';

const files = {
  'base/kustomization.yaml': 'resources: [web.yaml, account.yaml]\nnamespace: shop\n',
  'base/web.yaml': `apiVersion: v1
kind: Pod
metadata:
  name: web
  namespace: shop
spec:
  containers:
  - image: nginx:1.0
  - image: quay.io/team/side:2
`,
  'base/account.yaml': 'apiVersion: v1\nkind: ServiceAccount\nmetadata: {name: default, namespace: shop}\n',
  'prod/kustomization.yaml': 'resources: [../base]\nimages:\n- name: nginx\n  newTag: "1.25"\n',
  'chart/values.yaml': 'image:\n  registry: quay.io\n  repository: team/side\n  tag: "2"\n',
  '.holdfast.yaml': 'pullSecret: { name: pull, attach: serviceAccount }\n',
};

describe('images that a layer decides, from the command line', () => {
  let shop: Shop;
  const read = (path: string) => readFileSync(join(shop.folder, path), 'utf8');
  const cli = (...argv: readonly string[]) => runCli(argv, { cwd: shop.folder });

  beforeEach(async () => {
    shop = await openShop(files);
  });
  afterEach(() => shop.close());

  it('are copied, rewritten where they are decided, and then there is nothing to do', async () => {
    const first = await cli('rewrite', 'base', 'prod', 'chart', ...shop.flags);
    expect([first.exitCode, first.stderr]).toEqual([0, expect.stringContaining('holdfast secret')]);
    expect(read('base/web.yaml')).toMatch(
      /image: nginx:1\.0\n {2}- image: backup\.example\/prefix\/quay\.io\/team\/side:2@sha256:/,
    );
    expect(read('prod/kustomization.yaml')).toMatch(
      /^resources: \[\.\.\/base\]\nimages:\n- name: nginx\n {2}newName: backup\.example\/prefix\/docker\.io\/library\/nginx\n {2}newTag: "1\.25"\n {2}digest: sha256:[0-9a-f]{64}\n$/,
    );
    expect(read('chart/values.yaml')).toBe(
      'image:\n  registry: backup.example\n  repository: prefix/quay.io/team/side\n  tag: "2"\n',
    );
    expect(read('base/account.yaml')).toContain('imagePullSecrets:\n  - name: pull\n');
    const before = Object.keys(files).map(read);
    const second = await cli('rewrite', 'base', 'prod', 'chart', ...shop.flags);
    expect(second.exitCode).toBe(0);
    expect(Object.keys(files).map(read)).toEqual(before);
    expect((await cli('check', 'base', 'prod', 'chart', ...shop.flags)).exitCode).toBe(0);
  });

  it('come back from the lock file', async () => {
    await cli('rewrite', 'base', 'prod', 'chart', ...shop.flags);
    const { exitCode, stderr } = await cli('restore', 'base', 'prod', 'chart', ...shop.flags);
    expect(exitCode).toBe(0);
    expect(read('chart/values.yaml')).toBe(files['chart/values.yaml']);
    // The digest is the copy's: with chosen platforms the source has no such.
    expect(read('prod/kustomization.yaml')).toMatch(
      /- name: nginx\n {2}newName: nginx\n {2}newTag: "1\.25"\n {2}digest: ""\n$/,
    );
    expect(stderr).toContain('prod/kustomization.yaml: the entries of `images` stay');
    expect(stderr).toContain('base/account.yaml: the pull secret pull stays');
  });

  it('of a Bitnami chart are allowed where the chart asks for it', async () => {
    await addImage(shop.upstream, 'bitnami/redis', '7', { layerBytes: 100 });
    const text = `global:
  security:
    allowInsecureImages: false
image:
  registry: docker.io
  repository: bitnami/redis
  tag: "7"
`;
    writeFileSync(join(shop.folder, 'chart/values.yaml'), text);
    const { exitCode, stderr } = await cli('rewrite', 'chart', ...shop.flags);
    expect([exitCode, stderr]).toEqual([0, expect.not.stringContaining('Bitnami')]);
    expect(read('chart/values.yaml')).toBe(
      text
        .replace('false', 'true')
        .replace('docker.io', 'backup.example')
        .replace('bitnami/redis', 'prefix/docker.io/bitnami/redis'),
    );
  });

  it('have the pull secret written for their namespace', async () => {
    const { exitCode, stdout, stderr } = await cli(
      'secret',
      'base',
      '--store',
      'vault',
      '--key',
      'pull',
      ...shop.flags,
    );
    expect([exitCode, stderr]).toEqual([0, 'holdfast: written for shop\n']);
    expect(stdout).toContain('kind: ExternalSecret\nmetadata:\n  name: pull\n  namespace: shop\n');
    const none = await cli('secret', 'base', ...shop.flags);
    expect([none.exitCode, none.stderr]).toEqual([2, expect.stringContaining('Say how the Secret gets')]);
    const two = await cli('secret', 'base', '--store', 'vault', '--certificate', 'a.pem', ...shop.flags);
    expect([two.exitCode, two.stderr]).toEqual([
      2,
      expect.stringContaining('--certificate and --store exclude each other: give one of them.'),
    ]);
  });
});
