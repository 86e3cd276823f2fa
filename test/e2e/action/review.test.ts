import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  type ActionWorld,
  type PullRequestFacts,
  startActionWorld,
  web,
} from '../../support/action-world.ts';
import { findLeaks } from '../../support/find-leaks.ts';
import { tokens } from '../../support/github.ts';

let world: ActionWorld;
beforeAll(async () => {
  world = await startActionWorld();
});
afterAll(() => world.close());

const place = 'backup.example/prefix/docker.io/library';

/** A repository with one file, and a pull request that changes it. */
async function propose(before: string, after: string, facts: PullRequestFacts = {}) {
  const worked = await world.createRepository({ 'k8s/web.yaml': before });
  await worked.commit('more', { 'k8s/web.yaml': after });
  const { merge, payload } = await worked.openPullRequest('more', facts);
  const pull = worked.repository.pulls[0];
  if (!pull) throw new Error('no pull request');
  const check = (
    inputs: Record<string, string> = {},
    more: { token?: string; env?: Record<string, string> } = {},
  ) => worked.run({ event: 'pull_request', payload, checkout: { detached: merge }, inputs, ...more });
  return { ...worked, payload, pull, check };
}

describe.concurrent('the bundle on pull_request', { timeout: 60_000 }, () => {
  it('fails for the image that the request adds, comments once, and resolves the comment when it is gone', async () => {
    const { repository, commit, run, payload, pull, check } = await propose(
      web('nginx:1.25'),
      web('nginx:1.25', 'redis:7'),
    );
    const first = await check();
    expect(first.log).toContain('mode: check (a pull request)');
    expect(first.code).toBe(1);
    expect(first.log.match(/^::(error|warning) /gm)).toHaveLength(1);
    expect(first.log).toMatch(
      /^::error file=k8s\/web\.yaml,line=11,col=18,title=holdfast::redis:7 is not backed up/m,
    );
    expect(first.outputs).toMatchObject({ problems: '2', 'images-found': '2' });
    const sarif = JSON.parse(await readFile(first.outputs['sarif'] ?? '', 'utf8'));
    expect(sarif.runs[0].results).toHaveLength(2);
    expect(await findLeaks(first.home, first.log + first.summary, Object.values(tokens))).toEqual([]);
    expect(pull.comments).toHaveLength(1);
    expect(pull.comments[0]?.body).toContain('| `k8s/web.yaml:11` | `redis:7` |');
    expect(pull.comments[0]?.body).not.toContain('nginx');

    const before = world.writesTo(repository).length;
    await check();
    expect(world.writesTo(repository).slice(before)).toEqual([]);

    await commit('more', { 'k8s/web.yaml': web('nginx:1.25'), 'readme.md': 'no image\n' });
    const clean = await run({
      event: 'pull_request',
      payload,
      checkout: { detached: 'refs/heads/more' },
    });
    expect(clean.code).toBe(0);
    expect(pull.comments).toHaveLength(1);
    expect(pull.comments[0]?.body).toContain('every image that this pull request adds is backed up');
  });

  it('is silent when the request adds nothing: no annotation, no comment, no write', async () => {
    const { repository, pull, check } = await propose(web('nginx:1.25'), `# the shop\n${web('nginx:1.25')}`);
    const before = world.writesTo(repository).length;
    const { code, log, outputs } = await check();
    expect(code).toBe(0);
    expect(log).not.toMatch(/^::(error|warning|notice)/m);
    expect(outputs).toMatchObject({ problems: '1' });
    expect(world.writesTo(repository).slice(before)).toEqual([]);
    expect(pull.comments).toEqual([]);
  });

  it('suggests the backup on the line, once, when the copy is there', async () => {
    const { repository, pull, check } = await propose(web('busybox:1.36'), web('busybox:1.36', 'httpd:2'));
    const copied = await check({ 'copy-on-pr': 'true', suggestions: 'false' });
    expect(copied.outputs).toMatchObject({ 'images-copied': '2' });
    expect(pull.reviews).toEqual([]);
    await check();
    expect(pull.reviews.flatMap(({ comments }) => comments)).toMatchObject([
      { path: 'k8s/web.yaml', line: 11, startLine: null },
    ]);
    const body = pull.reviews[0]?.comments[0]?.body ?? '';
    expect(body).toMatch(
      new RegExp(`^\`\`\`suggestion\\n {10}image: ${place}/httpd:2@sha256:\\w{64}\\n\`\`\`$`, 'm'),
    );
    const before = world.writesTo(repository).length;
    await check();
    expect(world.writesTo(repository).slice(before)).toEqual([]);
  });

  it('suggests an image in several keys as one, where its lines stand in one hunk', async () => {
    const values = (gap: number) =>
      [
        'image:',
        '  registry: docker.io',
        ...Array.from({ length: gap }, (_, index) => `  key${index}: x`),
        '  repository: library/caddy',
        '  tag: "2"',
        '',
      ].join('\n');
    const { commit, openPullRequest, run, repository } = await world.createRepository({
      'near/values.yaml': 'replicas: 1\n',
      'far/values.yaml': values(10),
    });
    const changed = values(10).replace('docker.io', '""').replace('library/', 'docker.io/library/');
    await commit('more', { 'near/values.yaml': `replicas: 1\n${values(1)}`, 'far/values.yaml': changed });
    const { merge, payload } = await openPullRequest('more');
    const { log } = await run({
      event: 'pull_request',
      payload,
      checkout: { detached: merge },
      inputs: { 'copy-on-pr': 'true' },
    });
    expect(log).toContain('made 1 suggestion on the pull request');
    const [comment, ...others] = repository.pulls[0]?.reviews.flatMap(({ comments }) => comments) ?? [];
    expect(others).toEqual([]);
    expect(comment).toMatchObject({ path: 'near/values.yaml', startLine: 3, line: 5 });
    const lines = /```suggestion\n([\s\S]*)\n```/.exec(comment?.body ?? '')?.[1]?.split('\n');
    expect(lines).toEqual([
      '  registry: backup.example',
      '  key0: x',
      '  repository: prefix/docker.io/library/caddy',
    ]);
  });

  it('suggests in each line that names the image, and takes back what is not true any more', async () => {
    const { pull, commit, payload, run, check } = await propose(
      web('nginx:1.25'),
      web('nginx:1.25', 'mariadb:11', 'mariadb:11'),
    );
    await check({ 'copy-on-pr': 'true' });
    const lines = () => pull.reviews.flatMap(({ comments }) => comments.map(({ line }) => line));
    expect(lines()).toEqual([11, 13]);
    const text = web('nginx:1.25', 'mariadb:11', 'postgres:17');
    const head = await commit('more', { 'k8s/web.yaml': text });
    const { pull_request: facts, ...rest } = payload as { pull_request: { head: object } };
    const next = { ...rest, pull_request: { ...facts, head: { ...facts.head, sha: head } } };
    const again = await run({
      event: 'pull_request',
      payload: next,
      checkout: { detached: 'refs/heads/more' },
    });
    expect(again.log).toContain('took back 1 suggestion of an earlier run');
    expect(lines()).toEqual([11]);
  });

  it('keeps one comment for each of two steps that look at other paths', async () => {
    const { pull, check } = await propose(web('nginx:1.25'), web('nginx:1.25', 'redis:7'));
    for (const paths of ['k8s/**', 'other/**', '', 'k8s/**']) await check({ paths });
    expect(pull.comments.map(({ body }) => body.split('\n')[0])).toEqual([
      '**holdfast** found 1 problem in this pull request.',
      '**holdfast** found 1 problem in this pull request.',
    ]);
    expect(pull.comments.map(({ updated, created }) => updated === created)).toEqual([true, true]);
  });

  it('fails for a backup that an updater named and nobody copied, and copies it for a trusted author', async () => {
    const after = web(`${place}/nginx:1.26`);
    const facts = { author: 'renovate[bot]', association: 'NONE' };
    const { check } = await propose(web(`${place}/nginx:1.25`), after, facts);
    const missing = await check({ 'copy-on-pr': 'true' });
    expect(missing.code).toBe(1);
    expect(missing.log).toMatch(/^::error .*nginx:1\.26 is not there/m);
    const copied = await check({ 'copy-on-pr': 'true', 'trusted-authors': 'Renovate[bot]' });
    expect(copied.code).toBe(0);
    expect(copied.outputs).toMatchObject({ 'images-copied': '1' });
    expect((await check()).code).toBe(0);
  });

  it('reads the configuration from the base, so that a request cannot exclude its own images', async () => {
    const { commit, openPullRequest, run } = await world.createRepository({
      'k8s/web.yaml': web('nginx:1.25'),
    });
    await commit('more', {
      '.holdfast.yaml': 'backup: evil.example/x\nexclude: { images: ["**"] }\n',
      'k8s/web.yaml': web('nginx:1.25', 'redis:7'),
    });
    const { merge, payload } = await openPullRequest('more');
    const { code, log } = await run({ event: 'pull_request', payload, checkout: { detached: merge } });
    expect(code).toBe(1);
    expect(log).toMatch(/^::error .*redis:7 is not backed up/m);
  });

  it('fails for a manifest that the request breaks, and not for one that was broken before', async () => {
    const broken = 'apiVersion: v1\nkind: Pod\nspec:\n  containers:\n    - image: "nginx:1.25\n';
    const { commit, openPullRequest, run } = await world.createRepository({
      'k8s/web.yaml': web('nginx:1.25'),
      'k8s/old.yaml': broken,
    });
    await commit('more', { 'k8s/web.yaml': broken, 'k8s/old.yaml': `\n${broken}` });
    const { merge, payload } = await openPullRequest('more');
    const { code, log } = await run({ event: 'pull_request', payload, checkout: { detached: merge } });
    expect(code).toBe(1);
    expect(new Set(log.match(/^::(?:error|warning) file=[^,]*/gm))).toEqual(
      new Set(['::error file=k8s/web.yaml']),
    );
  });

  it('passes with a notice where the base names no backup yet', async () => {
    const worked = await world.createRepository({
      '.holdfast.yaml': '{}\n',
      'k8s/web.yaml': web('nginx:1.25'),
    });
    await worked.commit('more', { '.holdfast.yaml': 'backup: backup.example/prefix\n' });
    const { merge, payload } = await worked.openPullRequest('more');
    const { code, log } = await worked.run({ event: 'pull_request', payload, checkout: { detached: merge } });
    expect(code).toBe(0);
    expect(log).toMatch(/^::notice .*does not name a backup yet/m);
  });

  it('falls back to annotations and summary where the token may not comment, with the same result', async () => {
    const { pull, check } = await propose(web('nginx:1.25'), web('nginx:1.25', 'redis:7'));
    const { code, log, summary } = await check({}, { token: tokens.reader });
    expect(code).toBe(1);
    expect(log.match(/^::error file=/gm)).toHaveLength(1);
    expect(log).toMatch(/^without the comment: /m);
    expect(summary).toContain('`redis:7`');
    expect(pull.comments).toEqual([]);
  });

  it('cannot be made to obey a manifest or its name: commands, mentions and markup come out as text', async () => {
    const evil = '"x/y:1\\n::error::pwned\\n##[error]pwned @everyone <!-- -->"';
    const path = 'k8s/##[error]@everyone`<!--,::error::x.yaml';
    const { commit, openPullRequest, run, repository } = await world.createRepository({
      'k8s/web.yaml': web('nginx:1.25'),
    });
    await commit('more', { [path]: web('redis:7', evil) });
    const { merge, payload } = await openPullRequest('more');
    const { log, summary, code } = await run({
      event: 'pull_request',
      payload,
      checkout: { detached: merge },
    });
    expect(code).toBe(1);
    const commands = log.split('\n').filter((line) => /^\s*::|##\[/.test(line));
    expect(commands.filter((line) => !/^::(?:add-mask|group|endgroup|debug)::/.test(line))).toEqual([
      expect.stringMatching(
        /^::error file=k8s\/##\[error\]@everyone`<!--%2C%3A%3Aerror%3A%3Ax\.yaml,line=9,/,
      ),
      expect.stringMatching(/^::error::1 problem to mend/),
    ]);
    for (const text of [summary, repository.pulls[0]?.comments[0]?.body ?? '']) {
      const markup = text
        .replace(/^```+diff\n[\s\S]*?^```+$/gm, '')
        .replace(/(`+)[^`](?:.*?[^`])?\1(?!`)/g, '');
      expect(markup.replace(/<!-- holdfast review \w+ -->/, '')).not.toMatch(/@everyone|<!--|##\[/);
    }
  });

  it('counts only what the request changes, when its head is checked out and the base has moved on', async () => {
    const { commit, openPullRequest, run } = await world.createRepository({
      'k8s/web.yaml': web('nginx:1.25'),
      'k8s/other.yaml': web('nginx:1.25', 'redis:7'),
    });
    await commit('more', { 'k8s/web.yaml': web('nginx:1.25', 'alpine:3') });
    await commit('main', { 'k8s/other.yaml': web('nginx:1.25') });
    const { payload } = await openPullRequest('more');
    const { log, outputs } = await run({
      event: 'pull_request',
      payload,
      checkout: { detached: 'refs/heads/more' },
    });
    expect(log).toMatch(/^::error .*alpine:3 is not backed up/m);
    expect(log).not.toContain('redis');
    expect(outputs).toMatchObject({ 'images-found': '2' });
  });
});

describe.concurrent('the bundle on pull requests without secrets', { timeout: 60_000 }, () => {
  const restricted: readonly [string, PullRequestFacts, Record<string, string>][] = [
    ['a fork', { from: 'stranger/shop' }, {}],
    ['Dependabot', { author: 'dependabot[bot]' }, { GITHUB_ACTOR: 'dependabot[bot]' }],
  ];

  it.each(restricted)('checks a request of %s from names alone', async (who, facts, env) => {
    const name = `only-${restricted.findIndex(([other]) => other === who)}`;
    const backups = web(`${place}/${name}:1`, 'nginx:1.25');
    const { repository, check } = await propose(
      web('nginx:1.25'),
      backups.replace('nginx:1.25', 'redis:7'),
      facts,
    );
    const before = world.writesTo(repository).length;
    const { code, log, outputs } = await check({ 'copy-on-pr': 'true' }, { token: tokens.reader, env });
    expect(log).toContain('mode: check (a pull request from a fork or by Dependabot)');
    expect(code).toBe(1);
    expect(log.match(/^::\w+ file=.*$/gm)).toEqual([
      expect.stringMatching(/^::error file=k8s\/web\.yaml,line=11,.*redis:7 is not backed up/),
      expect.stringMatching(
        new RegExp(
          `^::warning file=k8s/web\\.yaml,line=9,.*${place}/${name}:1 may not be there: it is not in the lock`,
        ),
      ),
    ]);
    expect(outputs['report']).toMatch(/report\.json$/);
    expect(world.writesTo(repository).slice(before)).toEqual([]);
    expect(world.backup.requests.filter(({ path }) => path.includes(name))).toEqual([]);
  });

  it('refuses pull_request_target with the reason', async () => {
    const { openPullRequest, commit, run } = await world.createRepository({
      'k8s/web.yaml': web('nginx:1.25'),
    });
    await commit('more', { 'k8s/web.yaml': web('nginx:1.25', 'redis:7') });
    const { payload } = await openPullRequest('more', { from: 'stranger/shop' });
    const { code, log } = await run({ event: 'pull_request_target', payload });
    expect(code).toBe(1);
    expect(log).toContain(
      'holdfast does not run on pull_request_target: there it would read files of strangers',
    );
  });
});

describe.concurrent('the bundle on other events', { timeout: 60_000 }, () => {
  it('checks everything on a schedule when it is asked to, within the annotations that GitHub shows', async () => {
    const images = Array.from({ length: 12 }, (_, index) => `image-${index}:1`);
    const { run } = await world.createRepository({ 'k8s/web.yaml': web(...images) });
    const { code, log, outputs } = await run({
      event: 'schedule',
      inputs: { mode: 'check', 'fail-on': 'none' },
    });
    expect(code).toBe(0);
    expect(log.match(/^::warning .*/gm)).toHaveLength(7);
    expect(log).toContain('::warning title=holdfast::6 more problems not shown here');
    expect(outputs).toMatchObject({ problems: '12', 'images-found': '12' });
    const sarif = JSON.parse(await readFile(outputs['sarif'] ?? '', 'utf8'));
    expect(sarif.runs[0].results).toHaveLength(12);
  });

  it('checks a merge queue without a word to GitHub', async () => {
    const { repository, commit, run } = await world.createRepository({ 'k8s/web.yaml': web('nginx:1.25') });
    const base = await world.forge.git(repository, ['rev-parse', 'main']);
    const head = await commit('gh-readonly-queue/main/pr-1', {
      'k8s/web.yaml': web('nginx:1.25', 'redis:7'),
    });
    const before = world.writesTo(repository).length;
    const { code, log } = await run({
      event: 'merge_group',
      payload: { action: 'checks_requested', merge_group: { base_sha: base, head_sha: head } },
      checkout: { detached: 'refs/heads/gh-readonly-queue/main/pr-1' },
    });
    expect(log).toContain('mode: check (a merge queue)');
    expect(log).toMatch(/^::error file=k8s\/web\.yaml,line=11/m);
    expect(code).toBe(1);
    expect(world.writesTo(repository).slice(before)).toEqual([]);
  });

  it('takes everything for new on a push whose former commit is gone, and says so', async () => {
    const { commit, run } = await world.createRepository({ 'k8s/web.yaml': web('nginx:1.25') });
    const after = await commit('feature', { 'k8s/web.yaml': web('nginx:1.25', 'redis:7') });
    const { code, log } = await run({
      event: 'push',
      payload: {
        ref: 'refs/heads/feature',
        before: 'd'.repeat(40),
        after,
        forced: true,
        repository: { default_branch: 'main' },
      },
      checkout: { branch: 'feature' },
    });
    expect(code).toBe(1);
    expect(log).toMatch(/^::warning .*The commit dddddddddddd of before this push is gone/m);
    expect(log.match(/^::error file=.*$/gm)).toHaveLength(2);
  });

  it('checks a push to a branch that is not the base, against what was there before', async () => {
    const { repository, commit, run } = await world.createRepository({ 'k8s/web.yaml': web('nginx:1.25') });
    const before = await world.forge.git(repository, ['rev-parse', 'main']);
    const after = await commit('feature', { 'k8s/web.yaml': web('nginx:1.25', 'redis:7') });
    const { code, log } = await run({
      event: 'push',
      payload: { ref: 'refs/heads/feature', before, after, repository: { default_branch: 'main' } },
      checkout: { branch: 'feature' },
    });
    expect(log).toContain('mode: check (a push to something else than the base branch main)');
    expect(log.match(/^::error file=.*$/gm)).toHaveLength(1);
    expect(code).toBe(1);
    expect(repository.pulls).toEqual([]);
  });
});
