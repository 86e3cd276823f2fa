import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, unlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { HoldfastError } from '../../src/error.ts';
import { type Reading, type ReadOptions, readManifests } from '../../src/source/index.ts';

const pod = 'apiVersion: v1\nkind: Pod\nspec:\n  containers:\n  - image: nginx:1\n';
let folder = '';

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'holdfast-source-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function put(path: string, text: string | Buffer = pod): void {
  mkdirSync(dirname(join(folder, path)), { recursive: true });
  writeFileSync(join(folder, path), text);
}

function git(...words: string[]): void {
  execFileSync('git', ['-C', folder, '-c', 'user.name=t', '-c', 'user.email=t@example.com', ...words], {
    stdio: 'pipe',
  });
}

async function read(paths: string[] = [], options: Partial<ReadOptions> = {}): Promise<Reading> {
  return readManifests(paths, { cwd: folder, ...options });
}

const pathsOf = ({ files }: Reading) => files.map(({ path }) => path);

describe('a folder without a checkout', () => {
  it('is walked for every manifest name, dot folders included, in the order of the paths', async () => {
    for (const path of ['b.yml', 'a.yaml', 'c.json', 'd.kyaml', 'x/Kustomization', '.hidden/e.YAML'])
      put(path);
    put('note.md');
    put('Kustomization.txt');
    expect(pathsOf(await read())).toEqual([
      '.hidden/e.YAML',
      'a.yaml',
      'b.yml',
      'c.json',
      'd.kyaml',
      'x/Kustomization',
    ]);
  });

  it('has the helpers of its charts read, and no other templates of that name', async () => {
    put('web/templates/_helpers.tpl', '{{ .Values.web.repository }}');
    put('other/_helpers.tpl');
    expect(pathsOf(await read())).toEqual(['web/templates/_helpers.tpl']);
  });

  it('is not entered where others wrote: node_modules, vendor and nested checkouts', async () => {
    for (const path of ['node_modules/a.yaml', 'vendor/b.yaml', 'clone/c.yaml', 'own/d.yaml']) put(path);
    put('clone/.git', 'gitdir: elsewhere\n');
    expect(pathsOf(await read())).toEqual(['own/d.yaml']);
  });

  it('is walked where a foreign folder is the one that is named', async () => {
    put('vendor/charts/a.yaml');
    expect(pathsOf(await read(['vendor']))).toEqual(['charts/a.yaml']);
  });

  it('has its symbolic links reported, to files and to folders, and not followed', async () => {
    put('real/a.yaml');
    symlinkSync('real/a.yaml', join(folder, 'link.yaml'));
    symlinkSync('real', join(folder, 'folder'));
    symlinkSync('nowhere', join(folder, 'broken.yaml'));
    const reading = await read();
    expect(pathsOf(reading)).toEqual(['real/a.yaml']);
    expect(reading.skipped.map(({ file, reason }) => [file, reason])).toEqual([
      ['broken.yaml', 'symlink'],
      ['folder', 'symlink'],
      ['link.yaml', 'symlink'],
    ]);
  });
});

describe('a checkout', () => {
  it('gives what git lists: tracked and untracked, not ignored, not deleted', async () => {
    for (const path of ['tracked.yaml', 'gone.yaml', 'untracked.yaml', 'out/ignored.yaml', 'deep/é ü.yaml'])
      put(path);
    put('.gitignore', 'out/\n');
    git('init', '-q');
    git('add', 'tracked.yaml', 'gone.yaml');
    git('commit', '-qm', 'one');
    unlinkSync(join(folder, 'gone.yaml'));
    const reading = await read();
    expect(pathsOf(reading)).toEqual(['deep/é ü.yaml', 'tracked.yaml', 'untracked.yaml']);
    expect(reading.skipped).toEqual([]);
  });

  it('has an ignored folder walked when it is named', async () => {
    put('out/deep/ignored.yaml');
    put('.gitignore', 'out/\n');
    git('init', '-q');
    expect(pathsOf(await read(['out']))).toEqual(['deep/ignored.yaml']);
    expect(pathsOf(await read())).toEqual([]);
  });

  it('has its tracked symbolic links reported', async () => {
    put('real.yaml');
    symlinkSync('real.yaml', join(folder, 'link.yaml'));
    git('init', '-q');
    git('add', '.');
    const reading = await read();
    expect(pathsOf(reading)).toEqual(['real.yaml']);
    expect(reading.skipped).toMatchObject([{ file: 'link.yaml', reason: 'symlink' }]);
  });
});

