import { createServer } from 'node:http';
import { connect } from 'node:net';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import type { ForgeRepository } from '../../src/embedded/index.ts';
import { githubAddress, openGitHub, parseRemoteUrl, takesToken } from '../../src/forge/index.ts';
import { sampleChangeSet } from '../support/git-change-set.ts';
import { cloneInto } from '../support/git-checkout.ts';
import { startTestForge, stopTestForge, type TestForge, tokens } from '../support/github.ts';
import { runPropose } from '../support/github-run.ts';

const web = 'image: nginx:1.25\n';
const changeSet = sampleChangeSet([{ file: 'web.yaml', before: web, image: 'nginx:1.25' }]);

let forge: TestForge;
let repository: ForgeRepository;
let folder: string;
let names = 0;

beforeAll(async () => {
  forge = await startTestForge();
});
afterAll(() => stopTestForge(forge));
afterEach(() => {
  forge.intercept(null);
  vi.unstubAllEnvs();
});

async function start() {
  repository = await forge.createRepository(`acme/hub-${(names += 1)}`, { 'web.yaml': web });
  folder = await cloneInto(forge.root, forge.cloneUrl(repository), tokens.bot);
  forge.forgetRequests();
}

function open(options: { writeInterval?: number; onWait?: (sentence: string) => void } = {}) {
  const address = { apiUrl: forge.apiUrl, owner: 'acme', repository: repository.name };
  return openGitHub(address, { token: tokens.bot, retryUnit: 1, ...options });
}

/** An answer for the first `times` calls that fit. */
function first(times: number, method: string, path: RegExp, status: number, message: string, headers = {}) {
  let left = times;
  forge.intercept((call) => {
    if (left === 0 || call.method !== method || !path.test(call.path)) return null;
    left -= 1;
    const body = { message, documentation_url: 'https://docs.github.com/rest', status: String(status) };
    return { status, body, headers };
  });
}

describe('GitHub', () => {
  it('is waited for when it says that the secondary rate limit is used up', async () => {
    await start();
    const message = 'You have exceeded a secondary rate limit. Please wait.';
    first(2, 'POST', /\/pulls$/, 403, message, { 'retry-after': '1' });
    expect(await runPropose(forge, { folder, changeSet })).toMatchObject({ operation: 'created' });
    expect(
      forge.requests.filter(({ method, path }) => method === 'POST' && path.endsWith('/pulls')),
    ).toHaveLength(3);
  });

  it('is not waited for when the limit is an hour away', async () => {
    await start();
    first(9, 'GET', /./, 403, 'API rate limit exceeded for installation.', {
      'x-ratelimit-remaining': '0',
      'x-ratelimit-reset': String(Math.floor(Date.now() / 1000) + 3000),
    });
    await expect(runPropose(forge, { folder, changeSet })).rejects.toThrow(
      "GitHub's limit of calls for this token is used up",
    );
  });

  it('is asked again after a failure, and a request that it had made all the same counts as found', async () => {
    await start();
    let failed = false;
    forge.intercept(({ method, path }) => {
      if (failed || method !== 'POST' || !path.endsWith('/pulls')) return null;
      failed = true;
      // The request is made, and the answer lost.
      setImmediate(() => forge.intercept(null));
      void forge.asPerson('POST', `/repos/acme/${repository.name}/pulls`, {
        title: 'x',
        head: 'holdfast/main',
        base: 'main',
      });
      return { status: 502, body: { message: 'Bad Gateway' } };
    });
    const proposal = await runPropose(forge, { folder, changeSet });
    expect(['created', 'updated']).toContain(proposal.operation);
    expect(repository.pulls).toHaveLength(1);
    expect(repository.pulls[0]?.title).toBe(changeSet.title);
  });

  it('is given time to find what it has just made', async () => {
    await start();
    first(2, 'POST', /\/labels$/, 404, 'Not Found');
    const proposal = await runPropose(forge, { folder, changeSet, options: { labels: ['images'] } });
    expect(proposal).toMatchObject({ operation: 'created', warnings: [] });
    expect(repository.pulls[0]?.labels).toEqual(['images']);
  });

  it('is asked for every page of a list', async () => {
    await start();
    await runPropose(forge, { folder, changeSet });
    const pull = repository.pulls[0];
    if (!pull) throw new Error('no pull request');
    for (let id = 1; id <= 130; id += 1)
      pull.comments.push({
        id,
        author: pull.author,
        body: `${id}`,
        created: pull.created,
        updated: pull.created,
      });
    const github = open();
    const comments = await github.paginate(github.rest.issues.listComments, {
      ...github.at,
      issue_number: 1,
      per_page: 100,
    });
    expect(comments.map(({ body }) => body)).toEqual(
      Array.from({ length: 130 }, (_, index) => `${index + 1}`),
    );
  });

  it('gets one write at a time, and the next one not before the interval is over', async () => {
    await start();
    await runPropose(forge, { folder, changeSet });
    const times: number[] = [];
    forge.intercept(() => {
      times.push(Date.now());
      return null;
    });
    const github = open({ writeInterval: 300 });
    const comment = (body: string) =>
      github.rest.issues.createComment({ ...github.at, issue_number: 1, body });
    await Promise.all([comment('a'), comment('b'), comment('c')]);
    expect(times).toHaveLength(3);
    // A busy machine may hear of the first one late.
    expect((times[2] ?? 0) - (times[0] ?? 0)).toBeGreaterThanOrEqual(400);
  });

  it('is reached through the proxy that the environment names', async () => {
    await start();
    const tunnels: string[] = [];
    const proxy = createServer().on('connect', (request, socket, head) => {
      tunnels.push(request.url ?? '');
      const [host = '', port = ''] = (request.url ?? '').split(':');
      const through = connect(Number(port), host, () => {
        socket.write('HTTP/1.1 200 OK\r\n\r\n');
        through.write(head);
        through.pipe(socket).pipe(through);
      });
      through.on('error', () => socket.destroy());
      socket.on('error', () => through.destroy());
    });
    await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
    const address = proxy.address();
    const port = typeof address === 'object' && address ? address.port : 0;
    vi.stubEnv('http_proxy', `http://127.0.0.1:${port}`);
    vi.stubEnv('no_proxy', '');
    const github = open();
    const { data } = await github.rest.repos.get(github.at);
    expect(data.full_name).toBe(`acme/${repository.name}`);
    expect(tunnels).toEqual([new URL(forge.url).host]);
    await expect(github.rest.git.getRef({ ...github.at, ref: 'heads/none' })).rejects.toMatchObject({
      status: 404,
    });
    proxy.closeAllConnections();
    await new Promise((resolve) => proxy.close(resolve));
  });

  it('is never followed to where it redirects a call', async () => {
    await start();
    repository.formerNames.push(`acme/${repository.name}`);
    repository.name += '-new';
    const address = { apiUrl: forge.apiUrl, owner: 'acme', repository: repository.name.replace('-new', '') };
    const github = openGitHub(address, { token: tokens.bot, retryUnit: 1 });
    const asked = github.ask('read the repository', () => github.rest.repos.get(github.at));
    await expect(asked).rejects.toThrow('has moved: set the remote to its new address.');
    expect(forge.requests.map(({ status }) => status)).toEqual([301]);
  });
});

