import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { proposeBackup, type Work } from '../backup/index.ts';
import { configFileNames, restrictToRepository } from '../config/index.ts';
import { HoldfastError } from '../error.ts';
import {
  type Checkout,
  type GitHubAddress,
  type GitHubOptions,
  githubAddress,
  openCheckout,
  openGitHub,
  parseRemoteUrl,
} from '../forge/index.ts';
import type { Report } from '../report/index.ts';

/** How the daemon gets to repositories and their forge. */
export interface ForgeAccess {
  /** Of the face: git needs PATH and HOME, and finds its own credentials for forges that are no GitHub there. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Null when there are no credentials for GitHub. */
  readonly findToken: ((address: GitHubAddress) => Promise<string>) | null;
  /** A folder for clones that are kept; null: each is made anew. */
  readonly cache: string | null;
  /** Milliseconds for one repository; half an hour when absent. */
  readonly limit?: number;
  readonly github?: Omit<GitHubOptions, 'token'>;
}

export interface ProposalTarget {
  readonly url: string;
  /** Null: the default branch. */
  readonly branch: string | null;
}

/** Runs what `holdfast pr` runs on a clone of a repository. Its own file may narrow the work, never widen it. */
export async function proposeInto(target: ProposalTarget, work: Work, access: ForgeAccess): Promise<Report> {
  const { environment, cache, findToken } = access;
  const signal = work.signal === undefined ? {} : { signal: work.signal };
  const address = githubAddress(parseRemoteUrl(target.url), null, {
    apiUrl: environment['GITHUB_API_URL'] ?? null,
    serverUrl: environment['GITHUB_SERVER_URL'] ?? null,
  });
  if (address !== null && findToken === null)
    throw new HoldfastError(
      'config',
      'Proposing to GitHub takes GITHUB_TOKEN, or GITHUB_APP_ID and GITHUB_APP_PRIVATE_KEY: set them, or use the mode archive.',
    );
  // Only what is known to be GitHub is sent the token: any Application can name any host.
  const token = address === null || findToken === null ? null : await findToken(address);
  const name = createHash('sha256').update(target.url).digest('hex').slice(0, 16);
  const checkout = await openCheckout(
    { clone: target.url, ...(cache === null ? {} : { cache: join(cache, name) }) },
    { environment, token, base: target.branch, ...signal },
  );
  try {
    const config = await restrict(work, checkout);
    const github =
      address === null || token === null ? null : openGitHub(address, { ...access.github, ...signal, token });
    return await proposeBackup(
      { ...work, config },
      { checkout, github },
      { ...config.pullRequest, commitVia: 'git', dryRun: false },
    );
  } finally {
    await checkout.close();
  }
}

async function restrict(work: Work, checkout: Checkout): Promise<Work['config']> {
  for (const path of configFileNames) {
    const bytes = await checkout.readAt(checkout.base.commit, path);
    if (bytes !== null)
      return restrictToRepository(work.config, { path, text: bytes.toString('utf8') }).config;
  }
  return work.config;
}
