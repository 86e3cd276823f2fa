import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ForgeRepository } from '../../src/embedded/index.ts';
import { type GitHub, openGitHub } from '../../src/forge/index.ts';
import { cloneInto, git } from '../support/git-checkout.ts';
import { startTestForge, stopTestForge, type TestForge, tokens } from '../support/github.ts';
import { findContractBreaches } from '../support/github-contract.ts';

const lines = (count: number) => Array.from({ length: count }, (_, index) => `line ${index + 1}\n`).join('');

let forge: TestForge;
let repository: ForgeRepository;
let github: GitHub;
let head: string;

beforeAll(async () => {
  forge = await startTestForge();
  repository = await forge.createRepository('acme/review', { 'web.yaml': lines(40), 'gone.yaml': 'x\n' });
  const folder = await cloneInto(forge.root, forge.cloneUrl(repository), tokens.person);
  await git(folder, ['checkout', '--quiet', '-b', 'feature/x']);
  await writeFile(join(folder, 'web.yaml'), lines(40).replace('line 20\n', 'image: nginx\n'));
  await writeFile(join(folder, 'new.yaml'), 'new\n');
  await git(folder, ['rm', '--quiet', 'gone.yaml']);
  await git(folder, ['add', '.']);
  await git(folder, ['commit', '--quiet', '-m', 'Change']);
  await git(folder, ['push', '--quiet', 'origin', 'feature/x'], tokens.person);
  head = await git(folder, ['rev-parse', 'HEAD']);
  await forge.asPerson('POST', '/repos/acme/review/pulls', { title: 'x', head: 'feature/x', base: 'main' });
  const address = { apiUrl: forge.apiUrl, owner: 'acme', repository: 'review' };
  github = openGitHub(address, { token: tokens.bot, writeInterval: 0, retryUnit: 1 });
});
afterAll(() => stopTestForge(forge));

const pull = { pull_number: 1 };

describe("the embedded forge, checked against GitHub's description", () => {
  it('tells the files, commits and contents of a pull request', async () => {
    const { data: files } = await github.rest.pulls.listFiles({ ...github.at, ...pull });
    expect(
      files.map(({ filename, status, additions, deletions }) => [filename, status, additions, deletions]),
    ).toEqual([
      ['gone.yaml', 'removed', 0, 1],
      ['new.yaml', 'added', 1, 0],
      ['web.yaml', 'modified', 1, 1],
    ]);
    expect(files[2]?.patch).toMatch(/^@@ -17,7 \+17,7 @@/);
    const { data: commits } = await github.rest.pulls.listCommits({ ...github.at, ...pull });
    expect(commits.map(({ sha }) => sha)).toEqual([head]);
    const { data } = await github.rest.repos.getContent({ ...github.at, path: 'web.yaml', ref: 'main' });
    expect('content' in data && Buffer.from(data.content, 'base64').toString()).toBe(lines(40));
  });

  it('takes review comments on lines of the diff, and refuses those beside it', async () => {
    const review = (line: number) =>
      github.rest.pulls.createReview({
        ...github.at,
        ...pull,
        event: 'COMMENT',
        body: '',
        comments: [{ path: 'web.yaml', line, side: 'RIGHT', body: 'here' }],
      });
    expect((await review(20)).status).toBe(200);
    await expect(review(30)).rejects.toMatchObject({ status: 422 });
    const { data } = await github.rest.pulls.listReviewComments({ ...github.at, ...pull });
    expect(data.map(({ path, line, body }) => [path, line, body])).toEqual([['web.yaml', 20, 'here']]);
    expect((await github.rest.pulls.listReviews({ ...github.at, ...pull })).data).toHaveLength(1);
  });

  it('refuses a title or a body that is longer than GitHub takes', async () => {
    const update = (text: object) => github.rest.pulls.update({ ...github.at, ...pull, ...text });
    await expect(update({ body: 'b'.repeat(65_537) })).rejects.toMatchObject({ status: 422 });
    await expect(update({ title: 't'.repeat(257) })).rejects.toMatchObject({ status: 422 });
    expect((await update({ body: 'b'.repeat(65_536) })).status).toBe(200);
  });

  it('keeps check runs, and takes at most 50 annotations in one request', async () => {
    const annotation = {
      path: 'web.yaml',
      start_line: 20,
      end_line: 20,
      annotation_level: 'warning' as const,
      message: 'm',
    };
    const output = (count: number) => ({
      title: 't',
      summary: 's',
      annotations: Array.from({ length: count }, () => annotation),
    });
    const make = (count: number) =>
      github.rest.checks.create({ ...github.at, name: 'holdfast', head_sha: head, output: output(count) });
    await expect(make(51)).rejects.toMatchObject({ status: 422 });
    const { data } = await make(50);
    const more = { ...github.at, check_run_id: data.id, conclusion: 'failure' as const, output: output(10) };
    expect((await github.rest.checks.update(more)).data.output.annotations_count).toBe(60);
  });

  it('refuses a second request for a branch, and one without a difference', async () => {
    const make = (branch: string) =>
      github.rest.pulls.create({ ...github.at, title: 'x', head: branch, base: 'main' });
    await expect(make('feature/x')).rejects.toThrow('A pull request already exists for acme:feature/x.');
    await expect(make('main')).rejects.toThrow('No commits between main and main');
    await expect(make('nowhere')).rejects.toMatchObject({ status: 422 });
    await github.rest.pulls.update({ ...github.at, pull_number: 1, state: 'closed' });
    const both = await Promise.allSettled([make('feature/x'), make('feature/x')]);
    expect(both.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected']);
  });

  it('answers by the token: unknown, without the permission, and none', async () => {
    const as = (token: string) => openGitHub(github.address, { token, retryUnit: 1 });
    await expect(as(tokens.expired).rest.repos.get(github.at)).rejects.toMatchObject({ status: 401 });
    const comment = { ...github.at, issue_number: 1, body: 'x' };
    await expect(as(tokens.reader).rest.issues.createComment(comment)).rejects.toMatchObject({ status: 403 });
    expect((await fetch(`${forge.apiUrl}/repos/acme/review`)).status).toBe(404);
  });
});

describe('the contract', () => {
  const exchange = { kind: 'api', authorization: [], body: {}, answer: {}, at: 0 } as const;

  it('finds an operation that is not described, a wrong request and a wrong answer', () => {
    const breach = (method: string, path: string, status: number, body: unknown, answer: unknown) =>
      findContractBreaches({ ...exchange, method, path, status, body, answer });
    expect(breach('GET', '/nowhere', 200, {}, {})).toEqual([
      "GET /nowhere → 200: no operation of GitHub's description",
    ]);
    expect(breach('POST', '/repos/a/b/pulls', 201, { head: 1, base: 'main' }, {}).join('\n')).toMatch(
      /request\/head must be string[\s\S]*answer must have required property/,
    );
    expect(breach('GET', '/repos/a/b/pulls', 299, {}, {})).toEqual([
      'GET /repos/a/b/pulls → 299: not a documented status',
    ]);
  });
});
