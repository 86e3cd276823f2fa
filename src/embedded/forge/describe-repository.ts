import type { ForgeRepository, ForgeUser } from './types.ts';

/** GitHub's JSON has an address for everything; these are the templates. */
export function describeUser(url: string, user: Pick<ForgeUser, 'login' | 'type'>): object {
  const api = `${url}/api/v3/users/${encodeURIComponent(user.login)}`;
  return {
    login: user.login,
    id: idOf(user.login),
    node_id: `U_${idOf(user.login)}`,
    avatar_url: `${url}/avatars/${encodeURIComponent(user.login)}`,
    gravatar_id: '',
    url: api,
    html_url: `${url}/${encodeURIComponent(user.login)}`,
    followers_url: `${api}/followers`,
    following_url: `${api}/following{/other_user}`,
    gists_url: `${api}/gists{/gist_id}`,
    starred_url: `${api}/starred{/owner}{/repo}`,
    subscriptions_url: `${api}/subscriptions`,
    organizations_url: `${api}/orgs`,
    repos_url: `${api}/repos`,
    events_url: `${api}/events{/privacy}`,
    received_events_url: `${api}/received_events`,
    type: user.type,
    site_admin: false,
  };
}

export function describePerson(url: string, login: string): object {
  return describeUser(url, { login, type: 'User' });
}

const addresses = {
  archive_url: '/{archive_format}{/ref}',
  assignees_url: '/assignees{/user}',
  blobs_url: '/git/blobs{/sha}',
  branches_url: '/branches{/branch}',
  collaborators_url: '/collaborators{/collaborator}',
  comments_url: '/comments{/number}',
  commits_url: '/commits{/sha}',
  compare_url: '/compare/{base}...{head}',
  contents_url: '/contents/{+path}',
  contributors_url: '/contributors',
  deployments_url: '/deployments',
  downloads_url: '/downloads',
  events_url: '/events',
  forks_url: '/forks',
  git_commits_url: '/git/commits{/sha}',
  git_refs_url: '/git/refs{/sha}',
  git_tags_url: '/git/tags{/sha}',
  hooks_url: '/hooks',
  issue_comment_url: '/issues/comments{/number}',
  issue_events_url: '/issues/events{/number}',
  issues_url: '/issues{/number}',
  keys_url: '/keys{/key_id}',
  labels_url: '/labels{/name}',
  languages_url: '/languages',
  merges_url: '/merges',
  milestones_url: '/milestones{/number}',
  notifications_url: '/notifications{?since,all,participating}',
  pulls_url: '/pulls{/number}',
  releases_url: '/releases{/id}',
  stargazers_url: '/stargazers',
  statuses_url: '/statuses/{sha}',
  subscribers_url: '/subscribers',
  subscription_url: '/subscription',
  tags_url: '/tags',
  teams_url: '/teams',
  trees_url: '/git/trees{/sha}',
} as const;

export function describeRepository(url: string, repository: ForgeRepository, whole = false): object {
  const name = `${repository.owner}/${repository.name}`;
  const api = `${url}/api/v3/repos/${name}`;
  const born = '2026-01-01T00:00:00Z';
  return {
    id: repository.id,
    node_id: `R_${repository.id}`,
    name: repository.name,
    full_name: name,
    owner: describeUser(url, { login: repository.owner, type: 'User' }),
    private: true,
    html_url: `${url}/${name}`,
    description: null,
    fork: false,
    url: api,
    ...Object.fromEntries(Object.entries(addresses).map(([key, path]) => [key, `${api}${path}`])),
    clone_url: `${url}/${name}.git`,
    git_url: `${url}/${name}.git`,
    ssh_url: `git@localhost:${name}.git`,
    svn_url: `${url}/${name}`,
    mirror_url: null,
    homepage: null,
    language: null,
    default_branch: repository.defaultBranch,
    archived: repository.archived,
    disabled: false,
    has_issues: true,
    has_projects: true,
    has_downloads: true,
    has_wiki: true,
    has_pages: false,
    has_discussions: false,
    forks: 0,
    forks_count: 0,
    open_issues: 0,
    open_issues_count: 0,
    stargazers_count: 0,
    watchers: 0,
    watchers_count: 0,
    size: 1,
    license: null,
    pushed_at: born,
    created_at: born,
    updated_at: born,
    ...(whole && { network_count: 0, subscribers_count: 0 }),
  };
}

/** The same number for the same name: nothing here is drawn at random. */
export function idOf(text: string): number {
  let id = 7;
  for (const character of text) id = (id * 31 + (character.codePointAt(0) ?? 0)) % 1_000_000_007;
  return id;
}
