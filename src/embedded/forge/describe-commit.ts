import { describePerson } from './describe-repository.ts';
import type { Room } from './room.ts';

interface Parsed {
  readonly tree: string;
  readonly parents: readonly string[];
  readonly author: { readonly name: string; readonly email: string; readonly date: string };
  readonly committer: { readonly name: string; readonly email: string; readonly date: string };
  readonly message: string;
  readonly signed: boolean;
}

async function parse(room: Room, sha: string): Promise<Parsed> {
  const raw = await room.git(['cat-file', 'commit', sha]);
  const end = raw.indexOf('\n\n');
  const head = raw.slice(0, end);
  const person = (role: string) => {
    const match = new RegExp(`^${role} (.*) <(.*)> (\\d+) `, 'm').exec(head);
    const date = new Date(Number(match?.[3] ?? 0) * 1000).toISOString();
    return { name: match?.[1] ?? '', email: match?.[2] ?? '', date };
  };
  return {
    tree: /^tree (\w+)$/m.exec(head)?.[1] ?? '',
    parents: [...head.matchAll(/^parent (\w+)$/gm)].map((match) => match[1] ?? ''),
    author: person('author'),
    committer: person('committer'),
    message: raw.slice(end + 2),
    signed: person('committer').email === 'noreply@github.com',
  };
}

function verification(signed: boolean): object {
  return {
    verified: signed,
    reason: signed ? 'valid' : 'unsigned',
    signature: signed ? '-----BEGIN PGP SIGNATURE-----' : null,
    payload: signed ? 'tree' : null,
    verified_at: signed ? '2026-01-01T00:00:00Z' : null,
  };
}

function apiOf({ url, repository }: Room): string {
  return `${url}/api/v3/repos/${repository.owner}/${repository.name}`;
}

/** Schema `git-commit`. */
export async function describeGitCommit(room: Room, sha: string): Promise<object> {
  const commit = await parse(room, sha);
  const api = apiOf(room);
  const web = `${room.url}/${room.repository.owner}/${room.repository.name}/commit`;
  return {
    sha,
    node_id: `C_${sha}`,
    url: `${api}/git/commits/${sha}`,
    html_url: `${web}/${sha}`,
    author: commit.author,
    committer: commit.committer,
    tree: { sha: commit.tree, url: `${api}/git/trees/${commit.tree}` },
    message: commit.message,
    parents: commit.parents.map((parent) => ({
      sha: parent,
      url: `${api}/git/commits/${parent}`,
      html_url: `${web}/${parent}`,
    })),
    verification: verification(commit.signed),
  };
}

/** Schema `commit`. */
export async function describeCommit(room: Room, sha: string): Promise<object> {
  const commit = await parse(room, sha);
  const api = apiOf(room);
  const web = `${room.url}/${room.repository.owner}/${room.repository.name}/commit`;
  return {
    url: `${api}/commits/${sha}`,
    sha,
    node_id: `C_${sha}`,
    html_url: `${web}/${sha}`,
    comments_url: `${api}/commits/${sha}/comments`,
    commit: {
      url: `${api}/git/commits/${sha}`,
      author: commit.author,
      committer: commit.committer,
      message: commit.message,
      comment_count: 0,
      tree: { sha: commit.tree, url: `${api}/git/trees/${commit.tree}` },
      verification: verification(commit.signed),
    },
    author: describePerson(room.url, commit.author.name),
    committer: describePerson(room.url, commit.committer.name),
    parents: commit.parents.map((parent) => ({
      sha: parent,
      url: `${api}/commits/${parent}`,
      html_url: `${web}/${parent}`,
    })),
  };
}
