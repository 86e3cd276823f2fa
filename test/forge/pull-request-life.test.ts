import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ForgeRepository } from '../../src/embedded/index.ts';
import type { ProposeOptions } from '../../src/forge/index.ts';
import { type SampleMove, sampleChangeSet } from '../support/git-change-set.ts';
import { cloneInto, git } from '../support/git-checkout.ts';
import { startTestForge, stopTestForge, type TestForge, tokens } from '../support/github.ts';
import { runPropose } from '../support/github-run.ts';

const web = 'spec:\n  image: nginx:1.25 # the shop\n';
const job = 'spec:\n  image: busybox:1.36\n';
const nginx: SampleMove = { file: 'apps/web.yaml', before: web, image: 'nginx:1.25' };
const busybox: SampleMove = { file: 'jobs/clean.yaml', before: job, image: 'busybox:1.36' };
const nothing = sampleChangeSet([]);

let forge: TestForge;
let names = 0;

beforeAll(async () => {
  forge = await startTestForge();
});
afterAll(() => stopTestForge(forge));

/** A repository of its own, and a checkout of it as a runner has it: one commit deep. */
async function start() {
  const repository = await forge.createRepository(`acme/gitops-${(names += 1)}`, {
    'apps/web.yaml': web,
    'jobs/clean.yaml': job,
    'jobs/run.sh': { text: '#!/bin/sh\n', executable: true },
  });
  const url = forge.cloneUrl(repository);
  const folder = await cloneInto(forge.root, url, tokens.bot, '--depth=1');
  const api = `/repos/${repository.owner}/${repository.name}`;
  const run = (
    moves: readonly SampleMove[],
    options: Partial<ProposeOptions> = {},
    token: string = tokens.bot,
  ) =>
    runPropose(forge, {
      folder,
      changeSet: moves.length === 0 ? nothing : sampleChangeSet(moves),
      options,
      token,
    });
  const head = (branch: string) =>
    forge.git(repository, ['rev-parse', '--verify', '--quiet', branch]).catch(() => null);
  forge.forgetRequests();
  return { repository, url, folder, api, run, head };
}

/** Somebody's work, pushed with that person's name and token. */
async function personCommits(url: string, branch: string, path: string, text: string): Promise<void> {
  const folder = await cloneInto(forge.root, url, tokens.person, '--branch', branch);
  await writeFile(join(folder, path), text);
  await git(folder, ['add', '--', path]);
  await git(folder, ['commit', '--quiet', '-m', `Change ${path}`]);
  await git(folder, ['push', '--quiet'], tokens.person);
}

function pull(repository: ForgeRepository, number: number) {
  const found = repository.pulls.find((item) => item.number === number);
  if (!found) throw new Error(`no pull request ${number}`);
  return found;
}

