import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ForgeRepository } from '../../src/embedded/index.ts';
import { type SampleMove, sampleChangeSet } from '../support/git-change-set.ts';
import { cloneInto, git } from '../support/git-checkout.ts';
import { startTestForge, stopTestForge, type TestForge, tokens } from '../support/github.ts';
import type { ChildTask } from '../support/github-child.ts';
import { bundleChild, runInChild, runPropose } from '../support/github-run.ts';

const web = 'image: nginx:1.25\n';
const moves: readonly SampleMove[] = [{ file: 'web.yaml', before: web, image: 'nginx:1.25' }];

let forge: TestForge;
let program: string;
let names = 0;
beforeAll(async () => {
  forge = await startTestForge();
  program = await bundleChild(forge);
});
afterAll(() => stopTestForge(forge));

async function start(commitVia: ChildTask['commitVia']) {
  const repository = await forge.createRepository(`acme/kill-${(names += 1)}`, { 'web.yaml': web });
  const folder = await cloneInto(forge.root, forge.cloneUrl(repository), tokens.bot);
  const run = (killBefore: string | null, change: readonly SampleMove[] = moves) => {
    const task: ChildTask = {
      folder,
      apiUrl: forge.apiUrl,
      moves: change,
      labels: ['images'],
      commitVia,
      killBefore,
    };
    return runInChild(program, task, tokens.bot);
  };
  return { repository, folder, run };
}

/** All that a person or the next run can see, save for the ids of commits, which have GitHub's dates. */
async function seen(repository: ForgeRepository) {
  return {
    branches: await forge.git(repository, ['for-each-ref', '--format=%(refname) %(tree) %(parent)']),
    pulls: repository.pulls.map(({ title, body, state, branch, head, labels, comments }) => ({
      title,
      body: body?.replaceAll(head, 'HEAD'),
      state,
      branch,
      labels,
      comments: comments.map((comment) => comment.body),
    })),
  };
}

describe.each(['git', 'api'] as const)(
  'a run that is killed (SIGKILL) and started again (%s)',
  (commitVia) => {
    /** What is to be seen after a run that nobody killed. */
    let unharmed: Awaited<ReturnType<typeof seen>>;
    beforeAll(async () => {
      const whole = await start(commitVia);
      await whole.run(null);
      unharmed = await seen(whole.repository);
    }, 60_000);

    it.each(['write-commit', 'push', 'create', 'label', 'done'])(
      'ends with the same pull request when it is killed before the step "%s"',
      async (step) => {
        const killed = await start(commitVia);
        expect((await killed.run(step)).signal).toBe('SIGKILL');
        expect(await git(killed.folder, ['status', '--porcelain'])).toBe('');
        expect((await readdir(join(killed.folder, '.git'))).filter((name) => name.endsWith('.lock'))).toEqual(
          [],
        );
        expect((await killed.run(null)).code).toBe(0);
        expect(await seen(killed.repository)).toEqual(unharmed);
        expect(unharmed.pulls).toMatchObject([{ state: 'open', labels: ['images'] }]);
      },
      60_000,
    );

    it.each(['close', 'comment', 'delete-branch'])(
      'ends with the same closed request when it is killed before the step "%s"',
      async (step) => {
        const killed = await start(commitVia);
        const { folder } = killed;
        await runPropose(forge, {
          folder,
          changeSet: sampleChangeSet(moves),
          options: { labels: ['images'], commitVia },
        });
        expect((await killed.run(step, [])).signal).toBe('SIGKILL');
        expect(await runPropose(forge, { folder, changeSet: sampleChangeSet([]) })).toMatchObject({
          operation: step === 'close' ? 'closed' : 'none',
        });
        expect(await seen(killed.repository)).toMatchObject({
          branches: expect.not.stringContaining('holdfast'),
          pulls: [{ state: 'closed', comments: [expect.stringContaining('nothing is left to change')] }],
        });
      },
      60_000,
    );
  },
);
