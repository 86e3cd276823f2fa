import type { Environment } from '../config/index.ts';
import {
  cleanRemoteUrl,
  type GitHubAddress,
  githubAddress,
  githubRemote,
  githubServer,
  parseRemoteUrl,
  type RemoteUrl,
  takesToken,
} from '../forge/index.ts';

/** The API of a remote that is known to be GitHub, and is where a token may be sent; null for any other. */
export function findGitHub(remote: RemoteUrl, environment: Environment): GitHubAddress | null {
  const actions = githubServer(environment);
  return takesToken(remote, null, actions) ? githubAddress(remote, null, actions) : null;
}

/**
 * Where a repository is cloned from, without what opens it, and its key: however it is written, one repository of
 * GitHub is one, at the server's own address. Any Application can name an address; the token goes to no other.
 */
export function repositoryAddress(
  written: string,
  environment: Environment,
): { readonly url: string; readonly key: string } {
  const url = cleanRemoteUrl(written);
  try {
    const own = githubRemote(parseRemoteUrl(url), null, githubServer(environment));
    if (own !== null) return { url: own.url, key: own.url.toLowerCase() };
  } catch {
    // What is no address is told where it is opened.
  }
  return { url, key: url.replace(/\/$/, '').replace(/\.git$/, '') };
}
