/** `holdfast pr` in a process of its own, which kills itself at one point of the way. */
import process from 'node:process';
import { proposeBackup } from '../../src/backup/index.ts';
import { loadConfig } from '../../src/config/index.ts';
import { githubAddress, openCheckout, openGitHub } from '../../src/forge/index.ts';
import { openRegistries } from '../../src/registry/index.ts';

export interface PullRequestTask {
  readonly folder: string;
  readonly apiUrl: string;
  readonly upstream: string;
  readonly backup: string;
  /** `copied 1`, `push 1`: the n-th time that this happens. */
  readonly killAt: string;
}

const task = JSON.parse(process.argv[2] ?? '') as PullRequestTask;
const token = process.env['GITHUB_TOKEN'] ?? '';
const seen = new Map<string, number>();
const happens = (what: string): void => {
  seen.set(what, (seen.get(what) ?? 0) + 1);
  if (task.killAt === `${what} ${seen.get(what)}`) process.kill(process.pid, 'SIGKILL');
};

const config = await loadConfig({
  flags: [{ from: 'the test', key: 'backup', value: 'backup.test/mirror' }],
  env: {},
  file: null,
});
const registries = openRegistries({
  settings: { 'docker.io': { endpoint: task.upstream }, 'backup.test': { endpoint: task.backup } },
});
const checkout = await openCheckout({ folder: task.folder }, { environment: process.env, token, base: null });
const address = githubAddress(checkout.remote, task.apiUrl, { apiUrl: null, serverUrl: null });
const github = address && openGitHub(address, { token, writeInterval: 0, retryUnit: 1 });
await proposeBackup(
  {
    config,
    paths: [],
    cwd: task.folder,
    registries,
    onEvent: (event) => happens(event.kind === 'finished' ? event.outcome.status : event.kind),
  },
  { checkout, github },
  {
    ...config.pullRequest,
    commitVia: 'git',
    dryRun: false,
    onStep: ({ kind }) => happens(kind),
  },
);
registries.close();
