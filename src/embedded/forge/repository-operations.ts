import { describeCommit } from './describe-commit.ts';
import { describePerson, describeRepository } from './describe-repository.ts';
import { notFound } from './refusals.ts';
import { findCommit, type Operation, type Room } from './room.ts';
import type { ForgeAnswer } from './types.ts';

const repo = '/repos/{owner}/{repo}';

export const repositoryOperations: readonly Operation[] = [
  { method: 'GET', path: repo, needs: ['contents', 'read'], answer: show },
  { method: 'GET', path: `${repo}/compare/{basehead...}`, needs: ['contents', 'read'], answer: compare },
  {
    method: 'GET',
    path: `${repo}/collaborators/{username}/permission`,
    needs: ['contents', 'read'],
    answer: permission,
  },
];

function show(room: Room): ForgeAnswer {
  return { status: 200, body: describeRepository(room.url, room.repository, true) };
}

async function compare(room: Room): Promise<ForgeAnswer> {
  const [from = '', to = ''] = (room.parameters['basehead'] ?? '').split('...');
  const base = await findCommit(room, from);
  const head = await findCommit(room, to);
  if (base === null || head === null) return notFound();
  const merge = await room.git(['merge-base', base, head]);
  const count = async (range: string) => Number(await room.git(['rev-list', '--count', range]));
  const ahead = await count(`${base}..${head}`);
  const behind = await count(`${head}..${base}`);
  const listed = await room.git(['rev-list', '--reverse', `${base}..${head}`]);
  const commits = listed === '' ? [] : listed.split('\n');
  const web = `${room.url}/${room.repository.owner}/${room.repository.name}/compare/${from}...${to}`;
  return {
    status: 200,
    body: {
      url: `${room.url}/api/v3/repos/${room.repository.owner}/${room.repository.name}/compare/${from}...${to}`,
      html_url: web,
      permalink_url: web,
      diff_url: `${web}.diff`,
      patch_url: `${web}.patch`,
      base_commit: await describeCommit(room, base),
      merge_base_commit: await describeCommit(room, merge),
      status: ahead === 0 ? (behind === 0 ? 'identical' : 'behind') : behind === 0 ? 'ahead' : 'diverged',
      ahead_by: ahead,
      behind_by: behind,
      total_commits: commits.length,
      commits: await Promise.all(commits.map((sha) => describeCommit(room, sha))),
      files: [],
    },
  };
}

function permission(room: Room): ForgeAnswer {
  const login = room.parameters['username'] ?? '';
  const known = room.repository.people.includes(login) || login === room.repository.owner;
  return {
    status: 200,
    body: {
      permission: known ? 'write' : 'none',
      role_name: known ? 'write' : '',
      user: { ...describePerson(room.url, login), permissions: { pull: known, push: known, admin: false } },
    },
  };
}
