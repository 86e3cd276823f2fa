import { rm } from 'node:fs/promises';
import { describeGitCommit } from './describe-commit.ts';
import { notFound, refuse } from './refusals.ts';
import { findCommit, type Operation, type Room } from './room.ts';
import type { ForgeAnswer } from './types.ts';

const git = '/repos/{owner}/{repo}/git';

export const gitOperations: readonly Operation[] = [
  { method: 'GET', path: `${git}/ref/{ref...}`, needs: ['contents', 'read'], answer: getRef },
  { method: 'POST', path: `${git}/refs`, needs: ['contents', 'write'], answer: createRef },
  { method: 'PATCH', path: `${git}/refs/{ref...}`, needs: ['contents', 'write'], answer: updateRef },
  { method: 'DELETE', path: `${git}/refs/{ref...}`, needs: ['contents', 'write'], answer: deleteRef },
  { method: 'GET', path: `${git}/commits/{commit_sha}`, needs: ['contents', 'read'], answer: getCommit },
  { method: 'POST', path: `${git}/commits`, needs: ['contents', 'write'], answer: createCommit },
  { method: 'POST', path: `${git}/trees`, needs: ['contents', 'write'], answer: createTree },
];

async function getRef(room: Room): Promise<ForgeAnswer> {
  const ref = `refs/${room.parameters['ref']}`;
  const sha = await findCommit(room, ref);
  return sha === null ? notFound() : { status: 200, body: describeRef(room, ref, sha) };
}

async function createRef(room: Room): Promise<ForgeAnswer> {
  const ref = String(room.body['ref']);
  const sha = String(room.body['sha']);
  if ((await findCommit(room, sha)) === null) return refuse(422, 'Object does not exist');
  if ((await findCommit(room, ref)) !== null) return refuse(422, 'Reference already exists');
  await room.git(['update-ref', ref, sha, '']);
  return { status: 201, body: describeRef(room, ref, sha) };
}

async function updateRef(room: Room): Promise<ForgeAnswer> {
  const ref = `refs/${room.parameters['ref']}`;
  const sha = String(room.body['sha']);
  const old = await findCommit(room, ref);
  if (old === null) return refuse(422, 'Reference does not exist');
  if ((await findCommit(room, sha)) === null) return refuse(422, 'Object does not exist');
  const forward = (await room.git(['merge-base', old, sha]).catch(() => '')) === old;
  if (!forward && room.body['force'] !== true) return refuse(422, 'Update is not a fast forward');
  await room.git(['update-ref', ref, sha, old]);
  return { status: 200, body: describeRef(room, ref, sha) };
}

async function deleteRef(room: Room): Promise<ForgeAnswer> {
  const ref = `refs/${room.parameters['ref']}`;
  if ((await findCommit(room, ref)) === null) return refuse(422, 'Reference does not exist');
  await room.git(['update-ref', '-d', ref]);
  return { status: 204 };
}

async function getCommit(room: Room): Promise<ForgeAnswer> {
  const sha = await findCommit(room, room.parameters['commit_sha'] ?? '');
  return sha === null ? notFound() : { status: 200, body: await describeGitCommit(room, sha) };
}

/** A bot's commit without an author is GitHub's own, and signed. */
async function createCommit(room: Room): Promise<ForgeAnswer> {
  const { body, user } = room;
  const parents = Array.isArray(body['parents']) ? body['parents'].map(String) : [];
  const signs = user.type === 'Bot' && body['author'] === undefined && body['committer'] === undefined;
  const author = `${user.login}@users.noreply.github.com`;
  const sha = await room.git(
    ['commit-tree', ...parents.flatMap((parent) => ['-p', parent]), '-F', '-', String(body['tree'])],
    {
      input: String(body['message']),
      environment: {
        GIT_AUTHOR_NAME: user.login,
        GIT_AUTHOR_EMAIL: author,
        GIT_COMMITTER_NAME: signs ? 'GitHub' : user.login,
        GIT_COMMITTER_EMAIL: signs ? 'noreply@github.com' : author,
      },
    },
  );
  return { status: 201, body: await describeGitCommit(room, sha) };
}

/** By an index of its own, as `base_tree` with the entries put over it. */
async function createTree(room: Room): Promise<ForgeAnswer> {
  const index = `${room.repository.folder}/forge-index-${room.nextId()}`;
  const environment = { GIT_INDEX_FILE: index };
  const base = room.body['base_tree'];
  await room.git(typeof base === 'string' ? ['read-tree', base] : ['read-tree', '--empty'], { environment });
  const entries = Array.isArray(room.body['tree']) ? (room.body['tree'] as Record<string, unknown>[]) : [];
  const lines: string[] = [];
  for (const { path, mode, sha, content } of entries) {
    const gone = sha === null;
    const id =
      typeof content === 'string'
        ? await room.git(['hash-object', '-w', '--stdin'], { input: content })
        : String(sha);
    lines.push(gone ? `0 ${'0'.repeat(40)}\t${String(path)}` : `${String(mode)} ${id}\t${String(path)}`);
  }
  await room.git(['update-index', '-z', '--index-info'], { environment, input: `${lines.join('\0')}\0` });
  const sha = await room.git(['write-tree'], { environment });
  await rm(index, { force: true });
  const url = `${room.url}/api/v3/repos/${room.repository.owner}/${room.repository.name}/git/trees/${sha}`;
  const listed = await room.git(['ls-tree', '-l', sha]);
  const tree = listed.split('\n').flatMap((line) => {
    const match = /^(\d+) (\w+) (\w+) +(\S+)\t(.*)$/.exec(line);
    return match ? [{ mode: match[1], type: match[2], sha: match[3], path: match[5] }] : [];
  });
  return { status: 201, body: { sha, url, tree, truncated: false } };
}

function describeRef(room: Room, ref: string, sha: string): object {
  const api = `${room.url}/api/v3/repos/${room.repository.owner}/${room.repository.name}/git`;
  return {
    ref,
    node_id: `REF_${ref}`,
    url: `${api}/${ref}`,
    object: { type: 'commit', sha, url: `${api}/commits/${sha}` },
  };
}
