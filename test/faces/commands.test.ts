import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startRegistry } from '../../src/embedded/index.ts';
import { runCli } from './run-cli.ts';
import { openShop, type Shop, web, writeFiles } from './shop.ts';

// oxlint-disable-next-line no-control-regex
const escapeCode = /\x1b/;

describe('the command line on a folder of manifests', () => {
  let shop: Shop;
  const cli = (argv: readonly string[], options = {}) => runCli(argv, { cwd: shop.folder, ...options });
  const manifest = () => readFileSync(join(shop.folder, 'k8s/web.yaml'), 'utf8');

  beforeEach(async () => {
    shop = await openShop();
  });
  afterEach(() => shop.close());

  it('scans offline, with paths from where the user stands', async () => {
    const { exitCode, stdout, stderr } = await cli(['scan', 'k8s']);
    expect(exitCode).toBe(0);
    expect(stdout).toBe(
      'k8s/web.yaml:9:18  nginx:1.25  candidate\nk8s/web.yaml:11:18  quay.io/team/side:2  candidate\n',
    );
    expect(stderr).toBe('1 file read, 2 image references: 2 to back up\n');
    expect(shop.upstream.count()).toBe(0);
  });

  it('prints one JSON document with paths from the root of the scan', async () => {
    const { stdout } = await cli(['scan', 'k8s', '--output', 'json']);
    const json = JSON.parse(stdout);
    expect(Object.keys(json)).toEqual(['images', 'skipped']);
    expect(json.images.map(({ file, line }: { file: string; line: number }) => [file, line])).toEqual([
      ['web.yaml', 9],
      ['web.yaml', 11],
    ]);
  });

  it('plans a diff that git applies, and writes nothing', async () => {
    const { exitCode, stdout, stderr } = await cli(['plan', ...shop.flags]);
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(/^--- a\/k8s\/web\.yaml\n\+\+\+ b\/k8s\/web\.yaml\n@@/);
    expect(stdout).toContain('+          image: backup.example/prefix/docker.io/library/nginx:1.25@sha256:');
    expect(stderr).toContain('2 lines in 1 file would change');
    expect(manifest()).toBe(web);
    expect(shop.backup.snapshot()).toEqual({});
  });

  it('gives the same diff for rewrite --dry-run', async () => {
    const plan = await cli(['plan', ...shop.flags]);
    const dry = await cli(['rewrite', '--dry-run', ...shop.flags]);
    expect(dry.stdout).toBe(plan.stdout);
    expect(manifest()).toBe(web);
  });

  it('rewrites, then finds nothing to do, then restores byte for byte', async () => {
    const first = await cli(['rewrite', ...shop.flags]);
    expect(first.exitCode).toBe(0);
    expect(first.stdout.split('\n')[0]).toMatch(
      /^k8s\/web\.yaml:9 {2}image: backup\.example\/prefix\/docker\.io\/library\/nginx:1\.25@sha256:[0-9a-f]{64} # the window$/,
    );
    expect(first.stderr).toContain('2 lines in 1 file changed');
    const after = manifest();

    const second = await cli(['rewrite', ...shop.flags]);
    expect(second).toMatchObject({ exitCode: 0, stdout: '' });
    expect(second.stderr).toContain('nothing to do');
    expect(manifest()).toBe(after);

    expect(await cli(['check', ...shop.flags])).toMatchObject({ exitCode: 0 });
    expect(await cli(['restore', '--backup=backup.example/prefix'])).toMatchObject({ exitCode: 0 });
    expect(manifest()).toBe(web);
  });

  it('ends with 1 when an image cannot be copied, and leaves its reference alone', async () => {
    writeFileSync(join(shop.folder, 'k8s/web.yaml'), web.replace('team/side:2', 'team/gone:9'));
    const { exitCode, stdout, stderr } = await cli(['rewrite', ...shop.flags]);
    expect(exitCode).toBe(1);
    expect(stdout.trimEnd().split('\n')).toHaveLength(1);
    expect(stderr).toMatch(/^failed\s+quay\.io\/team\/gone:9 -> /m);
    expect(manifest()).toContain('image: quay.io/team/gone:9\n');
    expect(manifest()).toContain('image: backup.example/prefix/docker.io/library/nginx:1.25@sha256:');
  });

  it('ends a check with 1 and annotates the line, in every format', async () => {
    const check = (format: string) => cli(['check', ...shop.flags, '--output', format]);
    expect((await check('github')).stdout).toMatch(
      /^::error file=k8s\/web\.yaml,line=9,col=18,title=holdfast::/,
    );
    expect((await check('markdown')).stdout).toContain('| `k8s/web.yaml:9` | `nginx:1.25` |');
    expect(JSON.parse((await check('sarif')).stdout).runs[0].results).toHaveLength(2);
    expect(await check('text')).toMatchObject({ exitCode: 1 });
  });

  it('keeps stdout one JSON document while it shows progress on stderr', async () => {
    const { stdout, stderr } = await cli(['rewrite', ...shop.flags, '--output', 'json']);
    expect(JSON.parse(stdout)).toMatchObject({
      images: [{ image: 'nginx:1.25' }, { image: 'quay.io/team/side:2' }],
      copies: [
        { status: 'copied', error: null },
        { status: 'copied', error: null },
      ],
      edits: [{ file: 'k8s/web.yaml', line: 9 }, { line: 11 }],
    });
    expect(stderr).toContain('copied   docker.io/library/nginx:1.25');
  });

  it('has no escape codes in a pipe, and colours on a terminal unless they are not wanted', async () => {
    const piped = await cli(['plan', ...shop.flags]);
    expect(piped.stdout + piped.stderr).not.toMatch(escapeCode);
    const scan = (argv: string[], env = {}) => cli(['scan', ...argv], { terminal: true, env });
    expect((await scan([])).stdout).toMatch(escapeCode);
    expect((await scan(['--no-color'])).stdout).not.toMatch(escapeCode);
    expect((await scan([], { NO_COLOR: '1' })).stdout).not.toMatch(escapeCode);
    expect((await scan(['--output', 'json'])).stdout).not.toMatch(escapeCode);
  });

  it('copies images that are named on the command line', async () => {
    const { exitCode, stdout, stderr } = await cli(['copy', '--image', 'nginx:1.25', ...shop.flags]);
    expect(stderr).not.toContain('read');
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(
      /^copied {3}docker\.io\/library\/nginx:1\.25 -> backup\.example\/prefix\/.* 2 platforms/,
    );
    expect(Object.keys(shop.backup.snapshot())).toEqual(['prefix/docker.io/library/nginx']);
  });

  it('says nothing on stderr when it is told to be quiet', async () => {
    expect(await cli(['rewrite', '--quiet', ...shop.flags])).toMatchObject({ exitCode: 0, stderr: '' });
  });

  it('stops cleanly when it is told to, and changes no manifest', async () => {
    const { exitCode, stderr } = await cli(['rewrite', ...shop.flags], { signal: AbortSignal.abort() });
    expect(exitCode).toBe(2);
    expect(stderr).toMatch(/^holdfast: [Ss]topped/m);
    expect(manifest()).toBe(web);
  });
});

