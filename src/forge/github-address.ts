import { HoldfastError } from '../error.ts';
import type { GitAccess } from './git.ts';
import { parseRemoteUrl, type RemoteUrl } from './remote-url.ts';

/** A repository on GitHub or a GitHub Enterprise Server. */
export interface GitHubAddress {
  readonly apiUrl: string;
  readonly owner: string;
  readonly repository: string;
}

/** `GITHUB_API_URL` and `GITHUB_SERVER_URL`, which count for that server alone. */
interface GitHubServer {
  readonly apiUrl: string | null;
  readonly serverUrl: string | null;
}

export function githubServer(environment: GitAccess['environment']): GitHubServer {
  return {
    apiUrl: environment['GITHUB_API_URL'] ?? null,
    serverUrl: environment['GITHUB_SERVER_URL'] ?? null,
  };
}

/**
 * Where the API for a git remote is; null when the remote is no GitHub. `apiUrl`: what the user named, which counts
 * for any host. Another port of GitHub's host is another server.
 */
export function githubAddress(
  remote: RemoteUrl,
  apiUrl: string | null,
  actions: GitHubServer,
): GitHubAddress | null {
  const api =
    apiUrl ??
    (actions.apiUrl && isAt(remote, actions.serverUrl) ? actions.apiUrl : null) ??
    (isAt(remote, gitHub) ? 'https://api.github.com' : null);
  if (api === null) return null;
  const [repository, owner] = remote.path.split('/').toReversed();
  if (!owner || !repository)
    throw new HoldfastError('usage', `${remote.url} does not name a repository as owner/name.`);
  return { apiUrl: api.replace(/\/+$/, ''), owner, repository };
}

/**
 * The same repository where a token may be sent: at GitHub's own scheme, host and port, whatever was written. Null
 * where that is not known; a server whose API alone was named has it at the API's origin, or on another host by a
 * scheme that hides no less.
 */
export function githubRemote(
  remote: RemoteUrl,
  apiUrl: string | null,
  actions: GitHubServer,
): RemoteUrl | null {
  const server = [actions.serverUrl, gitHub, apiUrl].find((url) => isAt(remote, url));
  if (server) return parseRemoteUrl(`${new URL(server).origin}/${remote.path}.git`);
  if (apiUrl === null || !URL.canParse(apiUrl) || (remote.scheme !== 'https' && remote.scheme !== 'http'))
    return null;
  const { protocol, hostname } = new URL(apiUrl);
  return protocol === `${remote.scheme}:` && hostname !== new URL(remote.url).hostname ? remote : null;
}

/** Git sends a token to just this scheme, host and port. */
export function takesToken(remote: RemoteUrl, apiUrl: string | null, actions: GitHubServer): boolean {
  const at = githubRemote(remote, apiUrl, actions);
  return at !== null && at.scheme === remote.scheme && at.host === remote.host;
}

const gitHub = 'https://github.com';

/** An address for ssh has a port of its own; any other has the server's. An empty variable counts as not set. */
function isAt({ scheme, host }: RemoteUrl, server: string | null): boolean {
  if (scheme === 'file' || !URL.canParse(server ?? '')) return false;
  const url = new URL(server ?? '');
  const bare = host.replace(/^(?:ssh|www)\./i, '').toLowerCase();
  return scheme === 'ssh' ? bare.replace(/:\d+$/, '') === url.hostname : bare === url.host;
}