describe('the address of the API', () => {
  const actions = { apiUrl: 'https://ghe.corp/api/v3', serverUrl: 'https://ghe.corp' };
  it.each([
    ['https://github.com/acme/gitops.git', null, 'https://api.github.com', 'acme', 'gitops'],
    ['git@github.com:acme/gitops', null, 'https://api.github.com', 'acme', 'gitops'],
    ['ssh://git@ssh.github.com:443/acme/gitops.git', null, 'https://api.github.com', 'acme', 'gitops'],
    ['https://ghe.corp/acme/gitops', null, 'https://ghe.corp/api/v3', 'acme', 'gitops'],
    [
      'https://git.example.com/acme/gitops',
      'https://git.example.com/api/v3/',
      'https://git.example.com/api/v3',
      'acme',
      'gitops',
    ],
  ])('of %s is found', (url, apiUrl, api, owner, repository) => {
    expect(githubAddress(parseRemoteUrl(url), apiUrl, actions)).toEqual({ apiUrl: api, owner, repository });
  });

  it.each(['https://gitlab.com/acme/gitops.git', 'git@codeberg.org:acme/gitops.git', '/srv/git/gitops.git'])(
    'of %s is not guessed',
    (url) => {
      expect(githubAddress(parseRemoteUrl(url), null, actions)).toBeNull();
    },
  );

  it.each([
    ['https://github.com/acme/gitops.git', null, true],
    ['https://ghe.corp/acme/gitops.git', null, true],
    ['https://ghe.corp/acme/gitops.git', 'https://ghe.corp/api/v3', true],
    ['https://acme.ghe.test/acme/gitops', 'https://api.acme.ghe.test', true],
    ['http://github.com/acme/gitops.git', null, false],
    ['http://ghe.corp/acme/gitops.git', null, false],
    ['https://github.com:8443/acme/gitops.git', null, false],
    ['https://ghe.corp:8443/acme/gitops.git', null, false],
    ['https://ghe.corp:8443/acme/gitops.git', 'https://ghe.corp/api/v3', false],
    ['http://acme.ghe.test/acme/gitops', 'https://api.acme.ghe.test', false],
    ['https://gitlab.com/acme/gitops.git', null, false],
  ])('says whether %s, with the API %s, takes the token: %s', (url, apiUrl, takes) => {
    expect(takesToken(parseRemoteUrl(url), apiUrl, actions)).toBe(takes);
  });
});
