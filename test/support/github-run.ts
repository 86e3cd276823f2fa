import { fileURLToPath } from 'node:url';
import {
  githubAddress,
  openCheckout,
  openGitHub,
  type Proposal,
  type ProposeOptions,
  propose,
} from '../../src/forge/index.ts';
import type { ChangeSet } from '../../src/plan/index.ts';
import { bundleProgram } from './bundle-program.ts';
import { type TestForge, tokens } from './github.ts';
import type { ChildTask } from './github-child.ts';
import { plainOptions } from './github-options.ts';
import { startNode } from './start-node.ts';

export interface Run {
  readonly folder: string;
  readonly changeSet: ChangeSet;
  readonly token?: string;
  readonly base?: string;
  readonly options?: Partial<ProposeOptions>;
  readonly group?: string;
}

/** One run as a face makes it: checkout, client, proposal. Waits of seconds are made as short as can be. */
export async function runPropose(forge: TestForge, run: Run): Promise<Proposal> {
  const token = run.token ?? tokens.bot;
  const checkout = await openCheckout(
    { folder: run.folder },
    { environment: process.env, token, base: run.base ?? null },
  );
  try {
    const actions = { apiUrl: null, serverUrl: null };
    const address = githubAddress(checkout.remote, forge.apiUrl, actions);
    const github = address && openGitHub(address, { token, writeInterval: 0, retryUnit: 1 });
    return await propose(run.changeSet, { checkout, github }, { ...plainOptions, ...run.options }, run.group);
  } finally {
    await checkout.close();
  }
}

/** `github-child.ts`, for `runInChild`; it goes with the forge. */
export function bundleChild(forge: TestForge): Promise<string> {
  return bundleProgram(fileURLToPath(new URL('github-child.ts', import.meta.url)), forge.root);
}

/** The same in a process of its own; resolves when it has ended, also when it was killed. */
export async function runInChild(
  program: string,
  task: ChildTask,
  token: string,
  environment: Readonly<Record<string, string>> = {},
): Promise<{ readonly signal: string | null; readonly code: number | null; readonly output: string }> {
  const { code, signal, stdout, stderr } = await startNode([program, JSON.stringify(task)], {
    env: { ...process.env, ...environment, GITHUB_TOKEN: token },
  }).ended;
  return { code, signal, output: stdout + stderr };
}
