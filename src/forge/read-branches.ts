import { tmpdir } from 'node:os';
import { type GitAccess, openGit } from './git.ts';
import { parseRemoteUrl } from './remote-url.ts';

/** What a remote has; `head` is its default branch, null where it has none. */
export interface RemoteBranches {
  readonly head: string | null;
  readonly branches: ReadonlySet<string>;
}

/** Asks a remote for its branches, without a clone. Throws `HoldfastError` when that cannot be. */
export async function readBranches(url: string, access: GitAccess): Promise<RemoteBranches> {
  const remote = parseRemoteUrl(url);
  const git = openGit(tmpdir(), access, remote);
  const listed = await git.run(['ls-remote', '--symref', '--', remote.url, 'HEAD', 'refs/heads/*']);
  return {
    head: /^ref: refs\/heads\/(\S+)\tHEAD$/m.exec(listed)?.[1] ?? null,
    branches: new Set([...listed.matchAll(/\trefs\/heads\/(.+)$/gm)].map((match) => match[1] ?? '')),
  };
}
