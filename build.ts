import { chmod, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { rolldown } from 'rolldown';
import { configSchema } from './src/config/index.ts';

/**
 * Writes `dist/`, or with `--check` builds it aside and fails when the committed one differs. dist/ is committed, because
 * a GitHub Action runs what the repository holds; the check keeps it honest.
 */
const root = dirname(fileURLToPath(import.meta.url));
const entries: Record<string, string> = { cli: 'src/faces/cli/bin.ts', action: 'src/faces/action/bin.ts' };

/**
 * Names of chunks carry no hash: a change then shows as a change of that file, not as a new file. The folder is
 * replaced once everything is built; sources that do not build leave it as it is.
 */
async function build(folder: string): Promise<void> {
  const bundle = await rolldown({
    cwd: root,
    input: entries,
    platform: 'node',
    resolve: {
      conditionNames: ['node', 'import', 'default'],
      // Node's own is deprecated, and warns on Node 24; the Kubernetes client still asks for it by way of tr46.
      // yaml's own choice for Node is CommonJS; its other build is the same code as modules.
      alias: {
        punycode: join(root, 'node_modules/punycode/punycode.js'),
        yaml: join(root, 'node_modules/yaml/browser/index.js'),
      },
    },
    // A room is entered by its index.ts; what is not used of it is not loaded with the rest, as nothing but the programs
    // themselves does anything by being loaded.
    treeshake: {
      moduleSideEffects: [
        { test: /\/src\/(?!faces\/\w+\/bin\.ts$)|\/node_modules\/(?:yaml|zod)\//, sideEffects: false },
      ],
    },
    // What most commands load in part (a room's index.ts, the YAML package) is loaded in part.
    checks: { pluginTimings: false, ineffectiveDynamicImport: false },
  });
  const { output } = await bundle.generate({
    format: 'esm',
    minify: true,
    entryFileNames: '[name].js',
    chunkFileNames: 'chunks/[name].js',
    comments: { legal: false },
    // What most commands need is one file: each file more takes half a millisecond to load.
    codeSplitting: {
      groups: [
        // The help needs no more of it.
        { name: 'version', test: /\/src\/version\.ts$/, priority: 1 },
        {
          name: 'common',
          test: /\/src\/(?!faces\/cli|forge|manifests|source)|\/node_modules\/(?!yaml|simple-git|picomatch)/,
          minShareCount: 5,
        },
      ],
    },
  });
  await bundle.close();
  const modules = output.flatMap((file) => (file.type === 'chunk' ? file.moduleIds : []));
  const files = new Map<string, string | Uint8Array>(
    output.map((file) => [file.fileName, file.type === 'chunk' ? file.code : file.source]),
  );
  files.set('licenses.txt', await collectLicences(modules));
  files.set('schema.json', `${JSON.stringify(configSchema(), null, 2)}\n`);
  await rm(folder, { recursive: true, force: true });
  for (const [name, content] of files) {
    await mkdir(dirname(join(folder, name)), { recursive: true });
    await writeFile(join(folder, name), content);
  }
  await chmod(join(folder, 'cli.js'), 0o755);
}

/** The licence of every package that is bundled, sorted by name. */
async function collectLicences(modules: readonly string[]): Promise<string> {
  const folders = new Set<string>();
  for (const id of modules) {
    const found = /^.*\/node_modules\/(?:@[^/]+\/)?[^/]+/.exec(id.replaceAll('\\', '/').replace(/^\0/, ''));
    if (found) folders.add(found[0]);
  }
  const sections = await Promise.all(
    [...folders].map(async (folder) => {
      const about = JSON.parse(await readFile(join(folder, 'package.json'), 'utf8'));
      const file = (await readdir(folder)).toSorted().find((name) => /^licen[cs]e(\.|-|$)/i.test(name));
      const text = file ? await readFile(join(folder, file), 'utf8') : `License: ${about.license}`;
      return `${about.name} ${about.version}\n${'-'.repeat(72)}\n${text.replaceAll('\r\n', '\n').trim()}\n`;
    }),
  );
  return [...new Set(sections)].toSorted().join('\n\n');
}

async function readTree(folder: string): Promise<Map<string, Buffer>> {
  const files = new Map<string, Buffer>();
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => [])) {
    if (!entry.isFile()) continue;
    const path = join(entry.parentPath, entry.name);
    files.set(relative(folder, path).replaceAll('\\', '/'), await readFile(path));
  }
  return files;
}

/** One line for each file that is missing, stale or left over. */
async function compare(committed: string): Promise<string[]> {
  const fresh = await mkdtemp(join(tmpdir(), 'holdfast-dist-'));
  try {
    await build(fresh);
    const [had, want] = await Promise.all([readTree(committed), readTree(fresh)]);
    return [...new Set([...had.keys(), ...want.keys()])].toSorted().flatMap((path) => {
      const before = had.get(path);
      const after = want.get(path);
      if (!before) return [`missing  dist/${path}`];
      if (!after) return [`left over  dist/${path}`];
      return before.equals(after) ? [] : [`stale  dist/${path}`];
    });
  } finally {
    await rm(fresh, { recursive: true, force: true });
  }
}

if (process.argv.includes('--check')) {
  const differences = await compare(join(root, 'dist'));
  for (const line of differences) console.error(line);
  if (differences.length > 0) {
    console.error('dist/ is not what the sources build: run `npm run build` and commit it');
    process.exitCode = 1;
  } else console.log('dist/ is what the sources build');
} else await build(join(root, 'dist'));
