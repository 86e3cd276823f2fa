import { proposeBackup, type Work } from '../backup/index.ts';
import {
  type Config,
  type Environment,
  findRepositoryFile,
  restrictToRepository,
  type SettingKey,
} from '../config/index.ts';
import { HoldfastError } from '../error.ts';
import {
  type Checkout,
  type CheckoutPlace,
  githubAddress,
  githubServer,
  openCheckout,
  openGitHub,
  type ProposeStep,
  type RemoteUrl,
  takesToken,
} from '../forge/index.ts';
import type { Report } from '../report/index.ts';

/** What a face asks of a pull request beyond the configuration. */
export interface PullRequestCall {
  readonly place: CheckoutPlace;
  /** Never from a flag: `GITHUB_TOKEN`, or the Action's input. */
  readonly token: string | null;
  /** Base URL of a GitHub Enterprise Server's API; null: told by the environment of Actions, else github.com. */
  readonly githubApi: string | null;
  readonly commitVia: 'git' | 'api';
  readonly recreateClosed: 'auto' | 'always' | 'never';
  readonly dryRun: boolean;
  /** Keys that the call itself sets, and no file of a clone. */
  readonly named?: readonly SettingKey[];
  readonly onStep: (step: ProposeStep) => void;
  readonly onWait: (sentence: string) => void;
}

/** Opens the repository and its forge, does the whole job on the base branch, and proposes it. */
export async function runPullRequest(work: Work, env: Environment, call: PullRequestCall): Promise<Report> {
  const { token, place, githubApi, onWait } = call;
  const actions = githubServer(env);
  const findAddress = (remote: RemoteUrl) => githubAddress(remote, githubApi, actions);
  const checkout = await openCheckout(place, {
    environment: env,
    token,
    // A token of GitHub is nothing that another host may see.
    takesToken: (remote) => takesToken(remote, githubApi, actions),
    base: work.config.pullRequest.base,
  });
  try {
    const address = findAddress(checkout.remote);
    if (address !== null && token === null)
      throw new HoldfastError(
        'usage',
        'Opening a pull request takes a token: set GITHUB_TOKEN to one that may write contents and pull requests.',
      );
    const github = address === null || token === null ? null : openGitHub(address, { token, onWait });
    const config = 'clone' in place ? await restrict(work.config, checkout, call.named) : work.config;
    return await proposeBackup({ ...work, config }, { checkout, github }, { ...config.pullRequest, ...call });
  } finally {
    await checkout.close();
  }
}

/** The file of a cloned repository may narrow the work, never widen it, and what the call names itself counts. */
async function restrict(
  config: Config,
  checkout: Checkout,
  named: readonly SettingKey[] = [],
): Promise<Config> {
  const file = await findRepositoryFile((path) => checkout.readAt(checkout.base.commit, path));
  if (file === null) return config;
  const narrowed = restrictToRepository(config, file).config;
  const isNamed = (key: string): boolean => named.some((name) => name === `pullRequest.${key}`);
  const own = Object.entries(config.pullRequest).filter(([key]) => isNamed(key));
  return {
    ...narrowed,
    paths: named.includes('paths') ? config.paths : narrowed.paths,
    pullRequest: { ...narrowed.pullRequest, ...Object.fromEntries(own) },
  };
}
