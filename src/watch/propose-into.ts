import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { proposeBackup, type Work } from '../backup/index.ts';
import {
  type Environment,
  findRepositoryFile,
  type RepositoryConfig,
  restrictToRepository,
} from '../config/index.ts';
import { HoldfastError } from '../error.ts';
import {
  type Checkout,
  type GitHubAddress,
  type GitHubOptions,
  openCheckout,
  openGitHub,
  parseRemoteUrl,
  type RemoteBranches,
  readBranches,
} from '../forge/index.ts';
import type { Report } from '../report/index.ts';
import { findGitHub } from './repository-address.ts';

/** How the daemon gets to repositories and their forge. */
export interface ForgeAccess {
  /** Of the face: git needs PATH and HOME, and finds its own credentials for forges that are no GitHub there. */
  readonly environment: Environment;
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

/** Runs what `holdfast pr` runs on a clone of a repository. `ignored`: keys of its own file that do not count. */
export async function proposeInto(
  target: ProposalTarget,
  work: Work,
  access: ForgeAccess,
): Promise<{ readonly report: Report; readonly ignored: readonly string[] }> {
  const { environment, cache } = access;
  const signal = work.signal === undefined ? {} : { signal: work.signal };
  const { address, token } = await logIn(target.url, access);
  const name = createHash('sha256').update(target.url).digest('hex').slice(0, 16);
  const checkout = await openCheckout(
    { clone: target.url, ...(cache === null ? {} : { cache: join(cache, name) }) },
    { environment, token, base: target.branch, ...signal },
  );
  try {
    const { config, ignored } = await restrict(work, checkout);
    const github =
      address === null || token === null ? null : openGitHub(address, { ...access.github, ...signal, token });
    const report = await proposeBackup(
      { ...work, config },
      { checkout, github },
      { ...config.pullRequest, commitVia: 'git', dryRun: false },
    );
    return { report, ignored };
  } finally {
    await checkout.close();
  }
}

/** Which branches there are at an address. */
export async function askBranches(
  url: string,
  access: ForgeAccess,
  signal: AbortSignal,
): Promise<RemoteBranches> {
  const { token } = await logIn(url, access);
  return readBranches(url, { environment: access.environment, token, signal });
}

/** Only what is known to be GitHub is sent the token: any Application can name any host. */
async function logIn(
  url: string,
  { environment, findToken }: ForgeAccess,
): Promise<{ readonly address: GitHubAddress | null; readonly token: string | null }> {
  const address = findGitHub(parseRemoteUrl(url), environment);
  if (address === null) return { address, token: null };
  if (findToken === null)
    throw new HoldfastError(
      'config',
      'Proposing to GitHub takes GITHUB_TOKEN, or GITHUB_APP_ID and GITHUB_APP_PRIVATE_KEY: set them, or use the mode archive.',
    );
  return { address, token: await findToken(address) };
}

async function restrict(work: Work, checkout: Checkout): Promise<RepositoryConfig> {
  const file = await findRepositoryFile((path) => checkout.readAt(checkout.base.commit, path));
  if (file === null) return { config: work.config, ignored: [], conflicts: [] };
  const restricted = restrictToRepository(work.config, file);
  const { conflicts } = restricted;
  if (conflicts.length === 0) return restricted;
  throw new HoldfastError(
    'config',
    `${file.path} of the repository says another ${conflicts.join(', ')} than the daemon's configuration. ` +
      "Runs by that file and the daemon would rewrite each other's request: give both the same, or take it out of the file.",
  );
}
