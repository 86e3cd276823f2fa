import { retry } from '@octokit/plugin-retry';
import { throttling } from '@octokit/plugin-throttling';
import { Octokit } from '@octokit/rest';
import { explainGitHub, explainMoved } from './explain-github.ts';
import type { GitHubAddress } from './github-address.ts';
import { createPace } from './pace.ts';
import { proxyFetch } from './proxy-fetch.ts';

export interface GitHubOptions {
  readonly token: string;
  /** Milliseconds between two writes; GitHub asks for a second (REST best practices). */
  readonly writeInterval?: number;
  /** Milliseconds that one unit of a `Retry-After` or of a back-off takes. */
  readonly retryUnit?: number;
  /** Ends what is being asked. */
  readonly signal?: AbortSignal;
  /** A limit that makes us wait, for people. */
  readonly onWait?: (sentence: string) => void;
}

/** One repository of one GitHub. Every call throws `HoldfastError`, save for those that a caller names by status. */
export interface GitHub {
  readonly address: GitHubAddress;
  readonly rest: Octokit['rest'];
  readonly paginate: Octokit['paginate'];
  /** Owner and name, which most calls take. */
  readonly at: { readonly owner: string; readonly repo: string };
  /** Runs a call and turns its error into a sentence. `doing` completes "GitHub refused to …". */
  ask<T>(doing: string, call: () => Promise<T>): Promise<T>;
  /** Waits between the attempts of something that GitHub has accepted but cannot find yet. */
  settle(attempt: number): Promise<void>;
}

const GitHubClient = Octokit.plugin(throttling, retry);
const mostRetries = 3;
/** Longer than this is for another run; the limit of an hour's calls can be that far away. */
const longestWait = 300;

export function openGitHub(address: GitHubAddress, options: GitHubOptions): GitHub {
  const unit = options.retryUnit ?? 1000;
  const wait = (what: string) => (seconds: number, _: unknown, __: unknown, attempt: number) => {
    const again = attempt < mostRetries && seconds <= longestWait;
    if (again) options.onWait?.(`GitHub's ${what} is used up: going on in ${seconds} s`);
    return again;
  };
  const pace = createPace(options.writeInterval ?? 1000);
  // The plugin's own groups are shared by the whole process and fixed; this has the two methods that it calls.
  const gate = {
    key: () => ({
      schedule: async (_: unknown, next: () => Promise<void>) => {
        await pace();
        return next();
      },
    }),
  };
  const open = { key: () => ({ schedule: (_: unknown, next: () => Promise<void>) => next() }) };
  const client = new GitHubClient({
    auth: options.token,
    baseUrl: address.apiUrl,
    userAgent: 'holdfast',
    log: { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} },
    // A redirect would carry the token to another repository, or turn a write into a read.
    request: { fetch: proxyFetch, redirect: 'manual', ...(options.signal && { signal: options.signal }) },
    retry: { retryAfterBaseValue: unit, retries: mostRetries },
    throttle: {
      write: gate as never,
      notifications: open as never,
      retryAfterBaseValue: unit,
      fallbackSecondaryRateRetryAfter: 60,
      onRateLimit: wait('limit of calls'),
      onSecondaryRateLimit: wait('secondary rate limit'),
    },
  });
  client.hook.after('request', (response) => {
    if (response.status >= 300 && response.status < 304) throw explainMoved(address);
  });
  return {
    address,
    rest: client.rest,
    paginate: client.paginate,
    at: { owner: address.owner, repo: address.repository },
    async ask(doing, call) {
      try {
        return await call();
      } catch (error) {
        throw explainGitHub(error, doing, address);
      }
    },
    settle: (attempt) => new Promise((resolve) => setTimeout(resolve, attempt * unit)),
  };
}
