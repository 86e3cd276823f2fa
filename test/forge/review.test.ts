import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ForgeRepository } from '../../src/embedded/index.ts';
import {
  type GitHub,
  githubAddress,
  keepComment,
  openGitHub,
  parseRemoteUrl,
  suggestLines,
} from '../../src/forge/index.ts';
import { startTestForge, stopTestForge, type TestForge, tokens } from '../support/github.ts';

let forge: TestForge;
let names = 0;
beforeAll(async () => {
  forge = await startTestForge();
});
afterAll(() => stopTestForge(forge));

/** A pull request that writes forty lines, and GitHub as the Action opens it. */
async function start(token: string = tokens.bot) {
  const repository = await forge.createRepository(`acme/review-${(names += 1)}`, { 'a.yaml': 'old\n' });
  const text = Array.from({ length: 40 }, (_, index) => `line ${index + 1}\n`).join('');
  const blob = await forge.git(repository, ['hash-object', '-w', '--stdin'], text);
  const tree = await forge.git(repository, ['mktree'], `100644 blob ${blob}\ta.yaml\n`);
  const head = await forge.git(repository, ['commit-tree', '-p', 'main', '-m', 'Lines', tree]);
  await forge.git(repository, ['update-ref', 'refs/heads/more', head]);
  const api = `/repos/${repository.owner}/${repository.name}`;
  const { number } = (await forge.asPerson('POST', `${api}/pulls`, {
    title: 'Lines',
    head: 'more',
    base: 'main',
  })) as {
    number: number;
  };
  forge.forgetRequests();
  return { repository, api, request: { number, head, key: 'abc' }, github: open(repository, token) };
}

function open(repository: ForgeRepository, token: string): GitHub {
  const address = githubAddress(parseRemoteUrl(forge.cloneUrl(repository)), forge.apiUrl, {
    apiUrl: null,
    serverUrl: null,
  });
  if (address === null) throw new Error('no address');
  return openGitHub(address, { token, writeInterval: 0, retryUnit: 1 });
}

const lines = (...numbers: number[]) =>
  numbers.map((line) => ({ path: 'a.yaml', startLine: null, line, body: `say ${line}\n` }));
const texts = { body: 'Two images.', resolved: 'All is well.' };

describe('suggestLines', () => {
  it('posts one review with all of them, and only new ones the next time', async () => {
    const { repository, github, request } = await start();
    expect(await suggestLines(github, request, lines(1, 2), true)).toEqual({ added: 2, removed: 0 });
    expect(await suggestLines(github, request, lines(1, 2, 3), true)).toEqual({ added: 1, removed: 0 });
    expect(await suggestLines(github, request, lines(1, 2, 3), true)).toEqual({ added: 0, removed: 0 });
    expect(repository.pulls[0]?.reviews.map(({ comments }) => comments.map(({ line }) => line))).toEqual([
      [1, 2],
      [3],
    ]);
    expect(forge.writes()).toHaveLength(2);
  });

  it('posts no more than thirty at a time, and the rest in the next run', async () => {
    const { repository, github, request } = await start();
    const all = lines(...Array.from({ length: 40 }, (_, index) => index + 1));
    for (const added of [30, 10, 0])
      expect(await suggestLines(github, request, all, true)).toEqual({ added, removed: 0 });
    expect(repository.pulls[0]?.reviews.flatMap(({ comments }) => comments)).toHaveLength(40);
  });

  it('suggests the same for each line that says the same', async () => {
    const { repository, github, request } = await start();
    const same = [3, 7].map((line) => ({ path: 'a.yaml', startLine: null, line, body: 'one image' }));
    expect(await suggestLines(github, request, same.slice(0, 1), true)).toMatchObject({ added: 1 });
    expect(await suggestLines(github, request, same, true)).toEqual({ added: 1, removed: 0 });
    const comments = repository.pulls[0]?.reviews.flatMap((review) => review.comments);
    expect(comments?.map(({ line }) => line)).toEqual([3, 7]);
  });

  it('suggests for several lines as one, and tells them from one line with the same words', async () => {
    const { repository, github, request } = await start();
    const several = [{ path: 'a.yaml', startLine: 3, line: 5, body: 'one image' }];
    expect(await suggestLines(github, request, several, true)).toEqual({ added: 1, removed: 0 });
    expect(await suggestLines(github, request, several, true)).toEqual({ added: 0, removed: 0 });
    const places = () =>
      repository.pulls[0]?.reviews.flatMap(({ comments }) =>
        comments.map(({ startLine, line }) => [startLine, line]),
      );
    expect(places()).toEqual([[3, 5]]);
    const one = several.map((suggestion) => ({ ...suggestion, startLine: null }));
    expect(await suggestLines(github, request, one, true)).toEqual({ added: 1, removed: 1 });
    expect(places()).toEqual([[null, 5]]);
  });

  it('takes its own back that are no longer true, save where somebody answered', async () => {
    const { repository, api, github, request } = await start();
    await suggestLines(github, request, lines(1, 2, 3), true);
    await suggestLines(github, { ...request, key: 'def' }, lines(1), true);
    await forge.asPerson('POST', `${api}/pulls/${request.number}/reviews`, {
      event: 'COMMENT',
      comments: [{ path: 'a.yaml', line: 1, side: 'RIGHT', body: 'Mine!' }],
    });
    const [ours, , theirs] = repository.pulls[0]?.reviews ?? [];
    const answer = theirs?.comments[0];
    if (ours === undefined || answer === undefined) throw new Error('no reviews');
    ours.comments.push({ ...answer, id: 1, line: 2, replyTo: ours.comments[1]?.id ?? 0 });
    expect(await suggestLines(github, request, lines(3), false)).toEqual({ added: 0, removed: 0 });
    expect(await suggestLines(github, request, lines(3), true)).toEqual({ added: 0, removed: 1 });
    expect(await suggestLines(github, request, [], true)).toEqual({ added: 0, removed: 1 });
    const left = repository.pulls[0]?.reviews.flatMap(({ comments }) => comments);
    expect(left?.map(({ line, body }) => [line, body.split('\n')[0]])).toEqual([
      [2, 'say 2'],
      [2, 'Mine!'],
      [1, 'say 1'],
      [1, 'Mine!'],
    ]);
  });

  it('posts the others when GitHub cannot resolve a line', async () => {
    const { repository, github, request } = await start();
    expect(await suggestLines(github, request, lines(1, 2, 99, 4, 5), true)).toMatchObject({ added: 4 });
    const posted = repository.pulls[0]?.reviews.flatMap(({ comments }) => comments.map(({ line }) => line));
    expect(posted).toEqual([1, 2, 4, 5]);
  });

  it('ends in one sentence when a line is not in the diff, or the token may not', async () => {
    const { github, request, repository } = await start();
    await expect(suggestLines(github, request, lines(99), true)).rejects.toThrow(
      /GitHub refused to comment on the lines/,
    );
    await expect(suggestLines(open(repository, tokens.reader), request, lines(1), true)).rejects.toThrow(
      /not allowed to comment on the lines of the pull request .* pull-requests: write/,
    );
    expect(repository.pulls[0]?.reviews).toEqual([]);
  });
});

