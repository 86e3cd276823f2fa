import { mkdir } from 'node:fs/promises';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { join } from 'node:path';
import { bareGit } from './bare-git.ts';
import { serveGit } from './git-http.ts';
import { gitOperations } from './git-operations.ts';
import { issueOperations } from './issue-operations.ts';
import { pullOperations } from './pull-operations.ts';
import { forbidden, notFound, refuse } from './refusals.ts';
import { repositoryOperations } from './repository-operations.ts';
import { reviewOperations } from './review-operations.ts';
import { followBranches, type Operation, type Room } from './room.ts';
import type {
  EmbeddedForge,
  ForgeAnswer,
  ForgeOptions,
  ForgeRepository,
  ForgeRequest,
  ForgeUser,
} from './types.ts';

const operations: readonly Operation[] = [
  ...pullOperations,
  ...issueOperations,
  ...gitOperations,
  ...repositoryOperations,
  ...reviewOperations,
];

/**
 * A forge on a free port of the loopback address that speaks git's smart HTTP and the part of GitHub's REST API that
 * holdfast uses, over the same bare repositories. `close` it.
 */
export async function startForge(options: ForgeOptions): Promise<EmbeddedForge> {
  const repositories: ForgeRepository[] = [];
  const requests: ForgeRequest[] = [];
  const started = Date.now();
  let ids = 100;
  let url = '';
  const nextId = () => (ids += 1);

  const record = (request: Omit<ForgeRequest, 'at'>) => {
    const recorded = { ...request, at: Date.now() - started };
    requests.push(recorded);
    options.onRequest?.(recorded);
  };
  const gitIn =
    (folder: string): Room['git'] =>
    (args, more) =>
      bareGit(folder, options.environment, args, more);

  const server = createServer((request, response) => {
    serve(request, response).catch((error: unknown) => {
      response.writeHead(500, { 'content-type': 'application/json' });
      response.end(JSON.stringify({ message: `forge: ${String(error)}` }));
    });
  });

  async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const asked = new URL(request.url ?? '/', 'http://forge');
    const authorization = request.headersDistinct['authorization'] ?? [];
    const user = findUser(options, authorization);
    if (asked.pathname.startsWith('/api/v3/')) {
      const body = await readJson(request);
      const path = asked.pathname.slice('/api/v3'.length);
      const answer = await answerCall(
        request.method ?? 'GET',
        path,
        asked.searchParams,
        body,
        user,
        authorization.length > 0,
      );
      record({
        kind: 'api',
        method: request.method ?? 'GET',
        path: path + asked.search,
        authorization,
        body,
        status: answer.status,
        answer: answer.body,
      });
      response.writeHead(answer.status, {
        'content-type': 'application/json; charset=utf-8',
        ...answer.headers,
      });
      response.end(answer.body === undefined ? undefined : JSON.stringify(answer.body));
      return;
    }
    const status = await answerGit(request, response, asked, user);
    const path = asked.pathname + asked.search;
    record({
      kind: 'git',
      method: request.method ?? 'GET',
      path,
      authorization,
      body: null,
      status,
      answer: null,
    });
  }

  async function answerCall(
    method: string,
    path: string,
    query: URLSearchParams,
    body: Record<string, unknown>,
    user: ForgeUser | null,
    tried: boolean,
  ): Promise<ForgeAnswer> {
    const instead = await options.intercept?.({ method, path, query, body });
    if (instead) return instead;
    if (user === null) return tried ? refuse(401, 'Bad credentials') : notFound();
    const match = matchOperation(method, path);
    if (match === null) return notFound();
    const name = `${match.parameters['owner']}/${match.parameters['repo']}`;
    const moved = repositories.find((repository) => repository.formerNames.includes(name));
    if (moved)
      return {
        status: 301,
        headers: { location: `${url}/api/v3/repositories/${moved.id}` },
        body: {
          message: 'Moved Permanently',
          url: `${url}/api/v3/repositories/${moved.id}`,
          documentation_url: 'https://docs.github.com/rest',
        },
      };
    const repository = findRepository(name);
    const [scope, least] = match.operation.needs;
    const power = user[scope];
    if (repository === null || (user.contents === 'none' && user.pullRequests === 'none')) return notFound();
    if (power === 'none' || (least === 'write' && power === 'read')) return forbidden();
    if (repository.archived && method !== 'GET')
      return refuse(403, 'Repository was archived so is read-only.');
    const git = gitIn(repository.folder);
    await followBranches({ git, repository });
    const room: Room = {
      url,
      options,
      repository,
      user,
      parameters: match.parameters,
      query,
      body,
      nextId,
      git,
    };
    return match.operation.answer(room);
  }

  async function answerGit(
    request: IncomingMessage,
    response: ServerResponse,
    asked: URL,
    user: ForgeUser | null,
  ): Promise<number> {
    const refuseGit = (status: number, said: string, headers: Record<string, string> = {}) => {
      request.resume();
      response.writeHead(status, { 'content-type': 'text/plain', ...headers });
      response.end(`${said}\n`);
      return status;
    };
    const match = /^\/([^/]+\/[^/]+?)(?:\.git)?(\/(?:info\/refs|git-upload-pack|git-receive-pack))$/.exec(
      asked.pathname,
    );
    if (!match) return refuseGit(404, 'Not Found');
    if (user === null) return refuseGit(401, 'Unauthorized', { 'www-authenticate': 'Basic realm="forge"' });
    const [, name = '', path = ''] = match;
    const moved = repositories.find((repository) => repository.formerNames.includes(name));
    if (moved)
      return refuseGit(301, 'Moved', {
        location: `${url}/${moved.owner}/${moved.name}.git${path}${asked.search}`,
      });
    const repository = findRepository(name);
    if (repository === null || user.contents === 'none') return refuseGit(404, 'Repository not found.');
    const writes = path.endsWith('receive-pack') || asked.searchParams.get('service') === 'git-receive-pack';
    if (writes && repository.archived)
      return refuseGit(403, 'This repository was archived so it is read-only.');
    if (writes && user.contents !== 'write')
      return refuseGit(403, `Permission to ${name}.git denied to ${user.login}.`);
    const query = asked.search.slice(1);
    const { environment } = options;
    return serveGit(request, response, {
      folder: repository.folder,
      path,
      query,
      login: user.login,
      environment,
    });
  }

  function findRepository(name: string): ForgeRepository | null {
    return repositories.find((repository) => `${repository.owner}/${repository.name}` === name) ?? null;
  }

  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  url = `http://127.0.0.1:${typeof address === 'object' && address ? address.port : 0}`;

  return {
    url,
    apiUrl: `${url}/api/v3`,
    requests,
    async createRepository(fullName, files) {
      const [owner = '', name = ''] = fullName.split('/');
      const folder = join(options.root, owner, `${name}.git`);
      await mkdir(folder, { recursive: true });
      const git = gitIn(folder);
      await git(['init', '--quiet', '--bare', '--initial-branch=main', '.']);
      await git(['fast-import', '--quiet'], { input: firstCommit(files) });
      const repository: ForgeRepository = {
        owner,
        name,
        id: nextId(),
        folder,
        defaultBranch: 'main',
        archived: false,
        offersDrafts: true,
        pulls: [],
        checkRuns: [],
        people: [],
        teams: [],
        milestones: [],
        formerNames: [],
      };
      repositories.push(repository);
      return repository;
    },
    cloneUrl: (repository) => `${url}/${repository.owner}/${repository.name}.git`,
    forgetRequests() {
      requests.length = 0;
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** git-fast-import(1): all files and the commit in one process. */
function firstCommit(files: Parameters<EmbeddedForge['createRepository']>[1]): Buffer {
  const bytes = (text: string) => Buffer.from(text);
  const sized = (text: string) =>
    Buffer.concat([bytes(`data ${bytes(text).length}\n`), bytes(text), bytes('\n')]);
  const parts = [
    bytes('commit refs/heads/main\ncommitter forge <noreply@forge.test> 1700000000 +0000\n'),
    sized('The manifests as they are'),
  ];
  for (const [path, file] of Object.entries(files)) {
    const mode = typeof file === 'string' ? '100644' : '100755';
    parts.push(
      bytes(`M ${mode} inline ${JSON.stringify(path)}\n`),
      sized(typeof file === 'string' ? file : file.text),
    );
  }
  return Buffer.concat(parts);
}

function findUser(options: ForgeOptions, authorization: readonly string[]): ForgeUser | null {
  // A second header of the same name is what actions/checkout's leftover would give; GitHub refuses it.
  if (authorization.length !== 1) return null;
  const [scheme = '', value = ''] = (authorization[0] ?? '').split(' ');
  const token =
    scheme.toLowerCase() === 'basic'
      ? Buffer.from(value, 'base64')
          .toString()
          .replace(/^[^:]*:/, '')
      : value;
  return Object.hasOwn(options.users, token) ? (options.users[token] ?? null) : null;
}

function matchOperation(
  method: string,
  path: string,
): { readonly operation: Operation; readonly parameters: Record<string, string> } | null {
  for (const operation of operations) {
    if (operation.method !== method) continue;
    const pattern = operation.path
      .replace(/\{(\w+)\.\.\.\}/g, '(?<$1>.+)')
      .replace(/\{(\w+)\}/g, '(?<$1>[^/]+)');
    const match = new RegExp(`^${pattern}$`).exec(path);
    if (!match) continue;
    const parameters = Object.fromEntries(
      Object.entries(match.groups ?? {}).map(([name, value]) => [name, decodeURIComponent(value)]),
    );
    return { operation, parameters };
  }
  return null;
}

async function readJson(request: IncomingMessage): Promise<Record<string, unknown>> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const text = Buffer.concat(chunks).toString();
  return text === '' ? {} : (JSON.parse(text) as Record<string, unknown>);
}
