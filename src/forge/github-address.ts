import { HoldfastError } from '../error.ts';
import type { RemoteUrl } from './remote-url.ts';

/** A repository on GitHub or a GitHub Enterprise Server. */
export interface GitHubAddress {
  readonly apiUrl: string;
  readonly owner: string;
  readonly repository: string;
}

/**
 * Where the API for a git remote is; null when the remote is no GitHub. `apiUrl`: what the user named, which counts
 * for any host. `actions`: `GITHUB_API_URL` and `GITHUB_SERVER_URL`, which count for that server's host alone.
 */
export function githubAddress(
  remote: RemoteUrl,
  apiUrl: string | null,
  actions: { readonly apiUrl: string | null; readonly serverUrl: string | null },
): GitHubAddress | null {
  const host = remote.host
    .replace(/:\d+$/, '')
    .replace(/^(?:ssh|www)\./, '')
    .toLowerCase();
  // An empty variable counts as not set.
  const server = URL.canParse(actions.serverUrl ?? '') ? new URL(actions.serverUrl ?? '').hostname : null;
  const api =
    apiUrl ??
    (actions.apiUrl && server === host && remote.scheme !== 'file' ? actions.apiUrl : null) ??
    (host === 'github.com' ? 'https://api.github.com' : null);
  if (api === null) return null;
  const [repository, owner] = remote.path.split('/').toReversed();
  if (!owner || !repository)
    throw new HoldfastError('usage', `${remote.url} does not name a repository as owner/name.`);
  return { apiUrl: api.replace(/\/+$/, ''), owner, repository };
}
