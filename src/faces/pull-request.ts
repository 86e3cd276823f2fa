import { proposeBackup, type Work } from '../backup/index.ts';
import { HoldfastError } from '../error.ts';
import {
  type CheckoutPlace,
  githubAddress,
  openCheckout,
  openGitHub,
  type ProposeStep,
} from '../forge/index.ts';
import type { Report } from '../report/index.ts';

type Environment = Readonly<Record<string, string | undefined>>;

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
  readonly onStep: (step: ProposeStep) => void;
  readonly onWait: (sentence: string) => void;
}

/** Opens the repository and its forge, does the whole job on the base branch, and proposes it. */
export async function runPullRequest(work: Work, env: Environment, call: PullRequestCall): Promise<Report> {
  const { pullRequest } = work.config;
  const { token, place, githubApi, onWait } = call;
  const checkout = await openCheckout(place, { environment: env, token, base: pullRequest.base });
  try {
    const address = githubAddress(checkout.remote, githubApi, {
      apiUrl: env['GITHUB_API_URL'] ?? null,
      serverUrl: env['GITHUB_SERVER_URL'] ?? null,
    });
    if (address !== null && token === null)
      throw new HoldfastError(
        'usage',
        'Opening a pull request takes a token: set GITHUB_TOKEN to one that may write contents and pull requests.',
      );
    const github = address === null || token === null ? null : openGitHub(address, { token, onWait });
    return await proposeBackup(work, { checkout, github }, { ...pullRequest, ...call });
  } finally {
    await checkout.close();
  }
}
