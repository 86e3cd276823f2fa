import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { git } from '../support/git-checkout.ts';
import { ociManifest } from '../support/images.ts';
import { runCli } from './run-cli.ts';
import { openShop, type Shop, web } from './shop.ts';

describe('the command line that proves, prunes and shares out', () => {
  let shop: Shop;
  const cli = (argv: readonly string[], options = {}) => runCli(argv, { cwd: shop.folder, ...options });
  const layers = () => shop.backup.snapshot()['prefix/docker.io/library/nginx']?.blobs ?? [];

  beforeEach(async () => {
    shop = await openShop();
    await cli(['rewrite', ...shop.flags]);
  });
  afterEach(() => shop.close());

  it('says of each backup that it is whole, and how much that is', async () => {
    const { exitCode, stdout, stderr } = await cli(['verify', ...shop.flags]);
    expect(exitCode).toBe(0);
    const lines = stdout.trimEnd().split('\n');
    expect(lines).toHaveLength(2);
    expect(lines[0]).toMatch(
      /^whole {5}backup\.example\/prefix\/docker\.io\/library\/nginx:1\.25@sha256:[0-9a-f]{64} {2}3 manifests, \d blobs, /,
    );
    expect(stderr).toContain('2 backups: 2 whole');
  });

  it('ends with 1 for what is broken, names the part, and repairs it when it is told to', async () => {
    await shop.backup.damageBlob(layers()[0] ?? '', null);
    const broken = await cli(['verify', ...shop.flags]);
    expect(broken.exitCode).toBe(1);
    expect(broken.stdout).toMatch(
      /^broken .*\n {10}the (?:layer|config) sha256:\w+ of \d+ bytes is not there$/m,
    );
    // Once, also where both go to one place.
    expect(broken.stderr).not.toContain('backup.example/prefix');
    const dry = await cli(['verify', '--repair', '--dry-run', ...shop.flags]);
    expect(dry.exitCode).toBe(1);
    const repaired = await cli(['verify', '--deep', '--repair', ...shop.flags, '--output', 'json']);
    expect(repaired.exitCode).toBe(0);
    const { backups } = JSON.parse(repaired.stdout);
    expect(backups.map(({ status }: { status: string }) => status).toSorted()).toEqual(['repaired', 'whole']);
    expect(backups[0]).toMatchObject({ source: 'docker.io/library/nginx:1.25', error: null });
  });

  it('ends with 1 where a signature that exists was not copied, says how to go on, and that --refresh brought it', async () => {
    const { upstream } = shop;
    const digest = upstream.manifest('library/nginx', '1.25')?.digest ?? '';
    const tag = `${digest.replace(':', '-')}.sig`;
    const child = JSON.parse(String(upstream.manifest('library/nginx', '1.25')?.bytes)).manifests[0].digest;
    const { config, layers: parts } = JSON.parse(String(upstream.manifest('library/nginx', child)?.bytes));
    const signature = {
      schemaVersion: 2,
      mediaType: ociManifest,
      config,
      layers: parts,
      annotations: { a: 'b' },
    };
    upstream.addManifest('library/nginx', tag, ociManifest, Buffer.from(JSON.stringify(signature)));
    shop.upstream.setFaults([
      { match: { method: 'GET', path: /nginx\/manifests\// }, fault: { kind: 'status', status: 403 } },
    ]);
    const flags = ['copy', '--refresh', ...shop.flags];
    const lost = await cli([...flags, '--output', 'json']);
    expect(lost.exitCode).toBe(1);
    const [copy] = JSON.parse(lost.stdout).copies;
    expect(copy).toMatchObject({ status: 'present', warnings: [], error: null });
    expect(copy.problems).toEqual([expect.stringContaining('holdfast copy --refresh')]);
    expect(lost.stderr).toContain(copy.problems[0]);
    shop.upstream.setFaults([]);
    const brought = await cli(flags);
    expect(brought).toMatchObject({ exitCode: 0 });
    expect(brought.stderr).toContain('nginx:1.25: 1 signature or attestation was brought.');
  });

  it('prints a matrix on one line, and copies a part for each of its entries', async () => {
    writeFileSync(join(shop.folder, 'k8s/web.yaml'), web);
    const { exitCode, stdout, stderr } = await cli(['plan', '--matrix', '4', '-q', ...shop.flags]);
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
    const { shard } = JSON.parse(stdout);
    expect(stdout.trimEnd().split('\n')).toHaveLength(1);
    const copied: string[] = [];
    for (const part of shard) {
      const run = await cli(['copy', '--shard', part, '--output', 'json', ...shop.flags]);
      expect(run.exitCode).toBe(0);
      copied.push(...JSON.parse(run.stdout).copies.map(({ source }: { source: string }) => source));
    }
    expect(copied.toSorted()).toEqual(['docker.io/library/nginx:1.25', 'quay.io/team/side:2']);
  });

  it.each([
    ['4/4', 'parts count from 0: those of 4 are 0/4 to 3/4'],
    ['one', 'write it as I/N'],
  ])('refuses the part %s with the cure', async (part, cure) => {
    const { exitCode, stderr } = await cli(['copy', '--shard', part, ...shop.flags]);
    expect(exitCode).toBe(2);
    expect(stderr).toContain(`--shard ${part}: ${cure}`);
  });

  it('lists what nothing names any more, deletes it with --yes, and takes it out of the lock file', async () => {
    const env = { PATH: process.env['PATH'] ?? '', HOME: shop.folder };
    const commit = async () => {
      await git(shop.folder, ['add', '-A']);
      await git(shop.folder, ['commit', '--quiet', '-m', 'change']);
    };
    await git(shop.folder, ['init', '--quiet', '-b', 'main']);
    await commit();
    // The one that named both is out of the days that count only when there are none.
    await git(shop.folder, ['checkout', '--quiet', '--orphan', 'next']);
    const path = join(shop.folder, 'k8s/web.yaml');
    writeFileSync(path, readFileSync(path, 'utf8').replace(/ {8}- name: side\n.*\n/, ''));
    await commit();
    await git(shop.folder, ['branch', '-D', 'main']);
    const flags = ['--repository', '.', '--min-age', '0', ...shop.flags];
    const listed = await cli(['prune', ...flags], { env });
    expect(listed).toMatchObject({ exitCode: 0 });
    expect(listed.stdout).toMatch(
      /^unused {3}backup\.example\/prefix\/quay\.io\/team\/side@sha256:\w+ {2}quay\.io\/team\/side:2 {2}tags 2, 2-\w{12} {2}3 manifests$/m,
    );
    expect(listed.stdout.trimEnd().split('\n')).toHaveLength(1);
    expect(listed.stderr).toContain('2 recorded copies: 1 kept, 1 unused');
    expect(listed.stderr).toContain('--yes deletes what is listed');
    const done = await cli(['prune', '--yes', ...flags, '--output', 'json'], { env });
    expect(JSON.parse(done.stdout).prunings.map(({ status }: { status: string }) => status)).toEqual([
      'kept',
      'deleted',
    ]);
    expect(readFileSync(join(shop.folder, 'holdfast.lock.yaml'), 'utf8')).not.toContain('quay.io');
    expect(shop.backup.snapshot()['prefix/quay.io/team/side']?.manifests).toEqual([]);
    // What is gone is counted, and no more listed.
    const again = await cli(['prune', '--yes', ...flags], { env });
    expect([again.stdout, again.stderr]).toEqual(['', expect.stringContaining('1 kept, 1 not there')]);
  });

  it('prunes a repository that holds a lock file alone', async () => {
    const env = { PATH: process.env['PATH'] ?? '', HOME: shop.folder };
    await git(shop.folder, ['init', '--quiet', '-b', 'main']);
    rmSync(join(shop.folder, 'k8s'), { recursive: true });
    await git(shop.folder, ['add', '-A']);
    await git(shop.folder, ['commit', '--quiet', '-m', 'no manifests']);
    const flags = ['--repository', '.', '--min-age', '0', ...shop.flags];
    const { exitCode, stderr } = await cli(['prune', ...flags, '--yes'], { env });
    expect(stderr).not.toContain('no manifest with an image found');
    expect(stderr).toContain('2 deleted');
    expect(exitCode).toBe(0);
  });

  it('prunes nothing without being told who uses the backup', async () => {
    const { exitCode, stderr } = await cli(['prune', ...shop.flags]);
    expect(exitCode).toBe(2);
    expect(stderr).toContain('name each repository whose manifests use this backup with --repository URL');
  });

  it('asks for AWS credentials only when a repository has to be made', async () => {
    expect(await cli(['plan', '--create-repositories', ...shop.flags])).toMatchObject({ exitCode: 0 });
  });
});