describe('a tracked folder that became a symbolic link', () => {
  it('is reported, and what it leads to is not read', async () => {
    put('dir/sub/a.yaml');
    git('init', '-q');
    git('add', '.');
    rmSync(join(folder, 'dir'), { recursive: true });
    put('else/sub/a.yaml');
    symlinkSync('else', join(folder, 'dir'));
    const reading = await read();
    expect(pathsOf(reading)).toEqual(['else/sub/a.yaml']);
    expect(reading.skipped).toMatchObject([{ file: 'dir', reason: 'symlink' }]);
  });
});

describe('the root', () => {
  it('is the one folder that is named, and the folder of the one file', async () => {
    put('k8s/sub/a.yaml');
    expect((await read(['k8s'])).root).toBe(join(folder, 'k8s'));
    const one = await read(['k8s/sub/a.yaml']);
    expect([one.root, pathsOf(one)]).toEqual([join(folder, 'k8s/sub'), ['a.yaml']]);
  });

  it('is the nearest folder that holds all that is named, each file once', async () => {
    put('k8s/one/a.yaml');
    put('k8s/two/b.yaml');
    const reading = await read(['k8s/one', 'k8s/two/b.yaml', 'k8s/two']);
    expect(reading.root).toBe(join(folder, 'k8s'));
    expect(pathsOf(reading)).toEqual(['one/a.yaml', 'two/b.yaml']);
  });

  it('does not take a folder for the parent of one that its name begins', async () => {
    put('app/a.yaml');
    put('app-two/b.yaml');
    expect((await read(['app', 'app-two'])).root).toBe(folder);
  });

  it('that is not there is a usage error that names it', async () => {
    const failure = await read(['nowhere']).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(HoldfastError);
    expect(failure).toMatchObject({ code: 'usage', message: expect.stringContaining('"nowhere"') as string });
  });
});