describe.each(['git', 'api'] as const)('the life of a pull request (--commit-via %s)', (commitVia) => {
  const via = { commitVia };

  it('is created, with one commit on the base that changes one line', async () => {
    const { repository, run, head } = await start();
    const proposal = await run([nginx], via);
    expect(proposal).toMatchObject({
      operation: 'created',
      number: 1,
      branch: 'holdfast/main',
      warnings: [],
    });
    expect(proposal.verified).toBe(commitVia === 'api' ? true : null);
    expect(proposal.commit).toBe(await head('holdfast/main'));
    expect(await forge.git(repository, ['rev-list', '--count', 'main..holdfast/main'])).toBe('1');
    expect(await forge.git(repository, ['diff', '--numstat', 'main', 'holdfast/main'])).toBe(
      '1\t1\tapps/web.yaml',
    );
    const changed = await forge.git(repository, ['show', 'holdfast/main:apps/web.yaml']);
    expect(changed).toMatch(/^spec:\n {2}image: ghcr\.io\/acme\/backup\/\S+@sha256:\w{64} # the shop$/);
    expect(await forge.git(repository, ['ls-tree', 'holdfast/main', 'jobs/run.sh'])).toMatch(/^100755 /);
    expect(pull(repository, 1)).toMatchObject({
      state: 'open',
      base: 'main',
      title: 'Use the backups of 1 images',
    });
  });

  it('stays as it is in ten runs without a change: no push and no API write after the first', async () => {
    const { repository, run, head } = await start();
    await run([nginx], { ...via, labels: ['images'] });
    const first = await head('holdfast/main');
    forge.forgetRequests();
    for (let count = 2; count <= 10; count += 1)
      expect(await run([nginx], { ...via, labels: ['images'] })).toMatchObject({
        operation: 'unchanged',
        number: 1,
        verified: commitVia === 'api' ? true : null,
      });
    expect(forge.writes()).toEqual([]);
    expect(await head('holdfast/main')).toBe(first);
    expect(repository.pulls).toHaveLength(1);
    expect(await forge.git(repository, ['rev-list', '--count', 'main..holdfast/main'])).toBe('1');
  }, 60_000);

  it('is updated in place when there is more to change, and still has one commit', async () => {
    const { repository, run } = await start();
    await run([nginx], via);
    expect(await run([nginx, busybox], via)).toMatchObject({ operation: 'updated', number: 1 });
    expect(await forge.git(repository, ['rev-list', '--count', 'main..holdfast/main'])).toBe('1');
    expect(await forge.git(repository, ['diff', '--name-only', 'main', 'holdfast/main'])).toBe(
      'apps/web.yaml\njobs/clean.yaml',
    );
    expect(pull(repository, 1).title).toBe('Use the backups of 2 images');
  });

  it('moves on top of the base when the base moves', async () => {
    const { repository, url, run, head } = await start();
    await run([nginx], via);
    await personCommits(url, 'main', 'README.md', 'hello\n');
    expect(await run([nginx], via)).toMatchObject({ operation: 'updated', number: 1 });
    expect(await forge.git(repository, ['rev-parse', 'holdfast/main^'])).toBe(await head('main'));
  });

  it('is closed with the reason, and its branch deleted, when nothing is left to change', async () => {
    const { repository, run, head } = await start();
    await run([nginx], via);
    expect(await run([], via)).toMatchObject({ operation: 'closed', number: 1 });
    expect(pull(repository, 1)).toMatchObject({ state: 'closed', merged: null });
    expect(pull(repository, 1).comments[0]?.body).toContain('nothing is left to change');
    expect(await head('holdfast/main')).toBeNull();
    forge.forgetRequests();
    expect(await run([], via)).toMatchObject({ operation: 'none' });
    expect(forge.writes()).toEqual([]);
  });
});

describe('the life of a pull request', () => {
  it('comes back as a new request after it was closed for having nothing to change', async () => {
    const { repository, run } = await start();
    await run([nginx]);
    await run([]);
    expect(await run([nginx])).toMatchObject({ operation: 'created', number: 2 });
    expect(pull(repository, 1).state).toBe('closed');
  });

  it('says why it is closed, where that is another reason', async () => {
    const { repository, run } = await start();
    await run([nginx]);
    const proposal = await run([], { explainClosing: async () => 'Closed: it is in another request.' });
    expect(proposal).toMatchObject({ operation: 'closed' });
    expect(pull(repository, 1).comments[0]?.body).toMatch(/^Closed: it is in another request\.\n/);
  });

  it('is left alone when a person committed to its branch, and says so once', async () => {
    const { repository, url, run, head } = await start();
    await run([nginx]);
    await personCommits(url, 'holdfast/main', 'apps/web.yaml', 'spec:\n  image: mine\n');
    expect(await run([nginx, busybox])).toMatchObject({
      operation: 'held',
      reason: 'person-committed',
      number: 1,
      warnings: [],
    });
    await personCommits(url, 'holdfast/main', 'apps/web.yaml', 'spec:\n  image: mine-too\n');
    const theirs = await head('holdfast/main');
    expect(await run([nginx, busybox])).toMatchObject({ operation: 'held', commit: theirs });
    expect(await head('holdfast/main')).toBe(theirs);
    expect(pull(repository, 1)).toMatchObject({ state: 'open', labels: [] });
    expect(pull(repository, 1).comments).toHaveLength(1);
    expect(pull(repository, 1).comments[0]?.body).toContain('tick the box in the description');
  });

  it("is never closed over a person's commits: it is labelled as abandoned, once", async () => {
    const { repository, url, run } = await start();
    await run([nginx]);
    await personCommits(url, 'holdfast/main', 'more.txt', 'more\n');
    expect(await run([])).toMatchObject({ operation: 'held', reason: 'person-committed', warnings: [] });
    const request = pull(repository, 1);
    expect(request).toMatchObject({ state: 'open', labels: ['abandoned'] });
    expect(request.comments[0]?.body).toMatch(/^Nothing is left to change here, but the branch/);
    forge.forgetRequests();
    await run([]);
    expect(forge.writes()).toEqual([]);
    await run([nginx, busybox]);
    expect(request).toMatchObject({ state: 'open', labels: [] });
    await run([]);
    expect(request.labels).toEqual([]);
    expect(request.comments).toHaveLength(2);
  });

  it.each([
    { left: [nginx, busybox], operation: 'updated', commits: '1' },
    { left: [], operation: 'closed', commits: null },
  ])("is $operation over a person's commits when a person ticks the box for it", async (expected) => {
    const { repository, url, api, run } = await start();
    await run([nginx]);
    await personCommits(url, 'holdfast/main', 'more.txt', 'more\n');
    await run([nginx]);
    const body = pull(repository, 1).body?.replace('- [ ] <!-- holdfast', '- [x] <!-- holdfast');
    await forge.asPerson('PATCH', `${api}/pulls/1`, { body });
    expect(await run(expected.left)).toMatchObject({ operation: expected.operation, number: 1 });
    const count = ['rev-list', '--count', 'main..holdfast/main'];
    expect(await forge.git(repository, count).catch(() => null)).toBe(expected.commits);
    expect(pull(repository, 1).body).not.toContain('[x]');
  });

  it('is left alone when a person amended our own commit', async () => {
    const { url, run, head } = await start();
    await run([nginx]);
    const folder = await cloneInto(forge.root, url, tokens.person, '--branch', 'holdfast/main');
    await writeFile(join(folder, 'apps/web.yaml'), 'spec:\n  image: mine\n');
    await git(folder, ['commit', '--quiet', '-a', '--amend', '--no-edit']);
    await git(folder, ['push', '--quiet', '--force'], tokens.person);
    const theirs = await head('holdfast/main');
    expect(await run([nginx, busybox])).toMatchObject({ operation: 'held', reason: 'person-committed' });
    expect(await head('holdfast/main')).toBe(theirs);
  });

  it('is left alone when a person slipped a commit below ours', async () => {
    const { url, run, head } = await start();
    await run([nginx]);
    const folder = await cloneInto(forge.root, url, tokens.person, '--branch', 'holdfast/main');
    const ours = await git(folder, ['rev-parse', 'HEAD']);
    await git(folder, ['reset', '--quiet', '--hard', 'HEAD^']);
    await writeFile(join(folder, 'mine.txt'), 'mine\n');
    await git(folder, ['add', 'mine.txt']);
    await git(folder, ['commit', '--quiet', '-m', 'Mine']);
    await git(folder, ['cherry-pick', ours]);
    await git(folder, ['push', '--quiet', '--force'], tokens.person);
    const theirs = await head('holdfast/main');
    expect(await run([nginx])).toMatchObject({ operation: 'held', reason: 'person-committed' });
    expect(await head('holdfast/main')).toBe(theirs);
  });

  it('is not proposed again when a person closed the same content, whatever its digests', async () => {
    const { repository, api, run } = await start();
    await run([nginx]);
    await forge.asPerson('PATCH', `${api}/pulls/1`, { state: 'closed' });
    forge.forgetRequests();
    const proposal = await run([{ ...nginx, digest: 'cd' }]);
    expect(proposal).toMatchObject({ operation: 'held', reason: 'person-closed', number: 1 });
    expect(forge.writes()).toEqual([]);
    expect(repository.pulls).toHaveLength(1);
  });

  it('is not proposed again when somebody wrote below our note before it was closed', async () => {
    const { repository, api, run } = await start();
    await run([nginx]);
    const { body } = pull(repository, 1);
    await forge.asPerson('PATCH', `${api}/pulls/1`, { body: `${body}\nNo, thank you.\n`, state: 'closed' });
    expect(await run([nginx])).toMatchObject({ operation: 'held', reason: 'person-closed', number: 1 });
    expect(repository.pulls).toHaveLength(1);
  });

  it('keeps what others write below our note, and does not write because of it', async () => {
    const { repository, api, run } = await start();
    await run([nginx]);
    const theirs = 'Summary by a bot.\n\n- one line';
    const { body } = pull(repository, 1);
    await forge.asPerson('PATCH', `${api}/pulls/1`, { body: `${body}\n${theirs}\n` });
    forge.forgetRequests();
    expect(await run([nginx])).toMatchObject({ operation: 'unchanged' });
    expect(forge.writes()).toEqual([]);
    expect(await run([nginx, busybox])).toMatchObject({ operation: 'updated' });
    expect(pull(repository, 1).body).toMatch(/ open -->\n\nSummary by a bot\.\n\n- one line\n$/);
    expect(await run([])).toMatchObject({ operation: 'closed' });
    expect(pull(repository, 1).body).toMatch(/ closed -->\n\nSummary by a bot\.\n\n- one line\n$/);
  });

  it('is proposed again, as a new request, when the content differs from what a person closed', async () => {
    const { repository, api, run } = await start();
    await run([nginx]);
    await forge.asPerson('PATCH', `${api}/pulls/1`, { state: 'closed' });
    expect(await run([nginx, busybox])).toMatchObject({ operation: 'created', number: 2 });
    expect(pull(repository, 1)).toMatchObject({ state: 'closed', merged: null });
    expect(pull(repository, 2).body).toContain('This comes after #1, which was closed unmerged.');
    expect(await run([nginx, busybox])).toMatchObject({ operation: 'unchanged', number: 2 });
  });

  it('is proposed again when the same content was closed, if that is asked for', async () => {
    const { api, run } = await start();
    await run([nginx]);
    await forge.asPerson('PATCH', `${api}/pulls/1`, { state: 'closed' });
    expect(await run([nginx], { recreateClosed: 'always' })).toMatchObject({
      operation: 'created',
      number: 2,
    });
  });

  it.each(['merge', 'squash'])(
    'has nothing to do after a %s that left the branch, and then goes on',
    async (method) => {
      const { repository, api, run } = await start();
      await run([nginx]);
      await forge.asPerson('PUT', `${api}/pulls/1/merge`, { merge_method: method });
      forge.forgetRequests();
      expect(await run([])).toMatchObject({ operation: 'none' });
      expect(forge.writes()).toEqual([]);
      expect(await run([busybox])).toMatchObject({ operation: 'created', number: 2 });
      expect(await forge.git(repository, ['rev-list', '--count', 'main..holdfast/main'])).toBe('1');
    },
  );

  it('writes over a branch that a person committed to before it was merged', async () => {
    const { url, api, run } = await start();
    await run([nginx]);
    await personCommits(url, 'holdfast/main', 'more.txt', 'more\n');
    await forge.asPerson('PUT', `${api}/pulls/1/merge`, { merge_method: 'squash' });
    expect(await run([busybox])).toMatchObject({ operation: 'created', number: 2 });
  });

  it('leaves a branch of its name alone that something else made', async () => {
    const { url, run, head } = await start();
    const folder = await cloneInto(forge.root, url, tokens.person);
    await git(folder, ['checkout', '--quiet', '-b', 'holdfast/main']);
    await git(folder, ['commit', '--quiet', '--allow-empty', '-m', 'Mine']);
    await git(folder, ['push', '--quiet', 'origin', 'holdfast/main'], tokens.person);
    const theirs = await head('holdfast/main');
    expect(await run([nginx])).toMatchObject({
      operation: 'held',
      reason: 'branch-taken',
      number: null,
    });
    expect(await head('holdfast/main')).toBe(theirs);
  });

  it('pushes the branch and names link and setting where Actions may not create pull requests', async () => {
    const { repository, run, head } = await start();
    const proposal = await run([nginx], {}, tokens.actions);
    expect(proposal).toMatchObject({
      operation: 'pushed',
      compareUrl: `${forge.url}/acme/${repository.name}/compare/main...holdfast/main?expand=1`,
    });
    expect(proposal.operation === 'pushed' && proposal.explanation).toContain(
      '"Allow GitHub Actions to create and approve pull requests"',
    );
    expect(proposal.operation === 'pushed' && proposal.explanation).not.toContain('/compare/');
    expect(await head('holdfast/main')).toBe(proposal.commit);
    forge.forgetRequests();
    await run([nginx], {}, tokens.actions);
    expect(forge.writes()).toEqual([`POST /repos/acme/${repository.name}/pulls`]);
  });

  it('sets labels, reviewers, teams, assignees, milestone and draft once; what cannot be set is a warning', async () => {
    const { repository, run } = await start();
    repository.people.push('jane');
    repository.milestones.push(3);
    const wanted = {
      labels: ['images', 'backup'],
      reviewers: ['jane'],
      teamReviewers: ['nobody'],
      assignees: ['jane'],
      milestone: 3,
      draft: true,
    };
    const proposal = await run([nginx], wanted);
    expect(proposal.operation).toBe('created');
    expect(proposal.warnings).toHaveLength(1);
    expect(proposal.warnings[0]).toMatch(
      /^Pull request #1: could not ask the teams nobody for a review\. .*only be requested from collaborators/,
    );
    const made = pull(repository, 1);
    expect(made).toMatchObject({
      labels: ['images', 'backup'],
      reviewers: ['jane'],
      assignees: ['jane'],
      milestone: 3,
      draft: true,
    });
    made.labels = [];
    await run([nginx], wanted);
    expect(made.labels).toEqual([]);
  });

  it('is no draft where the repository has none, and says so', async () => {
    const { repository, run } = await start();
    repository.offersDrafts = false;
    const proposal = await run([nginx], { draft: true });
    expect(proposal).toMatchObject({ operation: 'created', number: 1 });
    expect(proposal.warnings).toEqual([expect.stringContaining('no draft pull requests')]);
    expect(pull(repository, 1)).toMatchObject({ state: 'open', draft: false });
    expect(await run([nginx], { draft: true })).toMatchObject({ operation: 'unchanged', warnings: [] });
  });

  it('is by one identity, which can be another one, and says so when GitHub does not vouch for it', async () => {
    const { repository, run, head } = await start();
    const by = async () =>
      forge.git(repository, ['log', '-1', '--format=%an <%ae> %cn <%ce>', 'holdfast/main']);
    await run([nginx]);
    const ours = 'holdfast[bot] <holdfast[bot]@users.noreply.github.com>';
    expect(await by()).toBe(`${ours} ${ours}`);
    await run([nginx, busybox], { author: { name: 'Backup Bot', email: 'bot@acme.example' } });
    expect(await by()).toBe('Backup Bot <bot@acme.example> Backup Bot <bot@acme.example>');
    const proposal = await run([busybox], { commitVia: 'api' }, tokens.person);
    expect(proposal).toMatchObject({ operation: 'updated', verified: false });
    expect(proposal.warnings).toEqual([
      expect.stringMatching(/^GitHub does not vouch for the commit \w{12} \(it is unverified\)/),
    ]);
    expect(proposal.warnings[0]).toContain((await head('holdfast/main'))?.slice(0, 12));
    const again = await run([busybox], { commitVia: 'api' }, tokens.person);
    expect(again).toMatchObject({ operation: 'unchanged', verified: false, warnings: [] });
  });

  it('says in a dry run what it would do, and does nothing', async () => {
    const { repository, run, head } = await start();
    const said: string[] = [];
    const proposal = await run([nginx], {
      labels: ['images'],
      dryRun: true,
      onStep: ({ sentence, dryRun }) => void said.push(`${dryRun} ${sentence}`),
    });
    expect(proposal).toMatchObject({ operation: 'created', number: null, url: null });
    expect(said.map((line) => line.split(' ').slice(0, 3).join(' '))).toEqual([
      'true write a',
      'true create the',
      'true open a',
      'true set the',
    ]);
    expect(forge.writes()).toEqual([]);
    expect(await head('holdfast/main')).toBeNull();
    expect(repository.pulls).toEqual([]);
  });

  it('keeps a branch and a request for each directory', async () => {
    const { repository, folder } = await start();
    for (const [group, move] of [
      ['apps', nginx],
      ['jobs', busybox],
    ] as const)
      await runPropose(forge, { folder, changeSet: sampleChangeSet([move]), group });
    expect(repository.pulls.map(({ branch }) => branch)).toEqual([
      'holdfast/main--apps',
      'holdfast/main--jobs',
    ]);
  });
});
