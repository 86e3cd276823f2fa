/**
 * How long a scan of the corpus takes, as a whole process, against the least that any scan costs: `grep -rlE image`
 * over the same files, and Node's own start. Interleaved, medians.
 *
 *     npm run bench -- scan [folder] [rounds]
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { rolldown } from 'rolldown';

const project = fileURLToPath(new URL('../..', import.meta.url));
const temporary = mkdtempSync(join(tmpdir(), 'holdfast-bench-'));

try {
  const [folder = unpackCorpus(), rounds = '15'] = process.argv.slice(2);
  const node = process.execPath;
  const commands: Record<string, readonly [string, ...string[]]> = {
    grep: ['grep', '-rlE', 'image', folder],
    start: [node, '-e', '0'],
    rooms: [node, await bundleRooms(), folder],
  };
  const cli = join(project, 'dist', 'cli.js');
  if (existsSync(cli)) commands['cli'] = [node, cli, 'scan', folder, '--output', 'json'];
  const times = measure(commands, Number(rounds));
  const least = median(times['grep']) + median(times['start']);
  for (const name of Object.keys(commands)) {
    console.log(`${name.padEnd(6)} ${median(times[name]).toFixed(0).padStart(6)} ms`);
  }
  for (const name of ['rooms', 'cli'].filter((each) => each in times)) {
    console.log(`${name} / (grep + start) = ${(median(times[name]) / least).toFixed(2)}`);
  }
} finally {
  rmSync(temporary, { recursive: true, force: true });
}

function unpackCorpus(): string {
  const shared = process.env['HOLDFAST_SHARED'] ?? join(project, '..', 'shared');
  const folder = join(temporary, 'corpus');
  execFileSync('mkdir', [folder]);
  execFileSync('tar', ['-xzf', join(shared, 'corpus', 'manifests.tgz'), '-C', folder]);
  return folder;
}

/** Reading and finding alone, without flags, configuration and report. */
async function bundleRooms(): Promise<string> {
  const entry = join(temporary, 'entry.ts');
  writeFileSync(
    entry,
    `import { readManifests } from ${JSON.stringify(join(project, 'src/source/read-manifests.ts'))};
import { scanManifests } from ${JSON.stringify(join(project, 'src/manifests/index.ts'))};
const reading = await readManifests([process.argv[2]], { cwd: process.cwd() });
console.log(JSON.stringify(scanManifests(reading.files, reading)));
`,
  );
  const build = await rolldown({ input: entry, platform: 'node', logLevel: 'silent' });
  await build.write({ dir: join(temporary, 'rooms'), format: 'esm', entryFileNames: '[name].mjs' });
  return join(temporary, 'rooms', 'entry.mjs');
}

/** Milliseconds of each run. The first round only warms the caches. */
function measure(
  commands: Readonly<Record<string, readonly [string, ...string[]]>>,
  rounds: number,
): Record<string, number[]> {
  const times: Record<string, number[]> = {};
  for (let round = 0; round <= rounds; round++) {
    for (const [name, [program, ...words]] of Object.entries(commands)) {
      const start = performance.now();
      const { error, status } = spawnSync(program, words, { maxBuffer: 1 << 28 });
      if (error) throw error;
      if (status === null || status > 1) throw new Error(`${name} ended with ${status}`);
      if (round > 0) (times[name] ??= []).push(performance.now() - start);
    }
  }
  return times;
}

function median(times: readonly number[] = []): number {
  return times.toSorted((a, b) => a - b)[Math.floor(times.length / 2)] ?? Number.NaN;
}
