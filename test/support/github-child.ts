/**
 * A run in a process of its own, for tests that kill it or look at it from outside. What to do comes as JSON in argv,
 * the token in the environment.
 */
import { githubAddress, openCheckout, openGitHub, propose } from '../../src/forge/index.ts';
import { type SampleMove, sampleChangeSet } from './git-change-set.ts';
import { plainOptions } from './github-options.ts';

export interface ChildTask {
  readonly folder: string;
  readonly apiUrl: string;
  readonly moves: readonly SampleMove[];
  readonly labels: readonly string[];
  readonly commitVia: 'git' | 'api';
  /** The kind of step before which the process kills itself with SIGKILL. */
  readonly killBefore: string | null;
}

const task = JSON.parse(process.argv[2] ?? '') as ChildTask;
const token = process.env['GITHUB_TOKEN'] ?? '';
const checkout = await openCheckout({ folder: task.folder }, { environment: process.env, token, base: null });
const address = githubAddress(checkout.remote, task.apiUrl, { apiUrl: null, serverUrl: null });
const proposal = await propose(
  sampleChangeSet(task.moves),
  { checkout, github: address && openGitHub(address, { token, writeInterval: 0, retryUnit: 1 }) },
  {
    ...plainOptions,
    labels: task.labels,
    commitVia: task.commitVia,
    onStep({ kind, sentence }) {
      if (kind === task.killBefore) process.kill(process.pid, 'SIGKILL');
      process.stderr.write(`${sentence}\n`);
    },
  },
);
process.stdout.write(`${JSON.stringify(proposal)}\n`);
