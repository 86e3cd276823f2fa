import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  bareGit,
  type EmbeddedForge,
  type ForgeAnswer,
  type ForgeCall,
  type ForgeRepository,
  type ForgeUser,
  startForge,
} from '../../src/embedded/forge/index.ts';

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
  /** Answers in place of the forge's own, until it is set to null again. */
  intercept: ((call: ForgeCall) => ForgeAnswer | null) | null;
  /** A call of the REST API with a person's token. */
  asPerson(method: string, path: string, body?: unknown): Promise<unknown>;
  /** git in the bare repository. */
  git(repository: ForgeRepository, args: readonly string[], input?: string): Promise<string>;
  /** Writes to GitHub's API or to git, as `POST /repos/…`. */
  writes(): string[];
}

export async function startTestForge(): Promise<TestForge> {
  const root = await mkdtemp(join(tmpdir(), 'holdfast-forge-'));
  const state: { intercept: TestForge['intercept'] } = { intercept: null };
  const forge = await startForge({
    root,
    environment: process.env,
    users,
    intercept: (call) => state.intercept?.(call) ?? null,
  });
  return Object.assign(forge, {
    root,
    get intercept() {
      return state.intercept;
    },
    set intercept(value) {
      state.intercept = value;
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
  }) as TestForge;
}

export async function stopTestForge(forge: TestForge): Promise<void> {
  await forge.close();
  await rm(forge.root, { recursive: true, force: true });
}