describe('a file', () => {
  it('that is binary, not UTF-8, UTF-16 or over-large is reported, and the others are read', async () => {
    put('binary.yaml', Buffer.from([0x69, 0, 1, 2]));
    put('latin1.yaml', Buffer.from('image: caf\xe9\n', 'latin1'));
    put('utf16.yaml', Buffer.from('\ufeffimage: a\n', 'utf16le'));
    put('large.yaml', `image: a\n${' '.repeat(5 * 1024 * 1024)}`);
    put('good.yaml');
    const reading = await read();
    expect(pathsOf(reading)).toEqual(['good.yaml']);
    expect(reading.skipped.map(({ file, reason }) => [file, reason])).toEqual([
      ['binary.yaml', 'binary'],
      ['large.yaml', 'too-large'],
      ['latin1.yaml', 'undecodable'],
      ['utf16.yaml', 'undecodable'],
    ]);
  });

  it('that is named is read whatever its size and name', async () => {
    const text = `image: a\n${' '.repeat(5 * 1024 * 1024)}`;
    put('large.txt', text);
    expect((await read(['large.txt'])).files).toEqual([{ path: 'large.txt', text }]);
  });

  it('of values that is named alone has what is beside it read, without a checkout, too', async () => {
    for (const path of ['web/values.yaml', 'web/values-prod.yaml', 'web/templates/_a.tpl', 'other.yaml'])
      put(path);
    symlinkSync('../other.yaml', join(folder, 'web/values-link.yaml'));
    const { files, around, listed } = await read(['web/values.yaml']);
    expect(files.map(({ path }) => path)).toEqual(['values.yaml']);
    expect(around.map(({ path }) => path)).toEqual(['templates/_a.tpl', 'values-prod.yaml']);
    expect(listed.has('values-link.yaml')).toBe(true);
    expect((await read(['other.yaml'])).around).toEqual([]);
  });

  it('keeps its BOM and its line ends', async () => {
    put('bom.yaml', '\ufeffimage: a\r\n');
    expect((await read()).files[0]?.text).toBe('\ufeffimage: a\r\n');
  });

  it('without an image is read where a rule asks for a field that it has', async () => {
    put('widget.yaml', 'kind: Widget\nspec: {parts: [{picture: quay.io/acme/a:1}]}\n');
    put('gadget.yaml', 'kind: Gadget\nspec: {parts: [{picture: quay.io/acme/a:1}]}\n');
    const rule = { apiVersion: 'example.com/*', kind: 'Widget', format: 'reference' } as const;
    const asked = async (field: string) => pathsOf(await read([], { rules: [{ ...rule, field }] }));
    expect(await asked('spec.parts[].picture')).toEqual(['widget.yaml']);
    expect(await asked('spec["parts"][*]')).toEqual(['widget.yaml']);
    expect(await asked('spec.other')).toEqual([]);
  });

  it('without the word is read where a built-in rule finds an image, and for values with a hub', async () => {
    put('postgres.yaml', 'kind: postgresql\nspec:\n  dockerImage: a.io/b:1\n');
    put('knative.yaml', 'kind: KnativeServing\nspec: {registry: {override: {queue-proxy: "a.io/b:1"}}}\n');
    put('istio-values.yaml', 'global:\n  hub: a.io\n');
    put('none.yaml', 'kind: KnativeServing\nspec: {}\n');
    expect(pathsOf(await read())).toEqual(['istio-values.yaml', 'knative.yaml', 'postgres.yaml']);
  });

  it('without an image is left out, unless other files need what it says', async () => {
    put('config.yaml', 'kind: ConfigMap\n');
    put('kustomization.yaml', 'resources: []\n');
    put('account.yaml', 'kind: ServiceAccount\n');
    put('application.yaml', 'apiVersion: argoproj.io/v1alpha1\n');
    expect(pathsOf(await read())).toEqual(['account.yaml', 'application.yaml', 'kustomization.yaml']);
  });
});

describe('what is asked for', () => {
  it('is narrowed by globs, which match dot folders, too', async () => {
    for (const path of ['apps/a.yaml', 'apps/test/b.yaml', '.ci/c.yaml', 'other/d.yaml']) put(path);
    const reading = await read([], { include: ['apps/**', '.ci/**'], exclude: ['**/test/**'] });
    expect(pathsOf(reading)).toEqual(['.ci/c.yaml', 'apps/a.yaml']);
  });

  it('tells which files are templates of a chart, whether or not the chart is asked for', async () => {
    put('charts/one/Chart.yaml', 'name: one\n');
    for (const path of [
      'charts/one/templates/sub/a.yaml',
      'charts/one/values.yaml',
      'other/templates/b.yaml',
    ])
      put(path);
    const templates = async (...paths: string[]) => [...(await read(paths)).templates];
    expect(await templates()).toEqual(['charts/one/templates/sub/a.yaml']);
    expect(await templates('charts/one/templates/sub')).toEqual(['a.yaml']);
    expect(await templates('charts/one')).toEqual(['templates/sub/a.yaml']);
    expect(await templates('charts/one/templates', 'charts/one/values.yaml')).toEqual([
      'templates/sub/a.yaml',
    ]);
    expect(await templates('charts/one/templates/sub/a.yaml', 'other')).toEqual([
      'charts/one/templates/sub/a.yaml',
    ]);
  });

  it('ends when the signal says so', async () => {
    put('a.yaml');
    const stopped = AbortSignal.abort(new Error('stopped'));
    await expect(read([], { signal: stopped })).rejects.toThrow('stopped');
  });
});