describe('bad input', () => {
  const folders: string[] = [];
  const folder = (files: Readonly<Record<string, string>>) => {
    const made = writeFiles(files);
    folders.push(made);
    return made;
  };
  afterEach(() => {
    for (const made of folders.splice(0)) rmSync(made, { recursive: true });
  });

  it.each([
    ['no backup', ['rewrite'], {}, 'write --backup REGISTRY/PREFIX (such as ghcr.io/acme/backup)'],
    ['a path that is not there', ['scan', 'nowhere'], {}, 'no file or folder at "nowhere"'],
    [
      'a configuration that is not there',
      ['scan', '--config', 'no.yaml'],
      {},
      '--config: there is no file at no.yaml',
    ],
    [
      'an unknown key',
      ['scan'],
      { '.holdfast.yaml': 'bakup: ghcr.io/a\n' },
      '.holdfast.yaml:1: bakup: it is not a known key: did you mean "backup"?',
    ],
    [
      'a broken configuration',
      ['scan'],
      { '.holdfast.yaml': 'backup: [\n' },
      '.holdfast.yaml:2: it is not valid YAML',
    ],
    [
      'an endpoint without a URL',
      ['plan', '--endpoint', 'docker.io'],
      {},
      '--endpoint: write it as REGISTRY=URL',
    ],
    ['paths beside --image', ['copy', '.', '--image', 'nginx'], {}, 'Give paths or --image, not both'],
    [
      'a cluster that nobody knows',
      ['scan', '--cluster'],
      {},
      'No cluster is known: there is no kubeconfig at',
    ],
    [
      'repositories to be created where that means nothing',
      ['copy', '--backup', 'ghcr.io/acme/backup', '--create-repositories'],
      {},
      'is for a backup on ECR, and has no meaning at ghcr.io: leave it away',
    ],
    [
      'repositories to be created without the means',
      ['copy', '--backup', '123456789012.dkr.ecr.eu-west-1.amazonaws.com/backup', '--create-repositories'],
      {},
      'set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY',
    ],
    ['a bad backup', ['plan', '--backup', 'UPPER/case'], {}, '--backup: '],
  ])('%s ends with 2 and the cure', async (_what, argv, files, sentence) => {
    const cwd = folder({ 'web.yaml': web, ...files });
    const { exitCode, stdout, stderr } = await runCli(argv, { cwd, env: { HOME: cwd } });
    expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: '' });
    expect(stderr).toMatch(/^holdfast: /);
    expect(stderr).toContain(sentence);
    expect(stderr).not.toMatch(/\n\s+at /);
  });

  it('shows the stack with --verbose only, and JSON to who reads JSON', async () => {
    const cwd = folder({ 'web.yaml': web });
    const { stdout, stderr } = await runCli(['plan', '--verbose', '--output', 'json'], { cwd });
    expect(stderr).toMatch(/\n\s+at /);
    expect(JSON.parse(stdout).error.code).toBe('config');
  });

  it('does not pass a folder without manifests', async () => {
    const cwd = folder({ 'README.md': '# nothing\n' });
    const { exitCode, stderr } = await runCli(['check', '--backup', 'b.example/x'], { cwd });
    expect(exitCode).toBe(2);
    expect(stderr).toContain(
      'no manifest with an image found in this folder; name the folder that holds them',
    );
  });

  it('goes on where one registry refuses, and says which', async () => {
    const cwd = folder({ 'web.yaml': web });
    const backup = await startRegistry();
    const sources = ['--endpoint=docker.io=http://127.0.0.1:9', '--endpoint=quay.io=http://127.0.0.1:9'];
    const flags = ['plan', '--backup=b.example/x', ...sources];
    try {
      const { exitCode, stderr } = await runCli([...flags, `--endpoint=b.example=${backup.url}`], { cwd });
      expect(exitCode).toBe(1);
      expect(stderr).toMatch(/^failed .*docker\.io\/library\/nginx:1\.25/m);
    } finally {
      await backup.close();
    }
    const unreachable = await runCli([...flags, '--endpoint=b.example=http://127.0.0.1:9'], { cwd });
    expect(unreachable.exitCode).toBe(2);
    expect(unreachable.stderr).toContain('holdfast: The backup registry cannot be used. b.example');
  });
});
