import { mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'vitest';
import {
  bareGit,
  type EmbeddedForge,
  type ForgeAnswer,
  type ForgeCall,
  type ForgeRepository,
  type ForgeUser,
  startForge,
} from '../../src/embedded/forge/index.ts';
import { findContractBreaches } from './github-contract.ts';
import { memoryFolder } from './memory-folder.ts';

const all = { contents: 'write', pullRequests: 'write', issues: 'write', checks: 'write' } as const;

/** Long and telling, so that a leak of one is found by a search. */
export const tokens = {
  bot: 'ghs_BotTokenThatMustNeverLeak0123456789',
  reader: 'ghs_ReaderTokenThatMustNeverLeak012345',
  person: 'ghp_PersonTokenThatMustNeverLeak012345',
  gitOnly: 'ghs_GitOnlyTokenThatMustNeverLeak01234',
  actions: 'ghs_ActionsTokenThatMustNeverLeak01234',
  expired: 'ghs_ExpiredTokenThatMustNeverLeak01234',
} as const;

const users: Record<string, ForgeUser> = {
  [tokens.bot]: { login: 'github-actions[bot]', type: 'Bot', ...all, mayCreatePulls: true },
  [tokens.actions]: { login: 'github-actions[bot]', type: 'Bot', ...all, mayCreatePulls: false },
  [tokens.person]: { login: 'jane', type: 'User', ...all, mayCreatePulls: true },
  [tokens.gitOnly]: {
    login: 'github-actions[bot]',
    type: 'Bot',
    ...all,
    pullRequests: 'read',
    mayCreatePulls: true,
  },
  [tokens.reader]: {
    login: 'github-actions[bot]',
    type: 'Bot',
    contents: 'read',
    pullRequests: 'read',
    issues: 'read',
    checks: 'read',
    mayCreatePulls: true,
  },
};

export interface TestForge extends EmbeddedForge {
  readonly root: string;
  /** What was not as GitHub's OpenAPI description says. */
  readonly breaches: readonly string[];
  /** Answers in place of the forge's own, until it is called with null. */
  intercept(answer: ((call: ForgeCall) => ForgeAnswer | null) | null): void;
  /** A call of the REST API with a person's token. */
  asPerson(method: string, path: string, body?: unknown): Promise<unknown>;
  /** git in the bare repository. */
  git(repository: ForgeRepository, args: readonly string[], input?: string): Promise<string>;
  /** Writes to GitHub's API or to git, as `POST /repos/…`. */
  writes(): string[];
}

export async function startTestForge(): Promise<TestForge> {
  const root = await mkdtemp(join(memoryFolder, 'holdfast-forge-'));
  let instead: Parameters<TestForge['intercept']>[0] = null;
  const breaches: string[] = [];
  const forge = await startForge({
    root,
    environment: process.env,
    users,
    intercept: (call) => instead?.(call) ?? null,
    onRequest(request) {
      if (request.kind === 'api') breaches.push(...findContractBreaches(request));
    },
  });
  return Object.assign(forge, {
    root,
    breaches,
    intercept(answer: typeof instead) {
      instead = answer;
    },
    async asPerson(method: string, path: string, body?: unknown) {
      const answer = await fetch(`${forge.apiUrl}${path}`, {
        method,
        headers: { authorization: `token ${tokens.person}` },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
      if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${await answer.text()}`);
      return answer.status === 204 ? null : answer.json();
    },
    git: (repository: ForgeRepository, args: readonly string[], input?: string) =>
      bareGit(repository.folder, process.env, args, input === undefined ? {} : { input }),
    writes: () =>
      forge.requests
        .filter(({ kind, method, path }) =>
          kind === 'api' ? method !== 'GET' : path.endsWith('/git-receive-pack'),
        )
        .map(({ method, path }) => `${method} ${path}`),
  });
}

/** Every exchange since the forge started must be as GitHub describes its API. */
export async function stopTestForge(forge: TestForge): Promise<void> {
  await forge.close();
  await rm(forge.root, { recursive: true, force: true });
  expect(forge.breaches).toEqual([]);
}
