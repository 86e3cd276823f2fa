import { mkdtempSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { baseFiles } from '../../src/forge/base-files.ts';
import { openGit } from '../../src/forge/git.ts';
import { parseCommit } from '../../src/forge/remote-branches.ts';
import { useFolder } from '../support/use-folder.ts';

const root = useFolder('base-files');

it('are written a part at a time, so that memory does not hold a whole repository', async () => {
  const git = openGit(root.path, { environment: process.env, token: null }, null);
  await git.run(['init', '--quiet', '--bare', '.']);
  const blob = await git.run(['hash-object', '-w', '--stdin'], { input: Buffer.from('text\n') });
  const lines = Array.from({ length: 1200 }, (_, index) => `100644 blob ${blob}\t${index}.yaml\n`);
  const tree = await git.run(['mktree'], { input: Buffer.from(lines.join('')) });
  const folder = mkdtempSync(join(root.path, 'base-'));
  const written: number[] = [];
  const watched: typeof git = {
    ...git,
    catFiles(ids) {
      written.push(readdirSync(folder).length);
      return git.catFiles(ids);
    },
  };
  const commit = parseCommit('0'.repeat(40), `tree ${tree}\n\n`);
  await baseFiles(watched, commit).writeBase(folder);
  expect(written).toEqual([0, 0, 500, 1000]);
  expect(readdirSync(folder)).toHaveLength(1200);
  expect(readFileSync(join(folder, '1199.yaml'), 'utf8')).toBe('text\n');
});

it('never lead out of their folder, whatever a tree says', async () => {
  const git = openGit(root.path, { environment: process.env, token: null }, null);
  await git.run(['init', '--quiet', '--bare', '.']);
  const write = (type: string, input: Buffer) =>
    git.run(['hash-object', '-w', '--literally', '-t', type, '--stdin'], { input });
  const treeOf = (entries: readonly (readonly [mode: string, name: string, id: string])[]) =>
    write(
      'tree',
      Buffer.concat(
        entries.map(([mode, name, id]) =>
          Buffer.concat([Buffer.from(`${mode} ${name}\0`), Buffer.from(id, 'hex')]),
        ),
      ),
    );
  const blob = await write('blob', Buffer.from('text\n'));
  const inner = await treeOf([['100644', 'evil.yaml', blob]]);
  const tree = await treeOf([
    ['40000', '..', inner],
    ['100644', '../slash.yaml', blob],
    ['40000', '.GIT', inner],
    ['100644', 'good.yaml', blob],
  ]);
  const around = mkdtempSync(join(root.path, 'around-'));
  const folder = join(around, 'base');
  await baseFiles(git, parseCommit('0'.repeat(40), `tree ${tree}\n\n`)).writeBase(folder);
  expect(readdirSync(around, { recursive: true })).toEqual(['base', join('base', 'good.yaml')]);
});
