import {
  cleanRemoteUrl,
  type GitHubAddress,
  githubAddress,
  parseRemoteUrl,
  type RemoteUrl,
} from '../forge/index.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/** The API of a remote that is known to be GitHub; null for any other. */
export function findGitHub(remote: RemoteUrl, environment: Environment): GitHubAddress | null {
  return githubAddress(remote, null, {
    apiUrl: environment['GITHUB_API_URL'] ?? null,
    serverUrl: environment['GITHUB_SERVER_URL'] ?? null,
  });
}

/**
 * Where a repository is cloned from, without what opens it, and its key: however it is written, one repository of
 * GitHub is one. There an address for ssh becomes one for https, as that is what the token opens.
 */
export function repositoryAddress(
  written: string,
  environment: Environment,
): { readonly url: string; readonly key: string } {
  const url = cleanRemoteUrl(written);
  try {
    const remote = parseRemoteUrl(url);
    const github = findGitHub(remote, environment);
    if (github !== null) {
      const { apiUrl, owner, repository } = github;
      const server =
        apiUrl === 'https://api.github.com' ? 'https://github.com' : environment['GITHUB_SERVER_URL'];
      const isOpened = remote.scheme !== 'ssh' || server === undefined;
      return {
        url: isOpened ? url : `${server.replace(/\/+$/, '')}/${owner}/${repository}.git`,
        key: `${apiUrl} ${owner}/${repository}`.toLowerCase(),
      };
    }
  } catch {
    // What is no address is told where it is opened.
  }
  return { url, key: url.replace(/\/$/, '').replace(/\.git$/, '') };
}
