import { HoldfastError } from '../error.ts';
import type { GitHubAddress } from './github-address.ts';

/** What an error of Octokit says, without assuming its class: two copies of the package may be about. */
export interface Refusal {
  readonly status: number;
  /** GitHub's own words, those of its `errors` included. */
  readonly said: string;
}

/** Null for anything that is no answer of GitHub. */
export function readRefusal(error: unknown): Refusal | null {
  if (!(error instanceof Error) || !('status' in error) || typeof error.status !== 'number') return null;
  return { status: error.status, said: error.message };
}

/** One sentence that names the cure. `doing` completes "GitHub refused to …". */
export function explainGitHub(error: unknown, doing: string, address: GitHubAddress): HoldfastError {
  if (error instanceof HoldfastError) return error;
  const refusal = readRefusal(error);
  const where = `${address.owner}/${address.repository}`;
  const cause = new Error(refusal?.said ?? 'no answer');
  const fail = (code: HoldfastError['code'], sentence: string) =>
    new HoldfastError(code, sentence, { cause });
  if (refusal === null || refusal.status >= 500)
    return fail(
      'environment',
      `GitHub cannot be reached at ${address.apiUrl}, or is down: run it again when it answers.`,
    );
  if (refusal.status === 401)
    return fail('access', 'GitHub does not accept the token: it may be expired or revoked. Make a new one.');
  if (/archived/i.test(refusal.said))
    return fail(
      'access',
      `${where} is archived and takes no changes: unarchive it, or take it out of the configuration.`,
    );
  if (refusal.status === 429 || /rate limit/i.test(refusal.said))
    return fail('environment', "GitHub's limit of calls for this token is used up: run it again in an hour.");
  if (/rule violations|protected branch/i.test(refusal.said))
    return fail(
      'access',
      `${where} protects the branch: take holdfast/** out of the rule, or let the bot push there.`,
    );
  if (refusal.status === 403)
    return fail(
      'access',
      `The token is not allowed to ${doing} in ${where}: give it ${
        doing.startsWith('comment')
          ? 'the permission pull-requests: write'
          : 'the permissions contents: write and pull-requests: write'
      }.`,
    );
  if (refusal.status === 404 || refusal.status === 410)
    return fail(
      'access',
      `${where} is not on GitHub, or this token may not ${doing} there: check the name and the token.`,
    );
  return fail('environment', `GitHub refused to ${doing} in ${where}: ${oneLine(refusal.said)}.`);
}

/** `to`: the new `owner/name`, where GitHub says it. */
export function explainMoved(address: GitHubAddress, to: string | null = null): HoldfastError {
  const from = `${address.owner}/${address.repository}`;
  return new HoldfastError(
    'access',
    `${from} has moved${to === null ? '' : ` to ${to}`}: set the remote to its new address.`,
  );
}

function oneLine(text: string): string {
  return text.split(' - https://')[0]?.replace(/\s+/g, ' ').replace(/\.$/, '').slice(0, 300) ?? '';
}