describe('keepComment', () => {
  it('is made, stays as it is, changes in place and is resolved', async () => {
    const { repository, github, request } = await start();
    const bodies = () => repository.pulls[0]?.comments.map(({ body }) => body.split('\n')[0]);
    expect(await keepComment(github, request, texts)).toBe(true);
    expect(await keepComment(github, request, texts)).toBe(false);
    expect(bodies()).toEqual(['Two images.']);
    expect(await keepComment(github, request, { ...texts, body: 'One image.' })).toBe(true);
    expect(await keepComment(github, request, { ...texts, body: null })).toBe(true);
    expect(await keepComment(github, request, { ...texts, body: null })).toBe(false);
    expect(bodies()).toEqual(['All is well.']);
  });

  it('is not made to say that all is well', async () => {
    const { repository, github, request } = await start();
    expect(await keepComment(github, request, { ...texts, body: null })).toBe(false);
    expect(repository.pulls[0]?.comments).toEqual([]);
  });

  it('is found on the second page, and not mistaken for what a stranger wrote with our mark', async () => {
    const { repository, api, github, request } = await start();
    const say = (body: string) =>
      forge.asPerson('POST', `${api}/issues/${request.number}/comments`, { body });
    for (const mark of ['review', 'review abc']) await say(`Mine!\n\n<!-- holdfast ${mark} -->\n`);
    for (let count = 0; count < 110; count += 1) await say(`comment ${count}`);
    await keepComment(github, request, texts);
    await keepComment(github, request, { ...texts, body: 'One image.' });
    const comments = repository.pulls[0]?.comments ?? [];
    expect(comments[0]?.body).toMatch(/^Mine!/);
    expect(
      comments.filter(({ author }) => author.type === 'Bot').map(({ body }) => body.split('\n')[0]),
    ).toEqual(['One image.']);
  });

  it('is one for each key, and the one from before there were keys is taken over', async () => {
    const { repository, api, github, request } = await start();
    await keepComment(github, request, texts);
    const [first] = repository.pulls[0]?.comments ?? [];
    if (first === undefined) throw new Error('no comment');
    first.body = first.body.replace('review abc', 'review');
    await keepComment(github, request, { ...texts, body: 'One image.' });
    await keepComment(github, { ...request, key: 'def' }, { ...texts, body: 'Of other paths.' });
    await keepComment(github, request, { ...texts, body: null });
    expect(repository.pulls[0]?.comments.map(({ body }) => body)).toEqual([
      'All is well.\n\n<!-- holdfast review abc -->\n',
      'Of other paths.\n\n<!-- holdfast review def -->\n',
    ]);
    expect(forge.writes().filter((write) => write.startsWith(`POST ${api}`))).toHaveLength(2);
  });
});
